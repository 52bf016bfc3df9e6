"""Route rows."""

from django.db import models
from django.db.models import Q

from dispatch.lifecycle import RouteState
from dispatch.models.driver import Driver
from dispatch.models.plan import Plan
from dispatch.models.shift import Shift
from dispatch.models.station import Station
from dispatch.models.vehicle import Vehicle


class Route(models.Model):
    """One vehicle, one driver, one shift: the stops they visit, in order."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="routes")
    day = models.DateField()
    name = models.CharField(max_length=20)
    shift = models.ForeignKey(Shift, on_delete=models.PROTECT, related_name="routes")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.PROTECT, related_name="routes")
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, related_name="routes", null=True, blank=True)
    plan = models.ForeignKey(Plan, on_delete=models.SET_NULL, null=True, blank=True, related_name="routes")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in RouteState], default=RouteState.DRAFT
    )
    version = models.PositiveIntegerField(default=1)
    colour = models.PositiveSmallIntegerField(default=0, help_text="Index into the board's palette.")
    locked = models.BooleanField(default=False)

    start_at = models.DateTimeField(null=True, blank=True, help_text="Planned departure.")
    end_at = models.DateTimeField(null=True, blank=True, help_text="Planned return.")
    distance_m = models.PositiveIntegerField(default=0)
    drive_s = models.PositiveIntegerField(default=0)
    cost_cents = models.PositiveIntegerField(default=0)
    load = models.JSONField(default=dict, blank=True, help_text="weight_g, volume_cm3, pieces at departure")
    violations = models.JSONField(default=list, blank=True, help_text="code, words, order_id")
    overrides = models.JSONField(default=list, blank=True, help_text="code, reason, actor, at")
    line = models.TextField(blank=True, help_text="Encoded polyline along the streets.")
    breaks = models.JSONField(default=list, blank=True, help_text="Planned pauses of the driver: from, to.")
    approximate = models.BooleanField(default=False, help_text="Walked by the crow, not by streets.")

    released_at = models.DateTimeField(null=True, blank=True)
    departed_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["shift"], condition=~Q(state=RouteState.CLOSED), name="route_one_open_per_shift"
            ),
            models.UniqueConstraint(fields=["station", "day", "name"], name="route_name"),
        ]
        indexes = [models.Index(fields=["station", "day", "state"], name="route_day")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
