"""Outage rows."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dispatch.models.vehicle import Vehicle


class Outage(models.Model):
    """Days on which a vehicle cannot be used: broken down, in the workshop."""

    vehicle = models.ForeignKey(Vehicle, on_delete=models.CASCADE, related_name="outages")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=120, blank=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="outage_ends_after_start")
        ]
        indexes = [models.Index(fields=["vehicle", "last_day"], name="outage_of_vehicle")]

    def __str__(self) -> str:
        return f"{self.vehicle} out of service {self.first_day} to {self.last_day}"
