"""Driver rows."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
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
    home_zones = models.JSONField(default=list, blank=True, help_text="Knows these areas.")
    pace_percent = models.PositiveSmallIntegerField(
        default=100,
        validators=[MinValueValidator(30), MaxValueValidator(300)],
        help_text="Time at the door against the usual: 120 takes a fifth longer.",
    )
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
