"""Orders by API: shops send them, stations look them up, place them and call them off."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from dispatch.access import BOARD, READ, actor_of, require_row, stations_of
from dispatch.api.authentication import IsShop, ShopPrincipal
from dispatch.api.body import body_of, integer, required_integer
from dispatch.api.json import StrictJSON
from dispatch.lifecycle import OrderState
from dispatch.models import Membership, Order, Shop, Station
from dispatch.selectors.orders import find_orders, order_card, order_cards
from dispatch.services import order_fields
from dispatch.services.cities import open_city
from dispatch.services.countries import region_of
from dispatch.services.idempotency import Answer, answer_once
from dispatch.services.order_draft import NAMES, FieldError, OrderDraft, Read, Reader
from dispatch.services.orders import cancel_order, locate_order, reopen_order, take_orders
from lastmile.api import Pages
from lastmile.kernel.errors import LastmileError, forbidden, not_found
from lastmile.models import User

MAX_BULK = 1000
MAX_BULK_PIECES = 20_000
NOT_AN_ORDER = Read(None, (FieldError("", "not_an_order", "An order must be a JSON object."),))
ORDER_FIELDS = {*NAMES, "station"}
FILTERS = {"station", "day", "state", "q", "page", "page_size"}


class OrderAccess(BasePermission):
    """Members by session, shops by token; drivers' devices have no business here."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.auth, ShopPrincipal) or IsAuthenticated().has_permission(request, view)


def orders_of(request: Request) -> QuerySet[Order]:
    """The orders the caller may read: a shop's own, or those of the stations a member works at."""
    if isinstance(request.auth, ShopPrincipal):
        return Order.objects.filter(shop=request.auth.shop)
    if request.auth is not None or not isinstance(request.user, User):
        return Order.objects.none()
    if request.user.is_superuser:
        return Order.objects.filter(station__in=stations_of(request.user))
    reads = Membership.objects.filter(user=request.user, role__in=READ, station__active=True)
    return Order.objects.filter(station__in=reads.values("station"))


class OrderList(APIView):
    """GET: pages of cards. POST (shops): one order."""

    parser_classes = (StrictJSON,)

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
        return pages.get_paginated_response(order_cards(page or []))

    def post(self, request: Request) -> Response:
        body = dict(body_of(request, ORDER_FIELDS))
        return _once(request, body, lambda: _take_one(request, body))


def filtered(orders: QuerySet[Order], request: Request) -> QuerySet[Order]:
    """The orders the query string asks for."""
    given = request.query_params
    try:
        day = order_fields.day(given["day"]) if given.get("day") else None
        text = order_fields.text(given.get("q", ""), 200)
    except order_fields.Bad as bad:
        raise LastmileError(bad.code, bad.cause, "Correct the filter.", field="day or q") from bad
    state = given.get("state", "")
    if state and state not in set(OrderState):
        raise LastmileError(
            "bad_choice", "There is no such state.", f"Use one of {', '.join(OrderState)}.", field="state"
        )
    station = given.get("station", "")
    if station:
        key = {"station_id": int(station)} if _is_id(station) else {"station__code": station[:20]}
        orders = orders.filter(**key)
    return find_orders(orders, day=day, state=state, text=text)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _once(request: Request, body: dict[str, Any], work: Any) -> Response:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        status, answer = work()
        return Response(answer, status=status)
    (status, answer), replayed = answer_once(
        holder=actor_of(request), key=key, request=[request.path, body], now=timezone.now(), work=work
    )
    return Response(answer, status=status, headers={"Idempotency-Replayed": "true"} if replayed else None)


def _shop(request: Request) -> Shop:
    if not isinstance(request.auth, ShopPrincipal):
        raise forbidden("Only a shop's token may send orders.")
    return request.auth.shop


def _station(request: Request, code: object) -> Station:
    """The station meant: by its code, or the only one that the shop sends to."""
    stations = _shop(request).stations.filter(active=True)
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
    try:
        day = order_fields.day(default) if default is not None else _today(station)
    except order_fields.Bad as bad:
        raise LastmileError(bad.code, bad.cause, "Correct the day.", field="day") from bad
    return Reader(station.zone, region_of(station.time_zone), day)


def _today(station: Station) -> Any:
    return station.now().astimezone(station.zone).date()


