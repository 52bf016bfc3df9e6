"""Routes by hand: move orders, lock, assign, release, depart, close. Every edit re-walks the schedule at once."""

import itertools
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from dispatch.lifecycle import OrderState, RouteState, StopState, sources
from dispatch.models import Driver, Order, Plan, Route, Shift, Station, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.services import edits
from dispatch.services.mapping import frame_of, orders_of
from dispatch.services.roster import require_driver, require_vehicle
from dispatch.services.route_times import RouteTimes, unpriced
from dispatch.services.timetables import drop_empty_stops, store_times
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

COLOURS = 16
AFTER_RELEASE = "Changed by hand after release"


def claim_version(route: Route, version: int, *, states: Iterable[str] | None = None) -> None:
    """Take the next version of a route the caller has seen, or refuse with a conflict. The lock of every edit."""
    allowed = list(states) if states else [RouteState.DRAFT, RouteState.RELEASED, RouteState.DEPARTED]
    if Route.objects.filter(pk=route.pk, version=version, state__in=allowed).update(version=F("version") + 1):
        return
    newest = Route.objects.filter(pk=route.pk).first()
    if newest and newest.version == version:
        raise LastmileError(
            "illegal_move",
            f"Route {route.name} is {newest.state}; this needs it to be {' or '.join(allowed)}.",
            "Reload to see its present state.",
            status=409,
        )
    raise conflict(
        f"Route {route.name} was changed meanwhile.",
        "Look at the newest version and try again.",
        route_ids=[route.pk],
    )


def free_number(taken: set[str]) -> int:
    """The smallest n for which no route is called Rn."""
    return next(n for n in itertools.count(1) if f"R{n}" not in taken)


def new_route(
    *,
    station: Station,
    day: date,
    shift: Shift,
    plan: Plan | None = None,
    wish: str = "",
    driver_id: int | None = None,
) -> Route:
    """A draft route under the wished name, else the next free one; its colour follows from the name.

    The shift's driver drives it unless somebody else was assigned.
    """
    _require_same_shift(shift)
    require_vehicle(station, shift.vehicle, day)
    taken = names_taken(station, day)
    name = wish if wish and wish not in taken else f"R{free_number(taken)}"
    try:
        with transaction.atomic():
            return Route.objects.create(
                station=station,
                day=day,
                name=name,
                shift=shift,
                vehicle=shift.vehicle,
                driver_id=driver_id or shift.driver_id,
                plan=plan,
                colour=colour_of(name),
            )
    except IntegrityError as error:
        raise conflict(f"{shift} got another route meanwhile.", "Reload the board and try again.") from error


def _require_same_shift(shift: Shift) -> None:
    """Refuse a shift that was taken out of the day, or got other hours or another vehicle, since it was read."""
    same = Shift.objects.select_for_update(no_key=True).filter(
        pk=shift.pk, active=True, vehicle=shift.vehicle_id, start=shift.start, end=shift.end
    )
    if not same.values_list("pk", flat=True):
        raise conflict(
            f"The shift of {shift.vehicle} was changed meanwhile.", "Look at the fleet and try again."
        )


def colour_of(name: str) -> int:
    """Index into the board's palette."""
    return (int(name.removeprefix("R")) - 1) % COLOURS


def names_taken(station: Station, day: date) -> set[str]:
    return set(Route.objects.filter(station=station, day=day).values_list("name", flat=True))


def set_order_states(order_ids: Iterable[int], state: OrderState) -> None:
    """Move orders by the table of lifecycle.py; the caller has locked what they stand on."""
    Order.objects.filter(pk__in=list(order_ids), state__in=sources(OrderState, state)).update(
        state=state, version=F("version") + 1
    )


