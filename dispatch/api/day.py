"""A station's day in numbers, and closing it."""

from typing import Any

from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, READ, actor_of, require_station
from dispatch.api.board import day_of
from dispatch.api.body import body_of
from dispatch.models import StationDay
from dispatch.selectors import board, day_facts
from dispatch.services.day_close import close_day
from lastmile.kernel.errors import LastmileError


@api_view(["GET"])
def show(request: Request, station_id: int) -> Response:
    """The facts of a day: as they stand, or as they were when it was closed."""
    station = require_station(request.user, station_id, READ)
    day = day_of(request.query_params.get("day"), board.today(station))
    facts = day_facts.facts_of(station, day, station.now())
    closed = StationDay.objects.filter(station=station, day=day).first()
    shown = {name: value for name, value in facts.items() if name != "rows"}
    return Response(shown | {"rates": day_facts.rates(facts), "closed": _closed(closed)})


def _closed(row: StationDay | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {"at": row.closed_at.isoformat(), "actor": row.actor, "changes": row.changes}


@api_view(["POST"])
def close(request: Request, station_id: int) -> Response:
    """Close a day; `vans_out` true closes the routes that are still on the road too."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"day", "vans_out"})
    vans_out = data.get("vans_out", False)
    if not isinstance(vans_out, bool):
        raise LastmileError("bad_vans_out", "vans_out is true or false.", "Correct it.", field="vans_out")
    result = close_day(
        station=station,
        day=day_of(data.get("day"), board.today(station)),
        actor=actor_of(request),
        now=station.now(),
        vans_out_too=vans_out,
    )
    return Response(
        {"day": result.day.day.isoformat(), "repeated": result.repeated, "closed": _closed(result.day)}
    )


urlpatterns = [
    path("api/v1/stations/<int:station_id>/day/", show),
    path("api/v1/stations/<int:station_id>/day/close/", close),
]
