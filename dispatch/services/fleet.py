"""The day's shifts: add one, change its hours, take it out, copy a roster. Routes follow at once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import Driver, Route, Shift, Station, Stop, Vehicle
from dispatch.services import roster
from dispatch.services.changes import differences, mark_of, tell_change, values_of
from dispatch.services.mapping import frame_of, orders_of
from dispatch.services.roster import SHIFT_FIELDS, Clocks, Hours
from dispatch.services.routes import claim_version, note_overrides, rewalk_route, set_order_states
from dispatch.services.running_routes import walk_rest
from dispatch.services.station_days import require_open
from dispatch.services.timetables import drop_empty_stops, store_times
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict


def add_shift(
    *,
    station: Station,
    day: date,
    vehicle: Vehicle,
    driver: Driver | None,
    clocks: Clocks,
    actor: str,
    now: datetime,
) -> Shift:
    """One more driver and vehicle for the day."""
    with transaction.atomic():
        roster.lock_roster(station)
        require_open(station, day)
        shift = _place(station, day, vehicle, driver, roster.hours_on(station, day, clocks))
        tell_shift(shift, "added", {}, actor=actor, now=now)
    return shift


def _place(station: Station, day: date, vehicle: Vehicle, driver: Driver | None, hours: Hours) -> Shift:
    """A shift that breaks no rule of the roster; the caller holds the roster."""
    roster.require_vehicle(station, vehicle, day)
    roster.require_driver(station, driver, day)
    roster.require_free(start=hours.start, end=hours.end, driver=driver, vehicle=vehicle)
    return Shift.objects.create(station=station, day=day, vehicle=vehicle, driver=driver, **_columns(hours))


def _columns(hours: Hours) -> dict[str, Any]:
    return {name: getattr(hours, name) for name in Hours.__slots__}


def shift_mark(shift: Shift) -> str:
    """What a caller sends back to say which state of a shift they saw."""
    return mark_of(shift, SHIFT_FIELDS)


def hold_shift(shift: Shift, mark: str | None) -> tuple[Shift, dict[str, Any]]:
    """The shift as it is now, held, with its values; refused where it is not what the caller saw.

    Called first in the transaction of a change.
    """
    roster.lock_roster(shift.station)
    held = (
        Shift.objects.select_for_update(of=("self",), no_key=True)
        .select_related("station", "driver", "vehicle__type")
        .get(pk=shift.pk)
    )
    if not held.active:
        raise LastmileError(
            "shift_removed", "This shift was taken out of the day.", "Reload the fleet.", status=409
        )
    if mark is not None and mark != shift_mark(held):
        raise conflict(f"The shift of {held.vehicle} was changed meanwhile.", "Look at it and try again.")
    require_open(held.station, held.day)
    return held, values_of(held, SHIFT_FIELDS)


def tell_shift(shift: Shift, what: str, before: dict[str, Any], *, actor: str, now: datetime) -> None:
    """Into the ledger, and onto every screen."""
    changes = differences(before, values_of(shift, SHIFT_FIELDS))
    tell_change(station_id=shift.station_id, what=what, row=shift, changes=changes, actor=actor, at=now)
    roster.tell_fleet(shift.station, [shift.day], actor=actor, now=now)


def open_route(shift: Shift) -> Route | None:
    """The shift's route that is not closed, held."""
    routes = Route.objects.select_for_update(of=("self",)).select_related(
        "station", "vehicle__type", "driver"
    )
    return routes.filter(shift=shift).exclude(state=RouteState.CLOSED).first()


def walk_again(route: Route, *, actor: str, now: datetime) -> None:
    """New times and broken rules for a route whose shift changed; for one that has left, those of its rest."""
    route.refresh_from_db()
    if route.state != RouteState.DEPARTED:
        rewalk_route(route=route, actor=actor, now=now)
        return
    order_ids = orders_of(route)
    if not order_ids:
        return
    frame = frame_of(route.station, route.day, {route.shift_id: order_ids})
    head = orders_of(route, state=StopState.ARRIVED)
    times = walk_rest(frame, route.shift_id, order_ids, route, now=now).without(head)
    claim_version(route, route.version)
    moved = store_times(route, times, frame.line(route.shift_id, times))
    drop_empty_stops([route])
    note_overrides(route, times, actor=actor, now=now)
    event = events.RoutesChanged(
        station_id=route.station_id, what="rewalked", route_ids=[route.pk], order_ids=sorted(moved)
    )
    bus.publish(event, actor=actor, at=now)
    route.refresh_from_db()


