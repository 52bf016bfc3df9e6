"""Orders by API: lists for everybody who may read them; shops send one, or a thousand at once."""

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import path
from django.utils import timezone
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import actor_of
from dispatch.api import order as one_order
from dispatch.api.authentication import IsShop
from dispatch.api.body import body_of
from dispatch.api.order_access import (
    OrderAccess,
    OrderView,
    card_of,
    cards,
    is_inside,
    once,
    orders_of,
    shop_of,
)
from dispatch.lifecycle import OrderState
from dispatch.limits import spend
from dispatch.models import Order, Station
from dispatch.models.order import OrderKind
from dispatch.selectors.masking import masked_stations
from dispatch.selectors.orders import find_orders
from dispatch.services import order_fields
from dispatch.services.cities import open_city
from dispatch.services.idempotency import Answer
from dispatch.services.order_draft import NAMES, FieldError, OrderDraft, Read, Reader
from dispatch.services.order_patch import invalid
from dispatch.services.order_reading import reader_of
from dispatch.services.orders import take_orders
from dispatch.services.sandbox import sandbox_station
from lastmile.api import Pages
from lastmile.kernel.errors import LastmileError, not_found

MAX_BULK = 1000
MAX_BULK_PIECES = 20_000
NOT_AN_ORDER = Read(None, (FieldError("", "not_an_order", "An order must be a JSON object."),))
ORDER_FIELDS = {*NAMES, "station"}
DAYS = {"day": "day", "day_from": "day__gte", "day_to": "day__lte"}
WORDS = {
    "external_id": ("external_id", 80),
    "service_level": ("service_level__code", 20),
    "shop": ("shop__code", 30),
}
FILTERS = {*DAYS, *WORDS, "station", "state", "kind", "recurring", "q", "page", "page_size"}


class OrderList(OrderView):
    """GET: pages of cards. POST (shops): one order."""

    def get_permissions(self) -> list[BasePermission]:
        return [IsShop() if self.request.method == "POST" else OrderAccess()]

    def get(self, request: Request) -> Response:
        unknown = sorted(set(request.query_params) - FILTERS)
        if unknown:
            raise LastmileError(
                "unknown_filter",
                f"{order_fields.shown(unknown[0])} is no filter.",
                f"Use {', '.join(sorted(FILTERS))}.",
                field=unknown[0][:60],
            )
        pages = Pages()
        page = pages.paginate_queryset(filtered(orders_of(request), request), request, view=self)
        return pages.get_paginated_response(cards(request, list(page or [])))

    def post(self, request: Request) -> Response:
        body = dict(body_of(request, ORDER_FIELDS))
        return once(request, body, lambda: _take_one(request, body))


def filtered(orders: QuerySet[Order], request: Request) -> QuerySet[Order]:
    """The orders the query string asks for."""
    given = request.query_params
    where: dict[str, Any] = {}
    field = ""
    try:
        for field, column in DAYS.items():
            if given.get(field):
                where[column] = order_fields.day(given[field])
        for field, (column, most) in WORDS.items():
            if given.get(field):
                where[column] = order_fields.text(given[field], most)
        field = "q"
        text = order_fields.text(given.get("q", ""), 200)
    except order_fields.Bad as bad:
        raise LastmileError(bad.code, bad.cause, "Correct the filter.", field=field) from bad
    states = _choices(given.get("state", ""), [str(state) for state in OrderState], "state")
    kinds = _choices(given.get("kind", ""), [str(kind) for kind in OrderKind.values], "kind")
    if states:
        where["state__in"] = states
    if kinds:
        where["kind__in"] = kinds
    if given.get("recurring"):
        where["recurring_id"] = int(given["recurring"]) if _is_id(given["recurring"]) else 0
    rows = _at_station(orders.filter(**where), given.get("station", ""))
    masked = bool(text) and is_inside(request) and bool(masked_stations(request.user))
    return find_orders(rows, text=text, masked=masked)


def _choices(given: str, known: list[str], field: str) -> list[str]:
    """One word or several with commas between, each a known one."""
    words = [word for word in given.split(",") if word]
    if set(words) - set(known):
        raise LastmileError(
            "bad_choice", f"There is no such {field}.", f"Use one or more of {', '.join(known)}.", field=field
        )
    return words


