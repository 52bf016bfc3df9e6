"""Vehicle rows."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from dispatch.models.carrier import Carrier
from dispatch.models.place import on_earth
from dispatch.models.station import Station
from dispatch.roads.base import Profile


class VehicleType(models.Model):
    """What vehicles of a kind can carry, where they may drive and what they cost."""

    name = models.CharField(max_length=60, unique=True)
    profile = models.CharField(max_length=12, choices=[(p.value, p.value) for p in Profile], default="van")
    capacity_weight_g = models.PositiveIntegerField(default=800_000)
    capacity_volume_cm3 = models.PositiveIntegerField(default=8_000_000)
    capacity_pieces = models.PositiveIntegerField(default=200)
    service_factor = models.FloatField(
        default=1.0,
        validators=[MinValueValidator(0.1), MaxValueValidator(10)],
        help_text="Service times of this kind are multiplied by this.",
    )
    curb_side = models.BooleanField(
        default=False, help_text="Stops only where the address is on its own side of the street."
    )
    free_roads = models.BooleanField(default=False, help_text="Never over toll roads or by ferries.")
    cost_fixed_cents = models.PositiveIntegerField(default=3000)
    cost_km_cents = models.PositiveIntegerField(default=45)
    cost_hour_cents = models.PositiveIntegerField(default=2800)
    cost_driving_hour_cents = models.PositiveIntegerField(
        default=0, help_text="Each hour at the wheel, besides the paid hour."
    )
    cost_order_cents = models.PositiveIntegerField(default=0, help_text="Each order on a route.")
    cost_overtime_cents = models.PositiveIntegerField(
        default=0, help_text="Each hour of overtime, besides the paid hour."
    )
    co2_g_km = models.PositiveIntegerField(default=0, help_text="Grams of CO2 a kilometre.")

    # What a route of this kind may be. Empty: no limit.
    overtime_min = models.PositiveSmallIntegerField(
        default=0, help_text="Minutes that a route may last past its shift, at the price above."
    )
    max_orders = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Most orders on a route.")
    min_orders = models.PositiveSmallIntegerField(
        default=0, help_text="Fewest orders that a route is worth driving for."
    )
    max_out_min = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Longest time out, minutes."
    )
    max_driving_min = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Longest time at the wheel, minutes."
    )
    max_km = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Longest distance.")
    rest_rule = models.BooleanField(
        default=False, help_text="45 minutes of rest after at most four and a half hours at the wheel."
    )
    lifo = models.BooleanField(
        default=False, help_text="What is delivered must lie on top: nothing loaded later is in its way."
    )
    battery_wh = models.PositiveIntegerField(
        null=True, blank=True, help_text="Electric: watt-hours of a full battery."
    )
    battery_reserve_pct = models.PositiveSmallIntegerField(
        default=15, validators=[MaxValueValidator(90)], help_text="Electric: never used up on a route."
    )
    battery_wh_km = models.PositiveSmallIntegerField(
        default=250, validators=[MinValueValidator(1)], help_text="Electric: watt-hours a kilometre."
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(service_factor__gt=0), name="vehicle_type_factor")]

    def __str__(self) -> str:
        return self.name


class Vehicle(models.Model):
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="vehicles")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, null=True, blank=True)
    type = models.ForeignKey(VehicleType, on_delete=models.PROTECT, related_name="vehicles")
    name = models.CharField(max_length=40)
    plate = models.CharField(max_length=20, blank=True)
    skills = models.JSONField(default=list, blank=True, help_text='Words like "chilled" or "lift".')
    zones = models.JSONField(default=list, blank=True, help_text="Serves these only; none: everywhere.")
    forbidden_zones = models.JSONField(default=list, blank=True, help_text="Never serves these.")
    active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["station", "name"], name="vehicle_name")]

    def __str__(self) -> str:
        return self.name


class LivePosition(models.Model):
    """Where a vehicle was last seen. It only moves forward in time."""

    vehicle = models.OneToOneField(
        Vehicle, on_delete=models.CASCADE, primary_key=True, related_name="live_position"
    )
    lat = models.FloatField()
    lng = models.FloatField()
    heading = models.FloatField(null=True, blank=True)
    speed_mps = models.FloatField(null=True, blank=True)
    fix_at = models.DateTimeField(help_text="Business time of the fix.")
    moving_since = models.DateTimeField(null=True, blank=True)
    still_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [on_earth("live_position")]
