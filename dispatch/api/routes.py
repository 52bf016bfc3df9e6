"""One route by hand: lock, driver, release, recall, depart, close."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, READ, actor_of, require_row
from dispatch.api.body import body_of, integer, mapping, required_integer
from dispatch.api.moves import with_newest
from dispatch.models import Driver, Role, Route
from dispatch.selectors import board
from dispatch.selectors.masking import mask_routes, masked_at
from dispatch.services import routes
from lastmile.kernel.errors import LastmileError

PLAIN: dict[str, Callable[..., Route]] = {
    "recall": routes.recall_route,
    "depart": routes.depart_route,
    "close": routes.close_route,
}


def _route(request: Request, route_id: int, roles: tuple[Role, ...] = BOARD) -> Route:
    rows = Route.objects.select_related("station", "vehicle__type")
    return require_row(request.user, rows, route_id, "The route", roles)


def _card(route: Route) -> Response:
    return Response(board.route_cards(Route.objects.filter(pk=route.pk))[0])


@api_view(["GET"])
def show(request: Request, route_id: int) -> Response:
    route = _route(request, route_id, READ)
    shown = _card(route)
    if masked_at(request.user, route.station_id):
        return Response(mask_routes([shown.data])[0])
    return shown


@api_view(["POST"])
def change(request: Request, route_id: int, what: str) -> Response:
    """One small edit, under the version the caller has seen."""
    route = _route(request, route_id)
    data = body_of(request, {"version", "overrides", "locked", "driver_id"})
    common: dict[str, Any] = {
        "route": route,
        "version": required_integer(data, "version"),
        "actor": actor_of(request),
        "now": route.station.now(),
    }
    try:
        _change(what, route, data, common)
    except LastmileError as error:
        raise with_newest(error, route.station) from error
    return _card(route)


def _change(what: str, route: Route, data: Mapping[str, Any], common: dict[str, Any]) -> None:
    if what == "release":
        routes.release_route(**common, overrides=mapping(data, "overrides", str))
    elif what == "lock":
        routes.lock_route(**common, locked=bool(data.get("locked", True)))
    elif what == "assign-driver":
        routes.assign_driver(**common, driver=_driver(route, integer(data, "driver_id")))
    else:
        PLAIN[what](**common)


def _driver(route: Route, driver_id: int | None) -> Driver | None:
    if driver_id is None:
        return None
    driver = Driver.objects.filter(pk=driver_id, station=route.station, active=True).first()
    if driver is None:
        raise LastmileError(
            "unknown_driver", "The driver is not of this station.", "Choose another.", field="driver_id"
        )
    return driver


urlpatterns = [
    path("api/v1/routes/<int:route_id>/", show),
    *(
        path(f"api/v1/routes/<int:route_id>/{what}/", change, {"what": what})
        for what in ("release", "recall", "lock", "assign-driver", "depart", "close")
    ),
]
