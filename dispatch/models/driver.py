"""Driver rows."""

from django.conf import settings
from django.db import models

from dispatch.models.carrier import Carrier
from dispatch.models.station import Station


class Driver(models.Model):
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="drivers")
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, null=True, blank=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="driver"
    )
    name = models.CharField(max_length=80)
    phone = models.CharField(max_length=20, blank=True, help_text="E.164, like +358401234567.")
    email = models.EmailField(blank=True)
    skills = models.JSONField(default=list, blank=True)
    active = models.BooleanField(default=True)
    seen_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Business time when the driver's page was last in use.",
    )

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["station", "name"], name="driver_name")]

    def __str__(self) -> str:
        return self.name
