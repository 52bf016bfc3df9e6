"""Moves and arrangements by hand, each with its preview; locks of single orders; undo and redo."""

from collections.abc import Callable, Mapping
from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, actor_of, require_station
from dispatch.api.board import day_of
from dispatch.api.body import body_of, integer, integers, mapping, text
from dispatch.models import BoardEdit, Order, Route, Station
from dispatch.selectors import board
from dispatch.selectors.orders import order_cards
from dispatch.services import arrangements, edits, moves, pins, undo
from dispatch.services.day_drafts import Draft
from lastmile.kernel.errors import LastmileError

MOVE_FIELDS = {"day", "order_ids", "route_id", "shift_id", "position", "versions"}
ARRANGEMENT_FIELDS = {"day", "sequences", "versions", "what"}
SHOWN = ("sequences", "locked", "driver_id")
MOST_ROUTES, MOST_ORDERS = 50, 2000


def with_newest(error: LastmileError, station: Station) -> LastmileError:
    """A refusal that names routes carries their newest cards, so that the loser sees what changed."""
    if "route_ids" in error.data:
        wanted = Route.objects.filter(station=station, pk__in=error.data["route_ids"])  # type: ignore[misc]
        error.data = {"routes": board.route_cards(wanted)}
    return error


def _move(data: Mapping[str, Any]) -> moves.Move:
    return moves.Move(
        order_ids=integers(data, "order_ids", most=500),
        route_id=integer(data, "route_id"),
        shift_id=integer(data, "shift_id"),
        position=integer(data, "position", high=10_000),
    )


def _numbered(data: Mapping[str, Any], field: str, kind: type) -> dict[int, Any]:
    given = mapping(data, field, kind)
    if not all(key.isdigit() for key in given):
        raise LastmileError("bad_object", f"{field} must name rows by id.", "Correct it.", field=field)
    return {int(pk): value for pk, value in given.items()}


def _sequences(data: Mapping[str, Any]) -> dict[int, list[int]]:
    given = _numbered(data, "sequences", list)
    if not given or len(given) > MOST_ROUTES:
        raise LastmileError(
            "bad_object",
            f"sequences must name 1 to {MOST_ROUTES} shifts.",
            "Arrange fewer at once.",
            field="sequences",
        )
    return {
        shift: integers({"sequences": ids}, "sequences", most=MOST_ORDERS) if ids else []
        for shift, ids in given.items()
    }


def _changed(changed: list[Route], before: set[int], order_ids: list[int]) -> dict[str, Any]:
    """Cards of what there is now, and which routes are no more."""
    there = {route.pk for route in changed}
    return {
        "routes": board.route_cards(Route.objects.filter(pk__in=there)),
        "removed_routes": sorted(
            before - set(Route.objects.filter(pk__in=before).values_list("pk", flat=True))
        ),
        "orders": order_cards(Order.objects.filter(pk__in=order_ids), inside=True),
    }


@api_view(["POST"])
def move(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, MOVE_FIELDS)
    try:
        changed = moves.move_orders(
            station=station,
            day=day_of(data.get("day"), board.today(station)),
            move=_move(data),
            versions=_numbered(data, "versions", int),
            actor=actor_of(request),
            now=station.now(),
        )
    except LastmileError as error:
        raise with_newest(error, station) from error
    return Response(_changed(changed, set(), data["order_ids"]))


@api_view(["POST"])
def preview_move(request: Request, station_id: int) -> Response:
    """What a move would cost, before the drop."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, MOVE_FIELDS)
    day = day_of(data.get("day"), board.today(station))
    draft = moves.draft_move(station=station, day=day, move=_move(data), now=station.now())
    return Response(_previewed(draft))


@api_view(["POST"])
def arrange(request: Request, station_id: int) -> Response:
    """Give each named shift exactly these orders in this order: reverse, merge, split, swap."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, ARRANGEMENT_FIELDS)
    day, sequences = day_of(data.get("day"), board.today(station)), _sequences(data)
    before = set(Route.objects.filter(station=station, shift__in=sequences).values_list("pk", flat=True))
    try:
        changed = arrangements.arrange(
            station=station,
            day=day,
            sequences=sequences,
            versions=_numbered(data, "versions", int),
            what=text(data, "what", "arranged", most=12),
            actor=actor_of(request),
            now=station.now(),
        )
    except LastmileError as error:
        raise with_newest(error, station) from error
    return Response(_changed(changed, before, [pk for ids in sequences.values() for pk in ids]))


