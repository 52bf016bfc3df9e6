"""The index from orders to the ledger's events: rows that can be made again at any time."""

from dispatch.models import Order, OrderEvent
from dispatch.selectors.order_history import named_orders
from lastmile.models import Event

BATCH = 500


def link_event(event: Event) -> None:
    """Remember which orders an event names; told twice is once, and what is gone needs no memory."""
    ids = named_orders(event)
    for start in range(0, len(ids), BATCH):
        there = Order.objects.filter(pk__in=ids[start : start + BATCH]).values_list("pk", flat=True)
        links = [OrderEvent(order_id=pk, event=event) for pk in there]
        OrderEvent.objects.bulk_create(links, ignore_conflicts=True)
