"""Drivers and vehicles of a station: added, changed, taken out of use. Their shifts and routes follow."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Route, Shift, Station, Vehicle
from dispatch.services import roster
from dispatch.services.changes import differences, mark_of, tell_change, values_of, without_personal
from dispatch.services.fleet import walk_again
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

DRIVER_FIELDS = ("name", "phone", "email", "carrier", "skills", "home_zones", "pace_percent", "active")
VEHICLE_FIELDS = ("name", "plate", "type", "carrier", "skills", "zones", "forbidden_zones", "active")
WALKED = {"type", "skills", "pace_percent", "zones", "forbidden_zones", "home_zones"}
"""A change of these may break a rule on the row's routes, or mend it."""
PERSONAL = ("name", "phone", "email")

type Row = Driver | Vehicle


def row_mark(row: Row) -> str:
    """What a form sends back to say which state of the row its person saw."""
    return mark_of(row, _fields(row))


def _fields(row: Row) -> tuple[str, ...]:
    return DRIVER_FIELDS if isinstance(row, Driver) else VEHICLE_FIELDS


def save_driver(
    *, driver: Driver, values: Mapping[str, Any], mark: str | None, actor: str, now: datetime
) -> Driver:
    """Add a driver (one without a key) or change one; skills change what their routes may hold."""
    _save(driver, values, mark, actor=actor, now=now)
    return driver


def save_vehicle(
    *, vehicle: Vehicle, values: Mapping[str, Any], mark: str | None, actor: str, now: datetime
) -> Vehicle:
    """Add a vehicle or change one; another type or other skills are walked into its routes at once."""
    _save(vehicle, values, mark, actor=actor, now=now)
    return vehicle


def _save(row: Row, values: Mapping[str, Any], mark: str | None, *, actor: str, now: datetime) -> None:
    station, fields, made = row.station, _fields(row), row.pk is None
    _require_ours(station, values)
    try:
        with transaction.atomic():
            roster.lock_roster(station)
            if not made:
                row.refresh_from_db()
                if mark is not None and mark != row_mark(row):
                    raise conflict(f"{row} was changed meanwhile.", "Look at it and save again.")
            before = {} if made else values_of(row, fields)
            for name in fields:
                if name in values:
                    setattr(row, name, values[name])
            if not made and before["active"] and not row.active:
                _require_idle(row, now)
            row.save()
            changes = differences(before, values_of(row, fields))
            if not changes:
                return
            _tell(row, "added" if made else "changed", changes, actor=actor, now=now)
            if not made and changes.keys() & WALKED:
                _walk_routes(row, actor=actor, now=now)
    except IntegrityError as error:
        raise LastmileError(
            "name_taken",
            f"{values.get('name', row.name)} is there already.",
            "Choose another name, or look among those that are not in use.",
            field="name",
            status=409,
        ) from error


def _require_ours(station: Station, values: Mapping[str, Any]) -> None:
    carrier = values.get("carrier")
    if carrier is not None and carrier.station_id != station.pk:
        raise LastmileError(
            "unknown_carrier", "The carrier is not of this station.", "Choose another.", field="carrier"
        )


def _require_idle(row: Row, now: datetime) -> None:
    """Whoever leaves must not stand in tomorrow's roster."""
    mine = {"driver": row} if isinstance(row, Driver) else {"vehicle": row}
    shifts = Shift.objects.filter(active=True, end__gt=now, **mine)
    if ahead := shifts.order_by("start").first():
        raise LastmileError(
            "still_in_shifts",
            f"{row} has {shifts.count()} shifts ahead, the next on {ahead.day}.",
            "Give these shifts to another first.",
            field="active",
            status=409,
        )


def _tell(row: Row, what: str, changes: dict[str, list[Any]], *, actor: str, now: datetime) -> None:
    if isinstance(row, Driver):
        changes = without_personal(changes, PERSONAL)
    tell_change(station_id=row.station_id, what=what, row=row, changes=changes, actor=actor, at=now)
    today = now.astimezone(row.station.zone).date()
    roster.tell_fleet(row.station, [today], actor=actor, now=now)


def _walk_routes(row: Row, *, actor: str, now: datetime) -> None:
    """Routes that have not left get new times and rules; the card of one on the road its new capacity."""
    mine = {"driver": row} if isinstance(row, Driver) else {"vehicle": row}
    rows = Route.objects.select_for_update(of=("self",)).select_related("station", "vehicle__type")
    routes = list(rows.filter(**mine).exclude(state=RouteState.CLOSED).order_by("pk"))
    if routes:
        event = events.RoutesChanged(
            station_id=row.station_id,
            what="capacity",
            route_ids=[route.pk for route in routes],
            order_ids=[],
        )
        bus.publish(event, actor=actor, at=now)
    for route in routes:
        if route.state != RouteState.DEPARTED:
            walk_again(route, actor=actor, now=now)
