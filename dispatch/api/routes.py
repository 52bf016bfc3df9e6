"""Routes by hand: moves with preview, lock, driver, release, recall, depart, close."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, READ, actor_of, require_row, require_station
from dispatch.api.board import day_of
from dispatch.api.body import body_of, integer, integers, mapping, required_integer
from dispatch.models import Driver, Order, Role, Route, Station
from dispatch.selectors import board
from dispatch.selectors.masking import mask_routes, masked_at
from dispatch.selectors.orders import order_cards
from dispatch.services import moves, routes
from lastmile.kernel.errors import LastmileError

PLAIN: dict[str, Callable[..., Route]] = {
    "recall": routes.recall_route,
    "depart": routes.depart_route,
    "close": routes.close_route,
}
MOVE_FIELDS = {"day", "order_ids", "route_id", "shift_id", "position", "versions"}


def _move(data: Mapping[str, Any]) -> moves.Move:
    return moves.Move(
        order_ids=integers(data, "order_ids", most=500),
        route_id=integer(data, "route_id"),
        shift_id=integer(data, "shift_id"),
        position=integer(data, "position", high=10_000),
    )


def _versions(data: Mapping[str, Any]) -> dict[int, int]:
    given = mapping(data, "versions", int)
    if not all(key.isdigit() for key in given):
        raise LastmileError("bad_object", "versions must name routes by id.", "Correct it.", field="versions")
    return {int(route_id): version for route_id, version in given.items()}


def _with_newest(error: LastmileError, station: Station) -> LastmileError:
    """A conflict carries the newest cards, so that the loser sees what changed."""
    if error.code == "conflict" and "route_ids" in error.data:
        wanted = Route.objects.filter(station=station, pk__in=error.data["route_ids"])  # type: ignore[misc]
        error.data = {"routes": board.route_cards(wanted)}
    return error


@api_view(["POST"])
def move(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, MOVE_FIELDS)
    try:
        changed = moves.move_orders(
            station=station,
            day=day_of(data.get("day"), board.today(station)),
            move=_move(data),
            versions=_versions(data),
            actor=actor_of(request),
            now=station.now(),
        )
    except LastmileError as error:
        raise _with_newest(error, station) from error
    moved = Order.objects.filter(station=station, pk__in=data["order_ids"])
    return Response(
        {
            "routes": board.route_cards(Route.objects.filter(pk__in=[route.pk for route in changed])),
            "orders": order_cards(moved, inside=True),
        }
    )


@api_view(["POST"])
def preview(request: Request, station_id: int) -> Response:
    """What a move would cost, before the drop."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, MOVE_FIELDS)
    day = day_of(data.get("day"), board.today(station))
    draft = moves.draft_move(station=station, day=day, move=_move(data), now=station.now())
    return Response({"routes": [_drafted(draft, shift_id) for shift_id in draft.after], "delta": draft.delta})


def _drafted(draft: moves.Draft, shift_id: int) -> dict[str, Any]:
    route, times = draft.routes.get(shift_id), draft.times.get(shift_id)
    return {
        "id": route.pk if route else None,
        "shift_id": shift_id,
        "start_at": board.iso(times.start_at) if times else None,
        "end_at": board.iso(times.end_at) if times else None,
        "distance_m": times.distance_m if times else 0,
        "drive_s": times.drive_s if times else 0,
        "cost_cents": times.cost_cents if times else 0,
        "load": times.load if times else {},
        "violations": times.violations if times else [],
        "stops": [
            {
                "order_ids": stop.order_ids,
                "lat": stop.lat,
                "lng": stop.lng,
                "arrival": board.iso(stop.arrival),
                "slack_s": stop.slack_s,
            }
            for stop in (times.stops if times else [])
        ],
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
        raise _with_newest(error, route.station) from error
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
    path("api/v1/stations/<int:station_id>/moves/", move),
    path("api/v1/stations/<int:station_id>/moves/preview/", preview),
    path("api/v1/routes/<int:route_id>/", show),
    *(
        path(f"api/v1/routes/<int:route_id>/{what}/", change, {"what": what})
        for what in ("release", "recall", "lock", "assign-driver", "depart", "close")
    ),
]
