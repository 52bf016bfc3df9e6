"""The board's snapshot and the user's stations."""

from datetime import date

from django.urls import path
from django.views.decorators.gzip import gzip_page
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import READ, require_station, roles_at, stations_of
from dispatch.selectors import board
from dispatch.selectors.masking import mask_snapshot, masked_at
from lastmile.kernel.errors import LastmileError


def day_of(text: str | None, default: date) -> date:
    """A date of a query or body, or the default; refuses anything but YYYY-MM-DD."""
    if text in (None, ""):
        return default
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise LastmileError(
            "bad_day", f"{text!r} is no date.", "Write it as YYYY-MM-DD.", field="day"
        ) from error


@api_view(["GET"])
def stations(request: Request) -> Response:
    return Response(
        [
            {"id": s.pk, "code": s.code, "name": s.name, "roles": sorted(roles_at(request.user, s.pk))}
            for s in stations_of(request.user)
        ]
    )


@gzip_page
@api_view(["GET"])
def show(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, READ)
    day = day_of(request.query_params.get("day"), board.today(station))
    found = board.snapshot(station, day)
    return Response(mask_snapshot(found) if masked_at(request.user, station.pk) else found)


urlpatterns = [
    path("api/v1/stations/", stations),
    path("api/v1/stations/<int:station_id>/board/", show),
]