def change_route(
    *,
    route: Route,
    version: int,
    what: str,
    actor: str,
    now: datetime,
    states: Iterable[str] | None = None,
    **fields: Any,
) -> Route:
    """Set columns of a route under its version and tell it; the common end of the small edits below."""
    with transaction.atomic():
        claim_version(route, version, states=states)
        Route.objects.filter(pk=route.pk).update(**fields)
        event = events.RoutesChanged(
            station_id=route.station_id, what=what, route_ids=[route.pk], order_ids=orders_of(route)
        )
        bus.publish(event, actor=actor, at=now)
        route.refresh_from_db()
    return route


def rewalk_route(*, route: Route, actor: str, now: datetime) -> None:
    """Walk one route that has not left afresh and store its times."""
    order_ids = orders_of(route)
    if not order_ids:
        return
    frame = frame_of(route.station, route.day, {route.shift_id: order_ids})
    times = frame.times(route.shift_id, order_ids)
    line = frame.line(route.shift_id, times)
    with transaction.atomic():
        claim_version(route, route.version)
        moved = store_times(route, times, line)
        drop_empty_stops([route])
        note_overrides(route, times, actor=actor, now=now)
        event = events.RoutesChanged(
            station_id=route.station_id, what="rewalked", route_ids=[route.pk], order_ids=sorted(moved)
        )
        bus.publish(event, actor=actor, at=now)
    route.refresh_from_db()


def note_overrides(route: Route, times: RouteTimes, *, actor: str, now: datetime) -> None:
    """After release a broken rule is allowed only under somebody's name: whoever made the change answers for it."""
    if route.state == RouteState.DRAFT:
        return
    known = {override["code"] for override in route.overrides}
    fresh = sorted({violation["code"] for violation in unpriced(times.violations)} - known)
    if fresh:
        route.overrides = [*route.overrides, *(_override(code, AFTER_RELEASE, actor, now) for code in fresh)]
        route.save(update_fields=["overrides"])


def _override(code: str, reason: str, actor: str, now: datetime) -> dict[str, str]:
    return {"code": code, "reason": reason, "actor": actor, "at": now.isoformat()}


def lock_route(*, route: Route, version: int, locked: bool, actor: str, now: datetime) -> Route:
    """Nothing is added to, taken from or reordered on a locked route, neither by hand nor by the optimizer."""
    what = "locked" if locked else "unlocked"
    change = edits.of_column(route, "locked", route.locked, locked)
    with transaction.atomic():
        change_route(route=route, version=version, what=what, actor=actor, now=now, locked=locked)
        edits.record(station=route.station, day=route.day, what=what, change=change, actor=actor, now=now)
    return route


def assign_driver(*, route: Route, version: int, driver: Driver | None, actor: str, now: datetime) -> Route:
    """Give the route to a driver of the station, or (while it is a draft) to nobody, in a way that can be undone."""
    change = edits.of_column(route, "driver_id", route.driver_id, driver.pk if driver else None)
    with transaction.atomic():
        give_driver(route=route, version=version, driver=driver, actor=actor, now=now)
        edits.record(
            station=route.station, day=route.day, what="assigned", change=change, actor=actor, now=now
        )
    return route


def give_driver(*, route: Route, version: int, driver: Driver | None, actor: str, now: datetime) -> Route:
    """Another driver for a route that has not left. What the driver may not do shows at once."""
    states = [RouteState.DRAFT, RouteState.RELEASED] if driver else [RouteState.DRAFT]
    with transaction.atomic():
        require_driver(route.station, driver, route.day)
        _require_free(route, driver)
        change_route(
            route=route,
            version=version,
            what="assigned",
            actor=actor,
            now=now,
            driver=driver,
            states=states,
        )
        rewalk_route(route=route, actor=actor, now=now)
    return route


def _require_free(route: Route, driver: Driver | None) -> None:
    """Nobody drives two routes at a time."""
    if driver is None or route.start_at is None or route.end_at is None:
        return
    others = Route.objects.filter(station=route.station_id, day=route.day, driver=driver).exclude(pk=route.pk)
    busy = others.exclude(state=RouteState.CLOSED).filter(
        start_at__lt=route.end_at, end_at__gt=route.start_at
    )
    if clash := busy.first():
        raise LastmileError(
            "driver_busy",
            f"{driver.name} drives {clash.name} at that time.",
            "Choose another driver, or give the other route away first.",
            status=409,
        )


