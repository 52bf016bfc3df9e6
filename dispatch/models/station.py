"""Station rows."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.models.place import on_earth
from lastmile.kernel.clock import BusinessClock


def require_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"{value} is no time zone name; use one like Europe/Helsinki.")


class Units(models.TextChoices):
    METRIC = "metric", _("Kilometres and kilograms")
    IMPERIAL = "imperial", _("Miles and pounds")


class AfterFailure(models.TextChoices):
    """What day close does with an order that was attempted in vain."""

    NEXT_DAY = "next_day", _("Try again on the next opening day")
    WAIT = "wait", _("Wait for a decision")


class Demand(models.TextChoices):
    """Whether a kind of proof must be taken at the door."""

    OFF = "off", _("Not asked for")
    OPTIONAL = "optional", _("Optional")
    REQUIRED = "required", _("Required")


def every_day() -> list[int]:
    """Monday (0) to Saturday (5)."""
    return [0, 1, 2, 3, 4, 5]


def at_night() -> list[Any]:
    """From, until, percent of the free speed on main, through and local roads, whether on working days only."""
    return ["22:00", "06:00", 112, 108, 103, False]


def in_the_morning() -> list[Any]:
    return ["07:00", "09:30", 75, 80, 92, True]


def at_midday() -> list[Any]:
    return ["09:30", "15:00", 92, 94, 97, False]


def in_the_evening() -> list[Any]:
    return ["15:00", "18:30", 70, 77, 90, True]


class Station(models.Model):
    """A depot that sorts and dispatches, with its clock, its money and its operating policy."""

    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    city = models.CharField(max_length=60, help_text="Name given to `manage.py city add`.")
    address = models.CharField(max_length=200, blank=True)
    lat = models.FloatField()
    lng = models.FloatField()
    time_zone = models.CharField(max_length=40, default="UTC", validators=[require_zone])
    currency = models.CharField(max_length=3, default="EUR")
    language = models.CharField(max_length=8, default="en")
    units = models.CharField(max_length=8, choices=Units, default=Units.METRIC)
    active = models.BooleanField(default=True)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164: drivers and recipients call it.")
    email = models.EmailField(blank=True, help_text="Recipients' answers go here.")
    sandbox_of = models.OneToOneField(
        "self",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="sandbox",
        help_text="Set: a twin that only takes the trial orders of shops; nobody works there.",
    )

    open_days = models.JSONField(default=every_day, help_text="Weekdays it delivers on: 0 is Monday.")
    opens_at = models.TimeField(default=time(7))
    closes_at = models.TimeField(default=time(20))
    day_close_at = models.TimeField(
        default=time(23, 30), help_text="When the day is closed by itself, by the station's clock."
    )
    auto_close = models.BooleanField(default=True)
    after_failure = models.CharField(max_length=8, choices=AfterFailure, default=AfterFailure.NEXT_DAY)
    max_attempts = models.PositiveSmallIntegerField(
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
        help_text="After so many failed attempts an order waits for a decision.",
    )

    target_on_time_pct = models.PositiveSmallIntegerField(default=95, validators=[MaxValueValidator(100)])
    target_first_attempt_pct = models.PositiveSmallIntegerField(
        default=92, validators=[MaxValueValidator(100)]
    )
    target_delivered_pct = models.PositiveSmallIntegerField(default=97, validators=[MaxValueValidator(100)])
    target_stops_per_route = models.PositiveSmallIntegerField(null=True, blank=True)

    photo_proof = models.CharField(max_length=8, choices=Demand, default=Demand.OPTIONAL)
    signature_proof = models.CharField(max_length=8, choices=Demand, default=Demand.OPTIONAL)
    cost_order_cents = models.PositiveIntegerField(
        default=0, help_text="Handling at the station, each order."
    )
    cost_failed_cents = models.PositiveIntegerField(default=0, help_text="Each failed attempt.")

    keep_positions_days = models.PositiveSmallIntegerField(default=60, validators=[MinValueValidator(1)])
    keep_proofs_days = models.PositiveSmallIntegerField(default=365, validators=[MinValueValidator(1)])
    keep_people_days = models.PositiveSmallIntegerField(
        default=365,
        validators=[MinValueValidator(1)],
        help_text="Names, phones, addresses and notes of recipients, after the order's day.",
    )

    clock_wall = models.DateTimeField(default=timezone.now)
    clock_business = models.DateTimeField(default=timezone.now)
    clock_speed = models.FloatField(default=1.0, validators=[MinValueValidator(0.1), MaxValueValidator(600)])

    late_after_min = models.PositiveSmallIntegerField(
        default=0, help_text="Minutes past the promised window that still count as on time."
    )
    silent_after_min = models.PositiveSmallIntegerField(default=8)
    stopped_after_min = models.PositiveSmallIntegerField(default=15)
    stop_radius_m = models.PositiveIntegerField(
        default=80, help_text="A van within this distance is at the stop."
    )
    service_time_s = models.PositiveIntegerField(default=120, help_text="At the door, for each order.")
    setup_time_s = models.PositiveIntegerField(default=60, help_text="Parking and finding, once per address.")
    loading_time_s = models.PositiveIntegerField(default=900)
    plan_limit_s = models.PositiveSmallIntegerField(
        default=10, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )

    # How plans are made: rules that are meant otherwise than by default (code -> [off | soft | hard, cents]), and
    # what else is worth money. 0: indifferent.
    dials = models.JSONField(default=dict, blank=True)
    weight_vehicle_cents = models.PositiveIntegerField(
        default=0, help_text="Each van used, besides its costs."
    )
    weight_finish_cents = models.PositiveIntegerField(
        default=0, help_text="Each hour until the last is back."
    )
    weight_hours_cents = models.PositiveIntegerField(
        default=0, help_text="Each hour between the longest and the shortest route."
    )
    weight_stops_cents = models.PositiveIntegerField(
        default=0, help_text="Each stop between the route with the most and that with the fewest."
    )
    weight_compact_cents = models.PositiveIntegerField(
        default=0, help_text="Each kilometre of a stop from the middle of its route."
    )
    weight_driver_cents = models.PositiveIntegerField(
        default=0, help_text="Replanning: each order that changes its shift."
    )
    weight_place_cents = models.PositiveIntegerField(
        default=0, help_text="Replanning: each order that comes after another one than before."
    )
    weight_moved_cents = models.PositiveIntegerField(
        default=0, help_text="Replanning: each minute that an order's time moves."
    )
    co2_kg_cents = models.PositiveIntegerField(default=0, help_text="A kilogram of CO2.")
    parking_m = models.PositiveSmallIntegerField(
        default=0,
        help_text="Stops this near share one parking spot, the rest is walked. 0: each has its own.",
    )

    goods_apart = models.JSONField(
        default=list, blank=True, help_text="Pairs of classes of goods that never travel together."
    )

    # Speeds by time of day; empty: as on free roads. At other times roads are free.
    speed_night = models.JSONField(default=at_night, null=True, blank=True)
    speed_morning = models.JSONField(default=in_the_morning, null=True, blank=True)
    speed_midday = models.JSONField(default=at_midday, null=True, blank=True)
    speed_evening = models.JSONField(default=in_the_evening, null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            on_earth("station"),
            models.CheckConstraint(condition=models.Q(clock_speed__gt=0), name="station_clock_runs"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def clock(self) -> BusinessClock:
        return BusinessClock(self.clock_wall, self.clock_business, self.clock_speed)

    def now(self) -> datetime:
        """The station's own time: read at the edges and passed in."""
        return self.clock.at(timezone.now())