def _take(request: Request, station: Station, drafts: list[OrderDraft]) -> Any:
    return take_orders(
        station=station,
        shop=_shop(request),
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
        raise _invalid(read)
    taken = _take(request, station, [read.draft]).rows[0]
    if taken.status == "rejected":
        error = taken.errors[0]
        action = "Ask the station to change it." if error.code.startswith("order_") else "Correct the order."
        raise LastmileError(error.code, error.cause, action, field=error.field, status=409)
    order = Order.objects.select_related("shop").get(pk=taken.order_id)
    return 201 if taken.status == "created" else 200, {"status": taken.status, "order": order_card(order)}


def _invalid(read: Read) -> LastmileError:
    first = read.errors[0]
    errors = [error.card() for error in read.errors]
    action = "Correct the named fields and send the order again."
    return LastmileError(first.code, first.cause, action, field=first.field, data={"errors": errors})


class OrderBulk(APIView):
    """POST (shops): up to 1,000 orders of one station; a bad row is answered in its place, alone."""

    permission_classes = (IsShop,)
    parser_classes = (StrictJSON,)

    def post(self, request: Request) -> Response:
        body = dict(body_of(request, {"station", "day", "orders"}))
        rows = body.get("orders")
        if not isinstance(rows, list) or not 1 <= len(rows) <= MAX_BULK:
            raise LastmileError(
                "bad_orders",
                f"orders must be a list of 1 to {MAX_BULK} orders.",
                "Send more in several requests, or upload a file.",
                field="orders",
            )
        return _once(request, body, lambda: _take_bulk(request, body, rows))


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


def _order(request: Request, order_id: int) -> Order:
    order = orders_of(request).select_related("shop", "station").filter(pk=order_id).first()
    if order is None:
        raise not_found("The order")
    return order


class OrderDetail(APIView):
    permission_classes = (OrderAccess,)

    def get(self, request: Request, order_id: int) -> Response:
        return Response(order_card(_order(request, order_id)))


class OrderLocate(APIView):
    """POST {lat, lng, version}: somebody of the station pointed at the map."""

    parser_classes = (StrictJSON,)

    def post(self, request: Request, order_id: int) -> Response:
        body = body_of(request, {"lat", "lng", "version"})
        order = require_row(
            request.user, Order.objects.select_related("station"), order_id, "The order", BOARD
        )
        changed = locate_order(
            order=order,
            lat=body.get("lat"),
            lng=body.get("lng"),
            version=required_integer(body, "version"),
            actor=actor_of(request),
            now=order.station.now(),
        )
        return Response(order_card(changed))


class OrderCancel(APIView):
    """POST {version?}: by the station, or by the shop until the van has left."""

    permission_classes = (OrderAccess,)
    parser_classes = (StrictJSON,)

    def post(self, request: Request, order_id: int) -> Response:
        body = body_of(request, {"version"})
        order = _order(request, order_id)
        by_shop = isinstance(request.auth, ShopPrincipal)
        if not by_shop:
            require_row(request.user, Order.objects.all(), order_id, "The order", BOARD)
        changed = cancel_order(
            order=order,
            version=integer(body, "version"),
            actor=actor_of(request),
            now=order.station.now(),
            by_shop=by_shop,
        )
        return Response(order_card(changed))


class OrderReopen(APIView):
    """POST {version}: a failed order back to the pool."""

    parser_classes = (StrictJSON,)

    def post(self, request: Request, order_id: int) -> Response:
        body = body_of(request, {"version"})
        order = require_row(
            request.user, Order.objects.select_related("station"), order_id, "The order", BOARD
        )
        changed = reopen_order(
            order=order,
            version=required_integer(body, "version"),
            actor=actor_of(request),
            now=order.station.now(),
        )
        return Response(order_card(changed))


urlpatterns = [
    path("api/v1/orders/", OrderList.as_view(), name="api-orders"),
    path("api/v1/orders/bulk/", OrderBulk.as_view(), name="api-orders-bulk"),
    path("api/v1/orders/<int:order_id>/", OrderDetail.as_view(), name="api-order"),
    path("api/v1/orders/<int:order_id>/locate/", OrderLocate.as_view(), name="api-order-locate"),
    path("api/v1/orders/<int:order_id>/cancel/", OrderCancel.as_view(), name="api-order-cancel"),
    path("api/v1/orders/<int:order_id>/reopen/", OrderReopen.as_view(), name="api-order-reopen"),
]
