"""What the fleet page shows: who and what is out on a day, who is free, away, broken, and what needs somebody."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from dispatch.lifecycle import RouteState, StopState
from dispatch.models import Absence, Driver, LivePosition, Outage, Route, Shift, Station, Vehicle
from dispatch.selectors.board import iso, shift_cards
from dispatch.services.fleet import shift_mark
from dispatch.services.roster import away, broken

DONE = (StopState.COMPLETED, StopState.FAILED)


@dataclass
class Row:
    """One shift of the day."""

    shift: Shift
    route: Route | None
    seen_at: datetime | None
    absent: Absence | None
    outage: Outage | None
    drivers: list[Driver] = field(default_factory=list)
    vehicles: list[Vehicle] = field(default_factory=list)

    @property
    def driver(self) -> Driver | None:
        """Who really drives: the route's driver where it has one."""
        return (self.route.driver if self.route else None) or self.shift.driver

    @property
    def stand_in(self) -> bool:
        driver, own = self.driver, self.shift.driver_id
        return driver is not None and own is not None and driver.pk != own

    @property
    def needs_driver(self) -> bool:
        return self.driver is None or self.absent is not None

    @property
    def needs_vehicle(self) -> bool:
        return self.outage is not None or not self.shift.vehicle.active

    @property
    def may_swap(self) -> bool:
        return self.route is None or self.route.state != RouteState.DEPARTED

    @property
    def mark(self) -> str:
        return shift_mark(self.shift)


@dataclass(frozen=True)
class FleetDay:
    rows: list[Row]
    free_drivers: list[Driver]
    free_vehicles: list[Vehicle]
    absences: list[Absence]
    outages: list[Outage]

    @property
    def needs(self) -> list[Row]:
        """Shifts that cannot go as they are."""
        return [row for row in self.rows if row.needs_driver or row.needs_vehicle]


def fleet_day(station: Station, day: date) -> FleetDay:
    """The whole page, in a fixed number of queries."""
    shifts = list(
        Shift.objects.filter(station=station, day=day, active=True).select_related(
            "driver", "vehicle__type", "station"
        )
    )
    absences = list(away(day).filter(driver__station=station).select_related("driver"))
    outages = list(broken(day).filter(vehicle__station=station).select_related("vehicle"))
    absent = {row.driver_id: row for row in absences}
    out = {row.vehicle_id: row for row in outages}
    routes = _routes(station, day)
    seen = _seen(station)
    drivers = list(Driver.objects.filter(station=station, active=True))
    vehicles = list(Vehicle.objects.filter(station=station, active=True).select_related("type"))
    there = [driver for driver in drivers if driver.pk not in absent]
    usable = [vehicle for vehicle in vehicles if vehicle.pk not in out]
    rows = [_row(shift, routes.get(shift.pk), seen, absent, out) for shift in shifts]
    _offer(station, rows, there, usable)
    busy = {row.driver.pk for row in rows if row.driver}
    driven = {shift.vehicle_id for shift in shifts}
    return FleetDay(
        rows,
        [driver for driver in there if driver.pk not in busy],
        [vehicle for vehicle in usable if vehicle.pk not in driven],
        absences,
        outages,
    )


def _row(
    shift: Shift,
    route: Route | None,
    seen: dict[int, datetime],
    absent: dict[int, Absence],
    out: dict[int, Outage],
) -> Row:
    row = Row(shift, route, seen.get(shift.vehicle_id), None, out.get(shift.vehicle_id))
    if row.driver is not None:
        row.absent = absent.get(row.driver.pk)
        row.seen_at = max(filter(None, (row.seen_at, row.driver.seen_at)), default=None)
    return row


def _routes(station: Station, day: date) -> dict[int, Route]:
    """The newest route of each shift, with how many stops it has and how many are done."""
    found = Route.objects.filter(station=station, day=day).select_related("driver").order_by("pk")
    counted = found.annotate(
        total=Count("stops"),
        done=Count("stops", filter=Q(stops__state__in=DONE)),
    )
    return {route.shift_id: route for route in counted}


def _seen(station: Station) -> dict[int, datetime]:
    """When each vehicle's position was last heard of; a driver without an app is seen by the page."""
    rows = LivePosition.objects.filter(vehicle__station=station)
    return dict(rows.values_list("vehicle_id", "fix_at"))


def _offer(station: Station, rows: Iterable[Row], drivers: list[Driver], vehicles: list[Vehicle]) -> None:
    """Who and what would be free for each row's hours, shifts of the nights around included."""
    rows = list(rows)
    hours = Shift.objects.filter(pk__in=[row.shift.pk for row in rows]).aggregate(Min("start"), Max("end"))
    if hours["start__min"] is None:
        return
    around = list(
        Shift.objects.filter(
            station=station, active=True, start__lt=hours["end__max"], end__gt=hours["start__min"]
        ).values_list("pk", "driver_id", "vehicle_id", "start", "end")
    )
    for row in rows:
        shift = row.shift
        clash = [
            other
            for other in around
            if other[0] != shift.pk and other[3] < shift.end and other[4] > shift.start
        ]
        driving, driven = {other[1] for other in clash}, {other[2] for other in clash}
        now = row.driver.pk if row.driver else None
        row.drivers = [each for each in drivers if each.pk not in driving and each.pk != now]
        row.vehicles = [each for each in vehicles if each.pk not in driven and each.pk != shift.vehicle_id]


def fleet_card(station: Station, day: date) -> dict[str, Any]:
    """The same for programs."""
    fleet = fleet_day(station, day)
    return {
        "day": day.isoformat(),
        "shifts": [row_card(row) for row in fleet.rows],
        "free_drivers": [{"id": each.pk, "name": each.name} for each in fleet.free_drivers],
        "free_vehicles": [{"id": each.pk, "name": each.name} for each in fleet.free_vehicles],
        "absences": [absence_card(each) for each in fleet.absences],
        "outages": [outage_card(each) for each in fleet.outages],
    }


def row_card(row: Row) -> dict[str, Any]:
    route = row.route
    return shift_cards([row.shift])[0] | {  # type: ignore[arg-type]
        "mark": row.mark,
        "route": route
        and {
            "id": route.pk,
            "name": route.name,
            "state": route.state,
            "version": route.version,
            "driver_id": route.driver_id,
            "stops": route.total,  # type: ignore[attr-defined]
            "done": route.done,  # type: ignore[attr-defined]
            "violations": route.violations,
        },
        "seen_at": iso(row.seen_at),
        "needs_driver": row.needs_driver,
        "needs_vehicle": row.needs_vehicle,
        "driver_ids": [each.pk for each in row.drivers],
        "vehicle_ids": [each.pk for each in row.vehicles],
    }


def absence_card(row: Absence) -> dict[str, Any]:
    return {
        "id": row.pk,
        "driver_id": row.driver_id,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "reason": row.reason,
    }


def outage_card(row: Outage) -> dict[str, Any]:
    return {
        "id": row.pk,
        "vehicle_id": row.vehicle_id,
        "first_day": row.first_day.isoformat(),
        "last_day": row.last_day.isoformat(),
        "reason": row.reason,
    }


def shift_row(shift: Shift) -> Row:
    """One shift as it is now, with who and what it could be given."""
    fleet = fleet_day(shift.station, shift.day)
    return next(row for row in fleet.rows if row.shift.pk == shift.pk)
