"""Another driver or another vehicle for a shift, in one step with its route."""

from datetime import datetime
from typing import Any

from django.db import transaction

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Route, Shift, Vehicle
from dispatch.services import roster
from dispatch.services.changes import values_of
from dispatch.services.fleet import hold_shift, open_route, tell_shift, walk_again
from dispatch.services.roster import SHIFT_FIELDS
from dispatch.services.routes import change_route, give_driver
from lastmile.kernel.errors import LastmileError


def replace_driver(
    *, shift: Shift, driver: Driver | None, mark: str | None, actor: str, now: datetime
) -> Shift:
    """Give the shift and its route to another driver, or (while nothing is released) to nobody yet."""
    with transaction.atomic():
        shift, before = hold_shift(shift, mark)
        roster.require_driver(shift.station, driver, shift.day)
        if driver is not None:
            roster.require_free(
                start=shift.start, end=shift.end, driver=driver, vehicle=None, besides=[shift.pk]
            )
        Shift.objects.filter(pk=shift.pk).update(driver=driver)
        shift.refresh_from_db()
        tell_shift(shift, "driver", before, actor=actor, now=now)
        if (route := open_route(shift)) and route.driver_id != (driver and driver.pk):
            give_route(route, driver, actor=actor, now=now)
    return shift


def give_route(route: Route, driver: Driver | None, *, actor: str, now: datetime) -> None:
    """Another driver for a route in any open state; one that was released needs somebody."""
    if driver is None and route.state != RouteState.DRAFT:
        raise LastmileError(
            "route_needs_driver",
            f"{route.name} is {route.state}: it cannot be without a driver.",
            "Choose another driver, or recall the route first.",
            field="driver",
            status=409,
        )
    if route.state != RouteState.DEPARTED:
        give_driver(route=route, version=route.version, driver=driver, actor=actor, now=now)
        return
    change_route(
        route=route,
        version=route.version,
        what="assigned",
        actor=actor,
        now=now,
        states=[RouteState.DEPARTED],
        driver=driver,
    )
    walk_again(route, actor=actor, now=now)


def swap_vehicle(*, shift: Shift, vehicle: Vehicle, mark: str | None, actor: str, now: datetime) -> Shift:
    """Another vehicle for a shift and its route that has not left, which is walked again with what it can do."""
    with transaction.atomic():
        shift, before = hold_shift(shift, mark)
        roster.require_vehicle(shift.station, vehicle, shift.day)
        roster.require_free(
            start=shift.start, end=shift.end, driver=None, vehicle=vehicle, besides=[shift.pk]
        )
        route = open_route(shift)
        _require_here(route)
        Shift.objects.filter(pk=shift.pk).update(vehicle=vehicle)
        _settle(shift, route, before, actor=actor, now=now)
    return shift


def exchange_vehicles(
    *, shift: Shift, other: Shift, marks: tuple[str | None, str | None], actor: str, now: datetime
) -> tuple[Shift, Shift]:
    """Two shifts of a day trade their vehicles."""
    if shift.pk == other.pk or (shift.station_id, shift.day) != (other.station_id, other.day):
        raise LastmileError(
            "bad_exchange",
            "Two shifts of one day can trade vehicles.",
            "Choose another shift.",
            field="other",
        )
    with transaction.atomic():
        shift, before = hold_shift(shift, marks[0])
        other, before_other = hold_shift(other, marks[1])
        both = [shift.pk, other.pk]
        for one, gets in ((shift, other.vehicle), (other, shift.vehicle)):
            roster.require_vehicle(one.station, gets, one.day)
            roster.require_free(start=one.start, end=one.end, driver=None, vehicle=gets, besides=both)
        routes = (open_route(shift), open_route(other))
        for route in routes:
            _require_here(route)
        # One row at a time would stand twice at one start with the same vehicle, which the database refuses.
        Shift.objects.filter(pk=shift.pk).update(active=False)
        Shift.objects.filter(pk=other.pk).update(vehicle=shift.vehicle)
        Shift.objects.filter(pk=shift.pk).update(vehicle=other.vehicle, active=True)
        _settle(shift, routes[0], before, actor=actor, now=now)
        _settle(other, routes[1], before_other, actor=actor, now=now)
    return shift, other


def _require_here(route: Route | None) -> None:
    if route is not None and route.state == RouteState.DEPARTED:
        raise LastmileError(
            "route_left",
            f"{route.name} has left in {route.vehicle}.",
            "Move its stops to another route on the board, then close it.",
            field="vehicle",
            status=409,
        )


def _settle(shift: Shift, route: Route | None, before: dict[str, Any], *, actor: str, now: datetime) -> None:
    """The shift has its vehicle: tell it, and let its route follow."""
    shift.refresh_from_db()
    if values_of(shift, SHIFT_FIELDS) == before:
        return
    tell_shift(shift, "vehicle", before, actor=actor, now=now)
    if route is None:
        return
    change_route(
        route=route,
        version=route.version,
        what="vehicle",
        actor=actor,
        now=now,
        states=[RouteState.DRAFT, RouteState.RELEASED],
        vehicle=shift.vehicle,
    )
    walk_again(route, actor=actor, now=now)
