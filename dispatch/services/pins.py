"""Locking single orders: the optimizer leaves them with their van, or with their van at their place; so do people."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import F

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Station
from dispatch.models.order import Pin
from dispatch.services import edits
from dispatch.services.day_drafts import movable
from dispatch.services.station_days import require_open
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError


def pin_orders(
    *, station: Station, day: date, order_ids: Sequence[int], pinned: str, actor: str, now: datetime
) -> None:
    """Lock planned orders to their van ("route"), to their place on it ("place"), or free them ("").

    Raises bad_choice, unknown_order, order_not_movable, order_not_planned.
    """
    require_open(station, day)
    if pinned and pinned not in Pin.values:
        raise LastmileError(
            "bad_choice", f"{pinned!r} is not one of {', '.join(Pin.values)}.", "Choose one of these.",
            field="pinned",
        )  # fmt: skip
    orders = movable(station, day, order_ids)
    for order in orders.values():
        if pinned and order.state == OrderState.OPEN:
            raise LastmileError(
                "order_not_planned",
                f"{order.number} stands on no route.",
                "Assign it first, then lock it there.",
                status=409,
            )
    change = edits.Change(
        {"pinned": {str(order.pk): order.pinned for order in orders.values()}},
        {"pinned": {str(pk): pinned for pk in orders}},
    )
    with transaction.atomic():
        set_pins(station, dict.fromkeys(orders, pinned), actor=actor, now=now)
        what = "pinned" if pinned else "unpinned"
        edits.record(station=station, day=day, what=what, change=change, actor=actor, now=now)


def set_pins(station: Station, pins: Mapping[int, str], *, actor: str, now: datetime) -> None:
    """Write them and tell it."""
    for pinned in sorted(set(pins.values())):
        order_ids = sorted(pk for pk, wanted in pins.items() if wanted == pinned)
        Order.objects.filter(pk__in=order_ids, station=station).update(
            pinned=pinned, version=F("version") + 1
        )
        what = "pinned" if pinned else "unpinned"
        event = events.OrdersChanged(station_id=station.pk, what=what, order_ids=order_ids)
        bus.publish(event, actor=actor, at=now)
