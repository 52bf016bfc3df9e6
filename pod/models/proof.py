"""Proof rows."""

from django.db import models
from django.utils import timezone

from dispatch.models import Attempt
from dispatch.models.place import on_earth


class Proof(models.Model):
    """What shows that an order was handed over: who took it, when, where. Append-only."""

    attempt = models.OneToOneField(Attempt, on_delete=models.PROTECT, related_name="proof")
    received_by = models.CharField(max_length=120, blank=True)
    relation = models.CharField(max_length=60, blank=True)
    captured_at = models.DateTimeField(help_text="Business time at the door, by the phone.")
    recorded_at = models.DateTimeField(default=timezone.now)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    accuracy_m = models.FloatField(null=True)
    distance_m = models.FloatField(null=True, help_text="From the order's address.")
    promised = models.JSONField(
        default=list, blank=True, help_text="Pictures the phone said would follow: event_id, kind."
    )

    class Meta:
        constraints = [on_earth("proof")]
