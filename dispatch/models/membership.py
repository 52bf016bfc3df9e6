"""Membership rows."""

from django.conf import settings
from django.db import models

from dispatch.models.station import Station


class Role(models.TextChoices):
    DISPATCHER = "dispatcher", "Dispatcher"
    FLOOR = "floor", "Floor"
    MANAGER = "manager", "Station manager"
    DRIVER = "driver", "Driver"
    AUDITOR = "auditor", "Auditor"


class Membership(models.Model):
    """What a person may do at a station. Admins are Django superusers and need none."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "station", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} at {self.station}"