def release_route(
    *, route: Route, version: int, overrides: Mapping[str, str], actor: str, now: datetime
) -> Route:
    """Show the route to its driver. Each broken rule needs a named reason, which is recorded."""
    if route.driver_id is None:
        raise LastmileError(
            "no_driver", f"Route {route.name} has no driver.", "Assign a driver, then release.", status=409
        )
    missing = sorted(
        {v["code"] for v in unpriced(route.violations)}
        - {c for c, reason in overrides.items() if reason.strip()}
    )
    if missing:
        raise LastmileError(
            "violations_not_overridden",
            f"Route {route.name} breaks rules: {', '.join(missing)}.",
            "Change the route, or give a reason for each.",
            status=409,
            data={"violations": route.violations},
        )
    recorded = [
        _override(code, reason, actor, now)
        for code, reason in overrides.items()
        if any(violation["code"] == code for violation in route.violations)
    ]
    return change_route(
        route=route,
        version=version,
        what="released",
        actor=actor,
        now=now,
        states=sources(RouteState, RouteState.RELEASED),
        state=RouteState.RELEASED,
        released_at=now,
        overrides=recorded,
    )


def recall_route(*, route: Route, version: int, actor: str, now: datetime) -> Route:
    """Take a released route back to draft: its driver no longer sees it."""
    return change_route(
        route=route,
        version=version,
        what="recalled",
        actor=actor,
        now=now,
        states=[RouteState.RELEASED],
        state=RouteState.DRAFT,
        released_at=None,
    )


def depart_route(*, route: Route, version: int | None = None, actor: str, now: datetime) -> Route:
    """The van leaves the station: its orders are out for delivery. Asking twice, or two at once, is one departure."""
    with transaction.atomic():
        if _there_already(route, RouteState.DEPARTED):
            return route
        changed = change_route(
            route=route,
            version=route.version if version is None else version,
            what="departed",
            actor=actor,
            now=now,
            states=[RouteState.RELEASED],
            state=RouteState.DEPARTED,
            departed_at=now,
        )
        set_order_states(orders_of(route), OrderState.OUT)
    return changed


def _there_already(route: Route, state: RouteState) -> bool:
    """Look again inside the transaction (locked on PostgreSQL; SQLite's write lock is taken by its beginning)."""
    route.state = Route.objects.select_for_update().values_list("state", flat=True).get(pk=route.pk)
    return route.state == state


def close_route(*, route: Route, version: int | None = None, actor: str, now: datetime) -> Route:
    """The van is back: stops never reached are cancelled and their orders return to the pool. Twice is once."""
    with transaction.atomic():
        if _there_already(route, RouteState.CLOSED):
            return route
        left = orders_of(route)
        changed = change_route(
            route=route,
            version=route.version if version is None else version,
            what="closed",
            actor=actor,
            now=now,
            states=sources(RouteState, RouteState.CLOSED),
            state=RouteState.CLOSED,
            closed_at=now,
        )
        # By the row's own columns: a condition on the stop would be a subquery, not looked at again after a wait.
        stops = list(route.stops.values_list("pk", flat=True))
        StopOrder.objects.filter(stop_id__in=stops, outcome=Outcome.PLANNED).update(outcome=Outcome.MISSED)
        Stop.objects.filter(route=route, state__in=sources(StopState, StopState.CANCELLED)).update(
            state=StopState.CANCELLED
        )
        set_order_states(left, OrderState.OPEN)
        Order.objects.filter(pk__in=left).update(pinned="")
        if left:
            event = events.OrdersChanged(station_id=route.station_id, what="returned", order_ids=left)
            bus.publish(event, actor=actor, at=now)
    return changed
