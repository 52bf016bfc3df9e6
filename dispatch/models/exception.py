"""Exception rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.lifecycle import ExceptionState
from dispatch.models.order import Order
from dispatch.models.route import Route
from dispatch.models.station import Station
from dispatch.models.stop import Stop


class ExceptionKind(models.TextChoices):
    LATE = "late", _("Late")
    SILENT = "silent", _("Silent phone")
    STOPPED_LONG = "stopped_long", _("Stopped long")
    ATTEMPT_FAILED = "attempt_failed", _("Attempt failed")


class Severity(models.IntegerChoices):
    INFO = 1, _("Info")
    WARNING = 2, _("Warning")
    CRITICAL = 3, _("Critical")


class DeliveryException(models.Model):
    """A thing gone wrong on the road: what an alert shows. One per cause while it lasts."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="exceptions")
    day = models.DateField()
    kind = models.CharField(max_length=16, choices=ExceptionKind)
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.WARNING)
    state = models.CharField(
        max_length=14, choices=[(s.value, s.value) for s in ExceptionState], default=ExceptionState.OPEN
    )
    key = models.CharField(max_length=80, help_text="The cause, e.g. late:route:12.")
    words = models.CharField(max_length=300)
    route = models.ForeignKey(
        Route, on_delete=models.CASCADE, null=True, blank=True, related_name="exceptions"
    )
    stop = models.ForeignKey(Stop, on_delete=models.SET_NULL, null=True, blank=True)
    orders = models.ManyToManyField(Order, blank=True, help_text="Orders at risk.")
    raised_at = models.DateTimeField()
    acknowledged_by = models.CharField(max_length=80, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-severity", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["station", "key"],
                condition=~Q(state=ExceptionState.RESOLVED),
                name="exception_one_per_cause",
            )
        ]
        indexes = [models.Index(fields=["station", "day", "state"], name="exception_day")]

    def __str__(self) -> str:
        return self.words
