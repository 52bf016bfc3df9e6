"""Reading orders: the card that screens and API show, and the lists people search."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from dispatch.lifecycle import OrderState
from dispatch.models import Order, ServiceLevel, StopOrder
from dispatch.selectors.order_search import search
from dispatch.services.order_asks import PUBLIC

ON_A_STOP = {OrderState.PLANNED, OrderState.OUT, OrderState.DELIVERED, OrderState.FAILED}
CHUNK = 5_000  # ids in one IN list: databases limit the parameters of a statement

Card = dict[str, Any]


def order_cards(orders: QuerySet[Order] | Iterable[Order], *, inside: bool = False) -> list[Card]:
    """The cards of many orders in three queries (a list passed in should have its shops loaded).

    `inside` adds what only the station's people may read; shops, drivers and recipients get the rest.
    """
    rows = list(orders.select_related("shop") if isinstance(orders, QuerySet) else orders)
    visits = _visits([row.pk for row in rows if row.state in ON_A_STOP])
    levels = _levels({row.service_level_id for row in rows if row.service_level_id})
    cards = [_card(row, visits.get(row.pk), levels) for row in rows]
    if inside:
        for row, card in zip(rows, cards, strict=True):
            card["note_dispatch"] = row.note_dispatch
            card["asks"] = row.asks
            card["pinned"] = row.pinned
    return cards


def order_card(order: Order, *, inside: bool = False) -> Card:
    """The card of one order."""
    return order_cards([order], inside=inside)[0]


def _levels(ids: set[int]) -> dict[int, str]:
    """Codes of service levels: a station has a handful."""
    return dict(ServiceLevel.objects.filter(pk__in=ids).values_list("id", "code")) if ids else {}


def _visits(order_ids: list[int]) -> dict[int, tuple[int, int]]:
    """(stop, route) of each order's newest visit: the planned one if there is one."""
    found: dict[int, tuple[int, int]] = {}
    for start in range(0, len(order_ids), CHUNK):
        visits = StopOrder.objects.filter(order_id__in=order_ids[start : start + CHUNK]).order_by("id")
        for order_id, stop_id, route_id in visits.values_list("order_id", "stop_id", "stop__route_id"):
            found[order_id] = (stop_id, route_id)
    return found


def _card(order: Order, visit: tuple[int, int] | None, levels: dict[int, str]) -> Card:
    stop_id, route_id = visit or (None, None)
    return {
        "id": order.pk,
        "version": order.version,
        "number": order.number,
        "external_id": order.external_id,
        "shop": order.shop.name,
        "kind": order.kind,
        "day": order.day.isoformat(),
        "state": order.state,
        "recipient": order.recipient,
        "phone": order.phone,
        "address": order.address,
        "postcode": order.postcode,
        "place": order.place,
        "note": order.note,
        "lat": order.lat,
        "lng": order.lng,
        "window_start": _iso(order.window_start),
        "window_end": _iso(order.window_end),
        "priority": order.priority,
        "skills": order.skills,
        "asks": {name: value for name, value in order.asks.items() if name in PUBLIC},
        "weight_g": order.weight_g,
        "volume_cm3": order.volume_cm3,
        "pieces": order.pieces,
        "service_time_s": order.service_time_s,
        "service_level": levels.get(order.service_level_id or 0, ""),
        "recurring_id": order.recurring_id,
        "location_note": order.location_note,
        "left_out": order.left_out,
        "stop_id": stop_id,
        "route_id": route_id,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def find_orders(
    orders: QuerySet[Order],
    *,
    day: date | None = None,
    state: str = "",
    text: str = "",
    region: str | None = None,
    masked: bool = False,
) -> QuerySet[Order]:
    """Narrow a list of orders down; `text` is looked for in numbers, barcodes, recipient, phone and address."""
    if day:
        orders = orders.filter(day=day)
    if state:
        orders = orders.filter(state=state)
    return search(orders, text, region, masked=masked).select_related("shop").order_by("day", "id")


def needing_location(station_id: int) -> QuerySet[Order]:
    """Orders that wait for somebody to point at the map, oldest day first."""
    waiting = Order.objects.filter(station_id=station_id, state=OrderState.NEEDS_LOCATION)
    return waiting.select_related("shop").order_by("day", "id")
