"""Invitation rows."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from dispatch.models.driver import Driver
from dispatch.models.membership import Role
from dispatch.models.station import Station


class Invitation(models.Model):
    """A link by which somebody joins a station in a role. Only the hash of its token is kept."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=12, choices=Role)
    full_name = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True)
    driver = models.ForeignKey(
        Driver, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.full_name or self.email or self.role} at {self.station}"
