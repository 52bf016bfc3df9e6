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
from dispatch.services.mapping import RouteTimes, frame_of, orders_of
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

COLOURS = 16
DONE = (StopState.ARRIVED, StopState.COMPLETED, StopState.FAILED)


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


def store_times(route: Route, times: RouteTimes, line: str) -> None:
    """Write a timetable into a route's rows; visits already done keep their place at the head."""
    done = list(Stop.objects.filter(route=route, state__in=DONE).order_by("sequence"))
    Stop.objects.filter(route=route, state=StopState.PLANNED).delete()
    for sequence, stop in enumerate(done, start=1):
        stop.sequence = sequence
    Stop.objects.bulk_update(done, ["sequence"])
    stops = Stop.objects.bulk_create(
        Stop(
            route=route,
            sequence=len(done) + index,
            lat=visit.lat,
            lng=visit.lng,
            address=visit.address,
            window_start=visit.window_start,
            window_end=visit.window_end,
            planned_arrival=visit.arrival,
            planned_start=visit.start,
            planned_departure=visit.departure,
            eta=visit.arrival,
            slack_s=visit.slack_s,
            travel_s=visit.travel_s,
            travel_m=visit.travel_m,
        )
        for index, visit in enumerate(times.stops, start=1)
    )
    StopOrder.objects.bulk_create(
        StopOrder(stop=stop, order_id=order_id)
        for stop, visit in zip(stops, times.stops, strict=True)
        for order_id in visit.order_ids
    )
    if route.state != RouteState.DEPARTED:
        route.start_at, route.load = times.start_at, times.load
    route.end_at = times.end_at
    route.distance_m = times.distance_m + sum(stop.travel_m for stop in done)
    route.drive_s = times.drive_s + sum(stop.travel_s for stop in done)
    route.cost_cents = times.cost_cents if not done else _running_cost(route)
    route.violations, route.line, route.approximate = times.violations, line, times.approximate
    route.save(
        update_fields=[
            *("start_at", "end_at", "load", "distance_m", "drive_s", "cost_cents"),
            *("violations", "line", "approximate"),
        ]
    )


def _running_cost(route: Route) -> int:
    """What a route costs whose first part is already driven: the same prices over all of it."""
    kind = route.vehicle.type
    hours = (route.end_at - route.start_at).total_seconds() / 3600 if route.end_at and route.start_at else 0.0
    return round(
        kind.cost_fixed_cents + kind.cost_km_cents * route.distance_m / 1000 + kind.cost_hour_cents * hours
    )


def free_number(taken: set[str]) -> int:
    """The smallest n for which no route is called Rn."""
    return next(n for n in itertools.count(1) if f"R{n}" not in taken)


def new_route(
    *, station: Station, day: date, shift: Shift, plan: Plan | None = None, wish: str = ""
) -> Route:
    """A draft route under the wished name, else the next free one; its colour follows from the name."""
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
                driver=shift.driver,
                plan=plan,
                colour=colour_of(name),
            )
    except IntegrityError as error:
        raise conflict(f"{shift} got another route meanwhile.", "Reload the board and try again.") from error


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


def rewalk_routes(*, order_ids: Iterable[int], actor: str, now: datetime) -> list[Route]:
    """Walk the routes of changed orders afresh: a new window, size or service time moves everything after it."""
    open_states = (RouteState.DRAFT, RouteState.RELEASED)
    routes = Route.objects.filter(
        state__in=open_states, stops__visits__order_id__in=order_ids, stops__visits__outcome=Outcome.PLANNED
    ).select_related("station", "vehicle__type")
    walked = []
    for route in routes.distinct().order_by("id"):
        frame = frame_of(route.station, route.day, {route.shift_id: orders_of(route)})
        times = frame.times(route.shift_id, orders_of(route))
        with transaction.atomic():
            claim_version(route, route.version)
            store_times(route, times, frame.line(route.shift_id, times))
            event = events.RoutesChanged(
                station_id=route.station_id, what="rewalked", route_ids=[route.pk], order_ids=times.order_ids
            )
            bus.publish(event, actor=actor, at=now)
        walked.append(route)
    return walked


def lock_route(*, route: Route, version: int, locked: bool, actor: str, now: datetime) -> Route:
    """Nothing is added to, taken from or reordered on a locked route, neither by hand nor by the optimizer."""
    what = "locked" if locked else "unlocked"
    return change_route(route=route, version=version, what=what, actor=actor, now=now, locked=locked)


def assign_driver(*, route: Route, version: int, driver: Driver | None, actor: str, now: datetime) -> Route:
    """Give the route to a driver of the station, or to nobody."""
    return change_route(
        route=route,
        version=version,
        what="assigned",
        actor=actor,
        now=now,
        driver=driver,
        states=["draft", "released"],
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
        {v["code"] for v in route.violations} - {c for c, reason in overrides.items() if reason.strip()}
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
        {"code": code, "reason": reason, "actor": actor, "at": now.isoformat()}
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
    """The van leaves the station: its orders are out for delivery. Asking twice is one departure."""
    if route.state == RouteState.DEPARTED:
        return route
    with transaction.atomic():
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


def close_route(*, route: Route, version: int | None = None, actor: str, now: datetime) -> Route:
    """The van is back: stops never reached are cancelled and their orders return to the pool. Twice is once."""
    if route.state == RouteState.CLOSED:
        return route
    with transaction.atomic():
        left = orders_of(route)
        StopOrder.objects.filter(stop__route=route, outcome=Outcome.PLANNED).delete()
        Stop.objects.filter(route=route, state__in=sources(StopState, StopState.CANCELLED)).update(
            state=StopState.CANCELLED
        )
        set_order_states(left, OrderState.OPEN)
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
        if left:
            event = events.OrdersChanged(station_id=route.station_id, what="returned", order_ids=left)
            bus.publish(event, actor=actor, at=now)
    return changed
