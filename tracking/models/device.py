"""Device rows."""

from django.db import models
from django.utils import timezone

from dispatch.models import Driver


class Device(models.Model):
    """A driver's phone. Only the hash of its token is kept."""

    driver = models.ForeignKey(Driver, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(max_length=60, blank=True)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.driver}: {self.name or self.pk}"