@api_view(["POST"])
def preview_arrangement(request: Request, station_id: int) -> Response:
    """What an arrangement would cost, before it is made."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, ARRANGEMENT_FIELDS)
    day = day_of(data.get("day"), board.today(station))
    draft = arrangements.draft_arrangement(
        station=station, day=day, sequences=_sequences(data), now=station.now()
    )
    return Response(_previewed(draft))


def _previewed(draft: Draft) -> dict[str, Any]:
    return {"routes": [_drafted(draft, shift_id) for shift_id in draft.after], "delta": draft.delta}


def _drafted(draft: Draft, shift_id: int) -> dict[str, Any]:
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


@api_view(["POST"])
def pin(request: Request, station_id: int) -> Response:
    """Lock orders to their route or their place on it, or free them."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"day", "order_ids", "pinned"})
    order_ids = integers(data, "order_ids", most=MOST_ORDERS)
    pins.pin_orders(
        station=station,
        day=day_of(data.get("day"), board.today(station)),
        order_ids=order_ids,
        pinned=text(data, "pinned", most=5),
        actor=actor_of(request),
        now=station.now(),
    )
    return Response({"orders": order_cards(Order.objects.filter(pk__in=order_ids), inside=True)})


@api_view(["GET"])
def edits_of(request: Request, station_id: int) -> Response:
    """What the caller could undo and redo now."""
    station = require_station(request.user, station_id, BOARD)
    day = day_of(request.query_params.get("day"), board.today(station))
    mine = (station, day, actor_of(request))
    return Response({"undo": _edit(edits.next_undo(*mine)), "redo": _edit(edits.next_redo(*mine))})


def _edit(edit: BoardEdit | None) -> dict[str, Any] | None:
    return None if edit is None else {"id": edit.pk, "what": edit.what, "at": board.iso(edit.at)}


@api_view(["POST"])
def turn(request: Request, station_id: int, act: Callable[..., BoardEdit]) -> Response:
    """Take the caller's last change back, or do it again."""
    station = require_station(request.user, station_id, BOARD)
    day = day_of(body_of(request, {"day"}).get("day"), board.today(station))
    before = set(Route.objects.filter(station=station, day=day).values_list("pk", flat=True))
    try:
        edit = act(station=station, day=day, actor=actor_of(request), now=station.now())
    except LastmileError as error:
        raise with_newest(error, station) from error
    shifts = {
        int(shift) for side in (edit.before, edit.after) for name in SHOWN for shift in side.get(name, ())
    }
    orders = {
        *(
            pk
            for side in (edit.before, edit.after)
            for ids in side.get("sequences", {}).values()
            for pk in ids
        ),
        *map(int, edit.before.get("pinned", ())),
    }
    routes = list(Route.objects.filter(station=station, day=day, shift__in=shifts))
    return Response({"what": edit.what, **_changed(routes, before, sorted(orders))})


urlpatterns = [
    path("api/v1/stations/<int:station_id>/moves/", move),
    path("api/v1/stations/<int:station_id>/moves/preview/", preview_move),
    path("api/v1/stations/<int:station_id>/arrangements/", arrange),
    path("api/v1/stations/<int:station_id>/arrangements/preview/", preview_arrangement),
    path("api/v1/stations/<int:station_id>/pins/", pin),
    path("api/v1/stations/<int:station_id>/edits/", edits_of),
    path("api/v1/stations/<int:station_id>/undo/", turn, {"act": undo.undo}),
    path("api/v1/stations/<int:station_id>/redo/", turn, {"act": undo.redo}),
]
