"""Scans of the floor, in batches, and what they add up to."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import FLOOR, actor_of, require_station
from dispatch.api.board import day_of
from dispatch.api.body import body_of, integer, query_integer, text
from dispatch.floor_words import verdict_words
from dispatch.models import ParcelMove, Route, Station
from dispatch.selectors import board
from dispatch.selectors.floor import floor_counts, gaps
from dispatch.services.scans import MOST, Scan, record_scans
from lastmile.kernel.errors import LastmileError, not_found

FIELDS = {"id", "activity", "barcode", "age_ms", "route_id"}
OLDEST_MS = 7 * 24 * 3600 * 1000


def _scan(data: Any, now: datetime) -> Scan:
    if not isinstance(data, Mapping) or set(data) - FIELDS:
        raise LastmileError(
            "bad_object", f"A scan is an object of {', '.join(sorted(FIELDS))}.", "Correct it.", field="scans"
        )
    event_id, barcode = text(data, "id", most=64), text(data, "barcode", most=60)
    if not event_id or not barcode:
        field = "barcode" if event_id else "id"
        raise LastmileError("missing", f"{field} is missing.", "Add it and send again.", field=field)
    age = integer(data, "age_ms", high=OLDEST_MS) or 0
    return Scan(
        client_event_id=event_id,
        activity=text(data, "activity", most=10),
        barcode=barcode,
        at=now - timedelta(milliseconds=age),
        route_id=integer(data, "route_id"),
    )


@api_view(["POST"])
def scan(request: Request, station_id: int) -> Response:
    """Take scans in their order; `age_ms` says how long ago each was, so that no device's clock matters."""
    station = require_station(request.user, station_id, FLOOR)
    given = body_of(request, {"scans"}).get("scans")
    if not isinstance(given, list) or not 0 < len(given) <= MOST:
        raise LastmileError(
            "bad_list", f"scans must be a list of 1 to {MOST} scans.", "Send fewer at once.", field="scans"
        )
    now = station.now()
    scans = [_scan(each, now) for each in given]
    moves = record_scans(station=station, scans=scans, actor=actor_of(request), now=now)
    return Response({"answers": [_answer(move) for move in moves]})


def _answer(move: ParcelMove) -> dict[str, Any]:
    return {
        "id": move.client_event_id,
        "barcode": move.barcode,
        "verdict": move.verdict,
        "ok": move.ok,
        "moved": bool(move.after),
        "lane": move.lane,
        "words": verdict_words(move),
    }


@api_view(["GET"])
def floor(request: Request, station_id: int) -> Response:
    """Counts of the day, and the parcels that are not yet where they belong: all, or of one route by `route_id`."""
    station = require_station(request.user, station_id, FLOOR)
    day = day_of(request.query_params.get("day"), board.today(station))
    route = _route(station, query_integer(request, "route_id"))
    return Response(floor_counts(station, day) | {"gaps": gaps(station, day, route=route)})


def _route(station: Station, route_id: int | None) -> Route | None:
    if route_id is None:
        return None
    route = Route.objects.filter(station=station, pk=route_id).first()
    if route is None:
        raise not_found("The route")
    return route


urlpatterns = [
    path("api/v1/stations/<int:station_id>/scans/", scan),
    path("api/v1/stations/<int:station_id>/floor/", floor),
]
