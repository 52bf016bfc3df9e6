"""Attempt rows."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dispatch.models.driver import Driver
from dispatch.models.order import Order
from dispatch.models.place import on_earth
from dispatch.models.stop import Stop


class AttemptOutcome(models.TextChoices):
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")


class FailureReason(models.TextChoices):
    NO_ONE_HOME = "no_one_home", _("No one home")
    REFUSED = "refused", _("Refused")
    WRONG_ADDRESS = "wrong_address", _("Wrong address")
    NO_ACCESS = "no_access", _("No access")
    DAMAGED = "damaged", _("Damaged")
    OUT_OF_TIME = "out_of_time", _("Out of time")
    OTHER = "other", _("Other")


class Attempt(models.Model):
    """One try to hand over an order at the door. Append-only."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    stop = models.ForeignKey(Stop, on_delete=models.PROTECT, related_name="attempts")
    driver = models.ForeignKey(Driver, on_delete=models.PROTECT, null=True)
    outcome = models.CharField(max_length=10, choices=AttemptOutcome)
    reason = models.CharField(max_length=16, choices=FailureReason, blank=True)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(help_text="Business time at the door.")
    recorded_at = models.DateTimeField(default=timezone.now)
    lat = models.FloatField(null=True)
    lng = models.FloatField(null=True)
    client_event_id = models.CharField(max_length=64, help_text="Given by the phone: the same event is one.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["order", "client_event_id"], name="attempt_event_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="delivered", reason="")
                | (models.Q(outcome="failed") & ~models.Q(reason="")),
                name="attempt_reason",
            ),
            on_earth("attempt"),
        ]
