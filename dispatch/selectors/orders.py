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

PLAIN = (
    *("id", "version", "number", "external_id", "kind", "state", "recipient", "phone"),
    *("address", "postcode", "place", "note", "lat", "lng", "priority", "skills", "weight_g", "volume_cm3"),
    *("pieces", "service_time_s", "recurring_id", "location_note", "left_out"),
)
COLUMNS = (
    *PLAIN,
    *("day", "window_start", "window_end", "service_level_id", "asks", "note_dispatch", "pinned"),
)
Card = dict[str, Any]


def order_cards(orders: QuerySet[Order] | Iterable[Order], *, inside: bool = False) -> list[Card]:
    """The cards of many orders in three queries (a list passed in should have its shops loaded).

    `inside` adds what only the station's people may read; shops, drivers and recipients get the rest. A query is read
    as plain rows: making a model of each of 5,000 orders would take longer than everything else here.
    """
    if isinstance(orders, QuerySet):
        rows = list(orders.values(*COLUMNS, "shop__name"))
    else:
        rows = [_row(order) for order in orders]
    visits = _visits([row["id"] for row in rows if row["state"] in ON_A_STOP])
    levels = _levels({row["service_level_id"] for row in rows if row["service_level_id"]})
    return [_card(row, visits.get(row["id"]), levels, inside=inside) for row in rows]


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


def _row(order: Order) -> Card:
    return {name: getattr(order, name) for name in COLUMNS} | {"shop__name": order.shop.name}


def _card(row: Card, visit: tuple[int, int] | None, levels: dict[int, str], *, inside: bool) -> Card:
    card = {name: row[name] for name in PLAIN}
    card["shop"] = row["shop__name"]
    card["day"] = row["day"].isoformat()
    card["window_start"] = _iso(row["window_start"])
    card["window_end"] = _iso(row["window_end"])
    card["service_level"] = levels.get(row["service_level_id"] or 0, "")
    card["stop_id"], card["route_id"] = visit or (None, None)
    if inside:
        card["asks"] = row["asks"]
        card["note_dispatch"] = row["note_dispatch"]
        card["pinned"] = row["pinned"]
    else:
        card["asks"] = {name: value for name, value in row["asks"].items() if name in PUBLIC}
    return card


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