def _at_station(orders: QuerySet[Order], station: str) -> QuerySet[Order]:
    """By id or code; trial orders are found by those of the real station, which is what their shop knows."""
    if not station:
        return orders
    if _is_id(station):
        return orders.filter(Q(station_id=int(station)) | Q(station__sandbox_of_id=int(station)))
    code = station[:20]
    return orders.filter(Q(station__code=code) | Q(station__sandbox_of__code=code))


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _station(request: Request, code: object) -> Station:
    """The station meant: by its code, or the only one that the shop sends to; for a trial its twin."""
    caller = shop_of(request)
    stations = (caller.shop.sandbox_of or caller.shop).stations.filter(active=True, sandbox_of=None)
    station = _named(stations, code)
    if not caller.sandbox:
        return station
    return sandbox_station(station=station, shop=caller.shop, actor=actor_of(request))


def _named(stations: QuerySet[Station], code: object) -> Station:
    if code is None:
        found = list(stations[:2])
        if len(found) == 1:
            return found[0]
        raise LastmileError(
            "missing", "Name the station by its code.", "Add station to the request.", field="station"
        )
    station = stations.filter(code=code).first() if isinstance(code, str) and "\0" not in code else None
    if station is None:
        raise not_found("The station")
    return station


def _reader(station: Station, default: object = None) -> Reader:
    now = station.now()
    try:
        day = order_fields.day(default) if default is not None else today(station)
    except order_fields.Bad as bad:
        raise LastmileError(bad.code, bad.cause, "Correct the day.", field="day") from bad
    return reader_of(station, now=now, day=day)


def today(station: Station) -> date:
    return station.now().astimezone(station.zone).date()


def _take(request: Request, station: Station, drafts: list[OrderDraft]) -> Any:
    return take_orders(
        station=station,
        shop=shop_of(request).shop,
        drafts=drafts,
        actor=actor_of(request),
        now=station.now(),
        geocoder=open_city(station).geocoder,
    )


def _take_one(request: Request, body: dict[str, Any]) -> Answer:
    row = dict(body)
    station = _station(request, row.pop("station", None))
    read = _reader(station).read(row)
    if read.draft is None:
        raise invalid(read)
    taken = _take(request, station, [read.draft]).rows[0]
    if taken.status == "rejected":
        error = taken.errors[0]
        action = "Ask the station to change it." if error.code.startswith("order_") else "Correct the order."
        raise LastmileError(error.code, error.cause, action, field=error.field, status=409)
    order = Order.objects.select_related("shop", "station").get(pk=taken.order_id)
    return 201 if taken.status == "created" else 200, {
        "status": taken.status,
        "order": card_of(request, order),
    }


class OrderBulk(OrderView):
    """POST (shops): up to 1,000 orders of one station; a bad row is answered in its place, alone."""

    permission_classes = (IsShop,)

    def post(self, request: Request) -> Response:
        spend("bulk", shop_of(request).token_id, at=timezone.now())
        body = dict(body_of(request, {"station", "day", "orders"}))
        rows = body.get("orders")
        if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_BULK:
            raise LastmileError(
                "bad_orders",
                f"orders must be a list of 1 to {MAX_BULK} orders.",
                "Send more in several requests, or upload a file.",
                field="orders",
            )
        return once(request, body, lambda: _take_bulk(request, body, rows))


def _take_bulk(request: Request, body: dict[str, Any], rows: list[Any]) -> Answer:
    station = _station(request, body.get("station"))
    reader = _reader(station, body.get("day"))
    reads = [reader.read(row) if isinstance(row, dict) else NOT_AN_ORDER for row in rows]
    drafts = [read.draft for read in reads if read.draft]
    if sum(draft.pieces for draft in drafts) > MAX_BULK_PIECES:
        raise LastmileError(
            "too_many_pieces",
            f"These orders have more than {MAX_BULK_PIECES} pieces.",
            "Send fewer orders at once.",
            field="orders",
        )
    taken = iter(_take(request, station, drafts).rows)
    results = []
    for index, read in enumerate(reads):
        row = next(taken) if read.draft else None
        results.append(
            {
                "index": index,
                "external_id": read.external_id,
                "status": row.status if row else "rejected",
                "id": row.order_id if row else None,
                "number": row.number if row else "",
                "errors": [error.card() for error in (row.errors if row else read.errors)],
            }
        )
    counts = {
        status: sum(result["status"] == status for result in results)
        for status in ("created", "updated", "unchanged", "rejected")
    }
    return 200, {"counts": counts, "results": results}


urlpatterns = [
    path("api/v1/orders/", OrderList.as_view(), name="api-orders"),
    path("api/v1/orders/bulk/", OrderBulk.as_view(), name="api-orders-bulk"),
    *one_order.urlpatterns,
]
