"""Station rows."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from dispatch.models.place import on_earth
from lastmile.kernel.clock import BusinessClock


def require_zone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"{value} is no time zone name; use one like Europe/Helsinki.")


class Units(models.TextChoices):
    METRIC = "metric", "Kilometres and kilograms"
    IMPERIAL = "imperial", "Miles and pounds"


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
