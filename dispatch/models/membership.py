"""Membership rows."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dispatch.models.station import Station


class Role(models.TextChoices):
    DISPATCHER = "dispatcher", _("Dispatcher")
    FLOOR = "floor", _("Floor")
    MANAGER = "manager", _("Station manager")
    DRIVER = "driver", _("Driver")
    AUDITOR = "auditor", _("Auditor")


class Membership(models.Model):
    """What a person may do at a station. Admins are Django superusers and need none."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "station", "role"], name="membership_once")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} at {self.station}"
