"""Changes to today's fleet: shifts, who drives, which vehicle, who is away, what is broken."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, time
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import path
from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from dispatch.access import BOARD, READ, actor_of, require_station
from dispatch.api.board import day_of
from dispatch.api.body import body_of, integer, required_integer, text
from dispatch.models import Absence, Driver, Outage, Shift, Station, Vehicle
from dispatch.selectors.board import today
from dispatch.selectors.fleet import (
    absence_card,
    fleet_card,
    outage_card,
    row_card,
    shift_row,
)
from dispatch.services import absences, fleet, outages, swaps
from dispatch.services.roster import Clocks
from lastmile.kernel.errors import LastmileError, not_found

HOURS = {"start", "end", "break_minutes", "break_from", "break_to"}


def _by(request: Request, station: Station) -> dict[str, Any]:
    return {"actor": actor_of(request), "now": station.now()}


def _of[Row: Model](rows: QuerySet[Row], pk: int | None, what: str) -> Row:
    row = rows.filter(pk=pk).first() if pk is not None else None
    if row is None:
        raise not_found(what)
    return row


def _driver(station: Station, data: Mapping[str, Any]) -> Driver | None:
    pk = integer(data, "driver_id")
    return None if pk is None else _of(Driver.objects.filter(station=station), pk, "The driver")


def _vehicle(station: Station, data: Mapping[str, Any]) -> Vehicle:
    return _of(Vehicle.objects.filter(station=station), integer(data, "vehicle_id"), "The vehicle")


def _shift(station: Station, shift_id: int | None) -> Shift:
    rows = Shift.objects.filter(station=station).select_related("station", "driver", "vehicle")
    return _of(rows, shift_id, "The shift")


def _clock(data: Mapping[str, Any], field: str) -> time | None:
    written = text(data, field, most=5) if data.get(field) is not None else ""
    if not written:
        return None
    try:
        return time.fromisoformat(written).replace(tzinfo=None)
    except ValueError as error:
        raise LastmileError(
            "bad_time", f"{written!r} is no time.", "Write it as HH:MM.", field=field
        ) from error


def _clocks(data: Mapping[str, Any]) -> Clocks:
    start, end = _clock(data, "start"), _clock(data, "end")
    if start is None or end is None:
        raise LastmileError("missing", "start and end are needed.", "Write them as HH:MM.", field="start")
    minutes = integer(data, "break_minutes", high=600) or 0
    return Clocks(start, end, minutes, _clock(data, "break_from"), _clock(data, "break_to"))


def _mark(data: Mapping[str, Any], field: str = "mark") -> str | None:
    return text(data, field, most=16) or None


def _days(data: Mapping[str, Any], station: Station) -> dict[str, Any]:
    first = day_of(data.get("first_day"), today(station))
    return {
        "first_day": first,
        "last_day": day_of(data.get("last_day"), first),
        "reason": text(data, "reason", most=120),
    }


@api_view(["GET"])
def show(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, READ)
    return Response(fleet_card(station, day_of(request.query_params.get("day"), today(station))))


@api_view(["POST"])
def add(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"day", "driver_id", "vehicle_id", *HOURS})
    shift = fleet.add_shift(
        station=station,
        day=day_of(data.get("day"), today(station)),
        vehicle=_vehicle(station, data),
        driver=_driver(station, data),
        clocks=_clocks(data),
        **_by(request, station),
    )
    return Response(row_card(shift_row(shift)), status=201)


@api_view(["POST"])
def copy(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"source", "day"})
    days: tuple[date, date] = (
        day_of(text(data, "source"), today(station)),
        day_of(data.get("day"), today(station)),
    )
    made, skipped = fleet.copy_roster(station=station, source=days[0], day=days[1], **_by(request, station))
    return Response({"shift_ids": [each.pk for each in made], "skipped": [asdict(each) for each in skipped]})


@api_view(["POST"])
def change(request: Request, station_id: int, shift_id: int, what: str) -> Response:
    """One change of a shift, under the mark of what the caller has seen."""
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"mark", "driver_id", "vehicle_id", "other_id", "other_mark", *HOURS})
    shift = _shift(station, shift_id)
    common = {"shift": shift, "mark": _mark(data), **_by(request, station)}
    if what == "remove":
        return Response({"returned_order_ids": fleet.remove_shift(**common)})
    if what == "hours":
        fleet.change_hours(clocks=_clocks(data), **common)
    elif what == "driver":
        swaps.replace_driver(driver=_driver(station, data), **common)
    elif what == "vehicle":
        swaps.swap_vehicle(vehicle=_vehicle(station, data), **common)
    else:
        other = _shift(station, required_integer(data, "other_id"))
        marks = (common.pop("mark"), _mark(data, "other_mark"))
        swaps.exchange_vehicles(other=other, marks=marks, **common)
        return Response([row_card(shift_row(each)) for each in (shift, other)])
    return Response(row_card(shift_row(shift)))


@api_view(["POST"])
def report_away(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"driver_id", "first_day", "last_day", "reason"})
    driver = _driver(station, data)
    if driver is None:
        raise not_found("The driver")
    done = absences.report_absence(driver=driver, **_days(data, station), **_by(request, station))
    return Response(
        absence_card(done.absence)
        | {
            "shift_ids": [each.pk for each in done.shifts],
            "draft_route_ids": [each.pk for each in done.drafts],
            "needing_route_ids": [each.pk for each in done.needing],
        },
        status=201,
    )


@api_view(["POST"])
def report_broken(request: Request, station_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"vehicle_id", "first_day", "last_day", "reason"})
    vehicle = _vehicle(station, data)
    done = outages.report_outage(vehicle=vehicle, **_days(data, station), **_by(request, station))
    return Response(outage_card(done.outage) | {"shift_ids": [each.pk for each in done.shifts]}, status=201)


@api_view(["POST"])
def end_away(request: Request, station_id: int, absence_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"back_on"})
    rows = Absence.objects.filter(driver__station=station).select_related("driver__station")
    absence = _of(rows, absence_id, "The absence")
    back_on = day_of(data.get("back_on"), today(station))
    absences.end_absence(absence=absence, back_on=back_on, **_by(request, station))
    return Response(status=204)


@api_view(["POST"])
def end_broken(request: Request, station_id: int, outage_id: int) -> Response:
    station = require_station(request.user, station_id, BOARD)
    data = body_of(request, {"back_on"})
    rows = Outage.objects.filter(vehicle__station=station).select_related("vehicle__station")
    outage = _of(rows, outage_id, "The outage")
    back_on = day_of(data.get("back_on"), today(station))
    outages.end_outage(outage=outage, back_on=back_on, **_by(request, station))
    return Response(status=204)


BASE = "api/v1/stations/<int:station_id>/fleet/"
urlpatterns = [
    path(BASE, show),
    path(f"{BASE}shifts/", add),
    path(f"{BASE}copy/", copy),
    *(
        path(f"{BASE}shifts/<int:shift_id>/{what}/", change, {"what": what})
        for what in ("hours", "driver", "vehicle", "exchange", "remove")
    ),
    path(f"{BASE}absences/", report_away),
    path(f"{BASE}absences/<int:absence_id>/end/", end_away),
    path(f"{BASE}outages/", report_broken),
    path(f"{BASE}outages/<int:outage_id>/end/", end_broken),
]
