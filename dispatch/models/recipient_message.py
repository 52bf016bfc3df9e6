"""Recipient message rows."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.models.order import Order


class MessageState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class RecipientMessage(models.Model):
    """Something told to a recipient about an order: what, how, and whether it went out."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=40, help_text="What it tells, e.g. link.")
    channel = models.CharField(max_length=10, help_text="email or link (shown to copy)")
    to = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=8, choices=MessageState, default=MessageState.QUEUED)
    error = models.CharField(max_length=300, blank=True)
    job_id = models.BigIntegerField(null=True, blank=True)
    actor = models.CharField(max_length=80)
    at = models.DateTimeField(help_text="Business time.")
    sent_at = models.DateTimeField(null=True, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["order", "kind"], name="recipient_message_of_order")]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel} ({self.state})"
