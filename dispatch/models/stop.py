"""Stop rows."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dispatch.lifecycle import StopState
from dispatch.models.order import Order
from dispatch.models.place import on_earth
from dispatch.models.route import Route


class Stop(models.Model):
    """A planned visit on a route: one address, one or more orders."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="stops")
    sequence = models.PositiveSmallIntegerField()
    lat = models.FloatField()
    lng = models.FloatField()
    address = models.CharField(max_length=200)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in StopState], default=StopState.PLANNED
    )
    window_start = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    planned_arrival = models.DateTimeField()
    planned_start = models.DateTimeField(help_text="Service begins: after waiting for the window.")
    planned_departure = models.DateTimeField()
    eta = models.DateTimeField(null=True, blank=True, help_text="Newest expected arrival.")
    slack_s = models.IntegerField(null=True, blank=True, help_text="Window end less ETA; negative is late.")
    travel_s = models.PositiveIntegerField(default=0, help_text="Planned drive from the stop before.")
    travel_m = models.PositiveIntegerField(default=0)
    arrived_at = models.DateTimeField(null=True, blank=True)
    departed_at = models.DateTimeField(null=True, blank=True)
    orders = models.ManyToManyField(Order, through="StopOrder", related_name="stops")

    class Meta:
        ordering = ["route_id", "sequence"]
        constraints = [on_earth("stop")]
        indexes = [models.Index(fields=["route", "sequence"], name="stop_sequence")]

    def __str__(self) -> str:
        return f"{self.route.name}.{self.sequence}"


class Outcome(models.TextChoices):
    PLANNED = "planned", _("Planned")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Failed")
    MISSED = "missed", _("Not reached")  # its route was closed before; a late report may say otherwise


class StopOrder(models.Model):
    """An order at a stop. An order stands at no more than one stop that is still to come."""

    stop = models.ForeignKey(Stop, on_delete=models.CASCADE, related_name="visits")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="visits")
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.PLANNED)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(outcome="planned"), name="order_at_one_stop"
            ),
            models.UniqueConstraint(fields=["stop", "order"], name="stop_order_once"),
        ]
