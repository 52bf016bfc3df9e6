"""One order by API: read, change, call off, place, put back."""

from typing import Any

from django.urls import path
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, actor_of, require_row
from dispatch.api.body import body_of, integer, required_integer
from dispatch.api.order_access import (
    OrderAccess,
    OrderView,
    by_shop,
    card_of,
    find_order,
    is_inside,
    once,
    seen_version,
    shown,
)
from dispatch.models import Order
from dispatch.services.cities import open_city
from dispatch.services.idempotency import Answer
from dispatch.services.order_draft import INSIDE_NAMES
from dispatch.services.order_patch import PATCHABLE, change_order, stale
from dispatch.services.orders import cancel_order, locate_order, reopen_order
from lastmile.kernel.errors import LastmileError, not_found


def _changeable(request: Request, order_id: int) -> Order:
    """An order the caller may change: a shop's own, or one of a station whose board is theirs."""
    order = find_order(request, pk=order_id)
    if not by_shop(request):
        require_row(request.user, Order.objects.all(), order_id, "The order", BOARD)
    return order


class OrderDetail(OrderView):
    """GET: the card. PATCH: some fields; If-Match names the version seen, which people must and shops may."""

    def get(self, request: Request, order_id: int) -> Response:
        return shown(request, card_of(request, find_order(request, pk=order_id)))

    def patch(self, request: Request, order_id: int) -> Response:
        order = _changeable(request, order_id)
        inside = is_inside(request)
        patch = body_of(request, set(PATCHABLE) | (INSIDE_NAMES if inside else set()))
        version = seen_version(request)
        return once(request, dict(patch), lambda: _change(request, order, patch, version))


def _change(request: Request, order: Order, patch: Any, version: int | None) -> Answer:
    try:
        changed, _ = change_order(
            order=order,
            patch=patch,
            version=version,
            actor=actor_of(request),
            now=order.station.now(),
            geocoder=open_city(order.station).geocoder,
            inside=is_inside(request),
        )
    except LastmileError as error:
        if error.status in (409, 412):
            error.data["order"] = {"id": order.pk}
        raise
    return 200, card_of(request, changed)


class OrderByExternalId(OrderView):
    """GET: a shop's order by the shop's own number; a station's people name the shop by its code."""

    def get(self, request: Request, external_id: str) -> Response:
        where: dict[str, Any] = {"external_id": external_id}
        if "\0" in external_id or len(external_id) > 80:
            raise not_found("The order")
        if not by_shop(request):
            shop = request.query_params.get("shop", "")
            if not shop or "\0" in shop:
                raise LastmileError(
                    "missing", "Shops have numbers of their own.", "Add ?shop=CODE.", field="shop"
                )
            where["shop__code"] = shop
        return shown(request, card_of(request, find_order(request, **where)))


class OrderCancel(OrderView):
    """POST {version?}: by the station, which says what it saw, or by the shop until the van has left."""

    def post(self, request: Request, order_id: int) -> Response:
        body = body_of(request, {"version"})
        order = _changeable(request, order_id)
        version = seen_version(request, integer(body, "version"))
        return once(request, dict(body), lambda: _cancel(request, order, version))


def _cancel(request: Request, order: Order, version: int | None) -> Answer:
    try:
        changed = cancel_order(
            order=order,
            version=version,
            actor=actor_of(request),
            now=order.station.now(),
            by_shop=by_shop(request),
        )
    except LastmileError as error:
        if error.code != "conflict":
            raise
        newest = find_order(request, pk=order.pk)
        refused = stale(newest, version)
        refused.data["order"] = {"id": newest.pk}
        raise refused from error
    return 200, card_of(request, changed)


class StationOrder(OrderView):
    """What only the station's people do, with the version they saw in the body."""

    def get_permissions(self) -> list[BasePermission]:
        return [OrderAccess(), IsAuthenticated()]

    def order(self, request: Request, order_id: int) -> Order:
        return require_row(
            request.user, Order.objects.select_related("station"), order_id, "The order", BOARD
        )


class OrderLocate(StationOrder):
    """POST {lat, lng, version}: somebody of the station pointed at the map."""

    def post(self, request: Request, order_id: int) -> Response:
        body = body_of(request, {"lat", "lng", "version"})
        order = self.order(request, order_id)
        version = required_integer(body, "version")
        return once(request, dict(body), lambda: _locate(request, order, body, version))


def _locate(request: Request, order: Order, body: Any, version: int) -> Answer:
    changed = locate_order(
        order=order,
        lat=body.get("lat"),
        lng=body.get("lng"),
        version=version,
        actor=actor_of(request),
        now=order.station.now(),
    )
    return 200, card_of(request, changed)


class OrderReopen(StationOrder):
    """POST {version}: a failed order back to the pool."""

    def post(self, request: Request, order_id: int) -> Response:
        body = body_of(request, {"version"})
        order = self.order(request, order_id)
        version = required_integer(body, "version")
        return once(request, dict(body), lambda: _reopen(request, order, version))


def _reopen(request: Request, order: Order, version: int) -> Answer:
    changed = reopen_order(order=order, version=version, actor=actor_of(request), now=order.station.now())
    return 200, card_of(request, changed)


ONE = "api/v1/orders/<int:order_id>/"
urlpatterns = [
    path(ONE, OrderDetail.as_view(), name="api-order"),
    path(f"{ONE}locate/", OrderLocate.as_view(), name="api-order-locate"),
    path(f"{ONE}cancel/", OrderCancel.as_view(), name="api-order-cancel"),
    path(f"{ONE}reopen/", OrderReopen.as_view(), name="api-order-reopen"),
    path(
        "api/v1/orders/by-external-id/<path:external_id>/",
        OrderByExternalId.as_view(),
        name="api-order-by-external-id",
    ),
]
