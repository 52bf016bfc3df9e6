"""Absence rows."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dispatch.models.driver import Driver


class Absence(models.Model):
    """Days on which a driver does not work: ill, on leave."""

    driver = models.ForeignKey(Driver, on_delete=models.CASCADE, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=120, blank=True)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_start")
        ]
        indexes = [models.Index(fields=["driver", "last_day"], name="absence_of_driver")]

    def __str__(self) -> str:
        return f"{self.driver} away {self.first_day} to {self.last_day}"
