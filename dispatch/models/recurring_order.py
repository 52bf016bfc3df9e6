"""Recurring order rows."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from dispatch.models.shop import Shop
from dispatch.models.station import Station


class RecurringOrder(models.Model):
    """An order that comes again on given weekdays: its fields are kept and an order is made from them each time."""

    station = models.ForeignKey(Station, on_delete=models.CASCADE, related_name="recurring_orders")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="recurring_orders")
    name = models.CharField(max_length=80)
    fields = models.JSONField(help_text="The order's fields by their API names, without day and external_id.")
    weekdays = models.JSONField(default=list, help_text="0 is Monday.")
    first_day = models.DateField()
    last_day = models.DateField(null=True, blank=True)
    made_until = models.DateField(null=True, blank=True, help_text="Orders exist up to this day.")
    active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    actor = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="recurring_order_ends_after_start",
            ),
            models.UniqueConstraint(fields=["shop", "name"], name="recurring_order_name"),
        ]

    def __str__(self) -> str:
        return self.name