def change_hours(*, shift: Shift, clocks: Clocks, mark: str | None, actor: str, now: datetime) -> Shift:
    """Other hours, another break; the route's times follow."""
    with transaction.atomic():
        shift, before = hold_shift(shift, mark)
        hours = roster.hours_on(shift.station, shift.day, clocks)
        route = open_route(shift)
        if route is not None and route.state == RouteState.DEPARTED and hours.start != shift.start:
            raise LastmileError(
                "route_left",
                f"{route.name} has left: the start of its shift is past.",
                "Change the end or the break only.",
                field="start",
                status=409,
            )
        roster.require_free(
            start=hours.start, end=hours.end, driver=shift.driver, vehicle=shift.vehicle, besides=[shift.pk]
        )
        Shift.objects.filter(pk=shift.pk).update(**_columns(hours))
        shift.refresh_from_db()
        tell_shift(shift, "changed", before, actor=actor, now=now)
        if route is not None:
            walk_again(route, actor=actor, now=now)
    return shift


def remove_shift(*, shift: Shift, mark: str | None, actor: str, now: datetime) -> list[int]:
    """Take a shift out of the day; the orders of its draft go back into the pool and are returned."""
    with transaction.atomic():
        shift, before = hold_shift(shift, mark)
        route = open_route(shift)
        returned = _drop_draft(route, actor=actor, now=now) if route is not None else []
        Shift.objects.filter(pk=shift.pk).update(active=False)
        shift.refresh_from_db()
        tell_shift(shift, "removed", before, actor=actor, now=now)
    return returned


def _drop_draft(route: Route, *, actor: str, now: datetime) -> list[int]:
    if route.state != RouteState.DRAFT or route.locked:
        state = "locked" if route.locked and route.state == RouteState.DRAFT else route.state
        raise LastmileError(
            "shift_has_route",
            f"{route.name} of this shift is {state}.",
            "Recall or unlock the route, or close it, and take the shift out then.",
            status=409,
        )
    claim_version(route, route.version, states=[RouteState.DRAFT])
    orders = orders_of(route)
    route_id = route.pk
    Stop.objects.filter(route=route).delete()
    route.delete()
    set_order_states(orders, OrderState.OPEN)
    event = events.RoutesChanged(
        station_id=route.station_id, what="dropped", route_ids=[route_id], order_ids=orders
    )
    bus.publish(event, actor=actor, at=now)
    return orders


@dataclass(frozen=True, slots=True)
class Skipped:
    """A shift that was not copied, and why."""

    label: str
    code: str
    words: str


def copy_roster(
    *, station: Station, source: date, day: date, actor: str, now: datetime
) -> tuple[list[Shift], list[Skipped]]:
    """The shifts of another day, at the same hours of the clock. What cannot be is skipped and told."""
    made: list[Shift] = []
    skipped: list[Skipped] = []
    with transaction.atomic():
        roster.lock_roster(station)
        require_open(station, day)
        shifts = Shift.objects.filter(station=station, day=source, active=True)
        rows = list(shifts.select_related("driver", "vehicle", "station").order_by("start", "pk"))
        if source == day or not rows:
            raise LastmileError(
                "nothing_to_copy", f"{source} has no shifts to copy.", "Choose another day.", field="source"
            )
        for shift in rows:
            try:
                hours = roster.hours_on(station, day, clocks_of(shift))
                made.append(_place(station, day, shift.vehicle, shift.driver, hours))
            except LastmileError as refused:
                label = f"{shift.driver or shift.vehicle}"
                skipped.append(Skipped(label, refused.code, refused.cause))
        for shift in made:
            changes = differences({}, values_of(shift, SHIFT_FIELDS))
            tell_change(station_id=station.pk, what="copied", row=shift, changes=changes, actor=actor, at=now)
        if made:
            roster.tell_fleet(station, [day], actor=actor, now=now)
    return made, skipped


def clocks_of(shift: Shift) -> Clocks:
    """A shift's hours as the station's clocks show them."""

    def clock(moment: datetime) -> Any:
        return moment.astimezone(shift.station.zone).time().replace(second=0, microsecond=0)

    return Clocks(
        clock(shift.start),
        clock(shift.end),
        shift.break_minutes,
        clock(shift.break_from) if shift.break_from else None,
        clock(shift.break_to) if shift.break_to else None,
    )


def current_route(shift: Shift) -> Route | None:
    """The shift's route that is not closed, to look at."""
    return Route.objects.filter(shift=shift).exclude(state=RouteState.CLOSED).first()
