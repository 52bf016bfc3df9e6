"""What the ledger says about one order, found by the link rows that a subscriber keeps."""

from collections.abc import Iterable

from dispatch.models import DeliveryException, Order, OrderEvent
from lastmile.kernel import events
from lastmile.models import Event, Subscription

SUBSCRIBER = "order-history"
TOLD: set[type[events.Event]] = {
    events.OrdersChanged,
    events.RoutesChanged,
    events.StopChanged,
    events.ExceptionChanged,
    events.ProofCaptured,
    events.RecipientMessageChanged,
    events.DataErased,
}
NAMES = sorted(kind.name for kind in TOLD)
MOST = 500
TAIL = 500


def named_orders(event: Event) -> list[int]:
    """Ids of the orders an event is about; an alert's are those at risk."""
    if event.name == events.ExceptionChanged.name:
        at_risk = DeliveryException.orders.through.objects.filter(
            deliveryexception_id=event.data["exception_id"]
        )
        return list(at_risk.values_list("order_id", flat=True))
    return list(dict.fromkeys(event.data.get("order_ids") or ()))


def order_history(order: Order) -> list[Event]:
    """The newest events that name the order, newest first: linked ones, and those not linked yet."""
    linked = OrderEvent.objects.filter(order=order).order_by("-event_id")[:MOST]
    rows = {row.event_id: row.event for row in linked.select_related("event")}
    rows |= {event.pk: event for event in _tail(order.station_id) if order.pk in named_orders(event)}
    return sorted(rows.values(), key=lambda event: (event.at, event.pk), reverse=True)


def _tail(station_id: int) -> Iterable[Event]:
    """What the subscriber has not read: a moment's worth, so that a page shows what was done just before."""
    read = Subscription.objects.filter(name=SUBSCRIBER).values_list("position", flat=True).first() or 0
    # Narrowed by these indexes alone and sorted out here: with more conditions a database picks a longer way.
    fresh = Event.objects.filter(position__isnull=True).order_by("-pk")[:TAIL]
    numbered = Event.objects.filter(position__gt=read).order_by("-position")[:TAIL]
    return [row for row in (*fresh, *numbered) if row.station_id in (station_id, 0) and row.name in NAMES]
