"""Order event rows."""

from django.db import models

from dispatch.models.order import Order
from lastmile.models import Event


class OrderEvent(models.Model):
    """That an event of the ledger names an order: an index, for the ledger keeps ids inside of JSON.

    Written by a subscriber, so that it can be made again from the ledger at any time.
    """

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "event"], name="order_event_once")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.event_id}"
