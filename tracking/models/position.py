"""Position rows."""

from django.db import models
from django.db.models import Q

from dispatch.models import Route, Vehicle
from dispatch.models.place import on_earth
from tracking.models.device import Device


class Position(models.Model):
    """One fix of a device: three times, the place, and why it was not believed where it was not."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="positions")
    seq = models.BigIntegerField(help_text="Counted by the device: the same number is the same fix.")
    vehicle = models.ForeignKey(Vehicle, on_delete=models.SET_NULL, null=True)
    route = models.ForeignKey(Route, on_delete=models.SET_NULL, null=True)
    fix_at = models.DateTimeField(help_text="When the place was measured.")
    device_at = models.DateTimeField(help_text="By the phone's own clock, uncorrected.")
    server_at = models.DateTimeField(help_text="When it came in (wall clock).")
    lat = models.FloatField()
    lng = models.FloatField()
    accuracy_m = models.FloatField(null=True)
    speed_mps = models.FloatField(null=True)
    heading = models.FloatField(null=True)
    battery = models.FloatField(null=True)
    flags = models.CharField(max_length=80, blank=True, help_text="late, future, jump, imprecise")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["device", "seq"], name="position_once"),
            models.CheckConstraint(
                condition=Q(heading__isnull=True) | Q(heading__gte=0, heading__lt=360),
                name="position_heading",
            ),
            on_earth("position"),
        ]
        indexes = [models.Index(fields=["vehicle", "fix_at"], name="position_trail")]
