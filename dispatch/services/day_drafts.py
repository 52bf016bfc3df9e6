"""Routes as they would be after a change by hand: worked out with its price first, then carried out under versions."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import Order, Route, Shift, Station, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.services import edits
from dispatch.services.mapping import Frame, frame_of, orders_of
from dispatch.services.route_times import RouteTimes
from dispatch.services.routes import claim_version, new_route, note_overrides, set_order_states
from dispatch.services.running_routes import walk_rest
from dispatch.services.timetables import drop_empty_stops, store_times
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict


@dataclass
class Draft:
    """What routes would look like after a change; nothing is stored yet."""

    station: Station
    day: date
    orders: dict[int, Order]  # that come, go or change their place, as they were read
    routes: dict[int, Route]  # by shift
    frame: Frame
    before: dict[int, list[int]]
    after: dict[int, list[int]]
    times: dict[int, RouteTimes]
    present: dict[int, RouteTimes]  # the same walk of what is driven now

    @property
    def delta(self) -> dict[str, Any]:
        """Difference the change makes, in the units of the cards; `violations` are those there will be."""
        old, new = self.present.values(), self.times.values()
        amounts = ("drive_s", "distance_m", "cost_cents", "late")
        change = {
            name: sum(getattr(times, name) for times in new) - sum(getattr(times, name) for times in old)
            for name in amounts
        }
        return change | {"violations": [violation for times in new for violation in times.violations]}


@dataclass
class Ground:
    """Open routes as they stand, with the streets between all that they visit or could: any sequence can be walked."""

    station: Station
    day: date
    now: datetime
    routes: dict[int, Route]  # by shift
    frame: Frame
    heads: dict[int, list[int]]  # what vans are busy with: it comes first and stays where it is
    before: dict[int, list[int]]

    def walk(self, shift_id: int, ids: list[int]) -> RouteTimes:
        """The timetable of this sequence; for a van on the road, from where it is."""
        route = self.routes.get(shift_id)
        if route is None or route.state != RouteState.DEPARTED:
            return self.frame.times(shift_id, ids)
        head = self.heads[shift_id]
        rest = walk_rest(self.frame, shift_id, [*head, *ids], route, now=self.now)
        return rest.without(head)

    def draft(self, orders: dict[int, Order], after: dict[int, list[int]]) -> Draft:
        """What these sequences would make of the routes."""
        times = {shift: self.walk(shift, ids) for shift, ids in after.items() if ids}
        present = {shift: self.walk(shift, ids) for shift, ids in self.before.items() if ids}
        return Draft(
            self.station, self.day, orders, self.routes, self.frame, self.before, after, times, present
        )


def ground_of(
    *,
    station: Station,
    day: date,
    routes: dict[int, Route],
    shifts: Iterable[int],
    orders: Mapping[int, Order],
    now: datetime,
) -> Ground:
    """The ground of a change to these routes and shifts by these orders. Refuses locked routes and stops under way."""
    for route in routes.values():
        if route.locked:
            raise LastmileError(
                "route_locked", f"Route {route.name} is locked.", "Unlock it first.", status=409
            )
    heads = {shift: orders_of(route, state=StopState.ARRIVED) for shift, route in routes.items()}
    if busy := [orders[pk] for head in heads.values() for pk in head if pk in orders]:
        raise LastmileError(
            "stop_in_progress",
            f"The van stands at the stop of {busy[0].number}.",
            "Wait until the stop is done or failed.",
            status=409,
        )
    before = {shift: orders_of(route, state=StopState.PLANNED) for shift, route in routes.items()}
    _refuse_pinned(orders[pk] for ids in before.values() for pk in ids if pk in orders)
    scope = {shift: [*heads.get(shift, ()), *before.get(shift, ()), *orders] for shift in {*routes, *shifts}}
    return Ground(station, day, now, routes, frame_of(station, day, scope), heads, before)


def _refuse_pinned(orders: Iterable[Order]) -> None:
    for order in orders:
        if order.pinned:
            raise LastmileError(
                "order_pinned", f"{order.number} is locked to its route.", "Unlock it first.", status=409
            )


def movable(station: Station, day: date, order_ids: Collection[int]) -> dict[int, Order]:
    """These orders, all of which can be planned on the day now. Raises unknown_order and order_not_movable."""
    orders = {order.pk: order for order in Order.objects.filter(pk__in=order_ids, station=station)}
    if len(orders) != len(set(order_ids)):
        raise LastmileError(
            "unknown_order", "An order is not of this station.", "Reload the board.", status=404
        )
    for order in orders.values():
        if order.state not in (OrderState.OPEN, OrderState.PLANNED, OrderState.OUT) or order.day != day:
            raise LastmileError(
                "order_not_movable",
                f"{order.number} is {order.state.replace('_', ' ')} and cannot be planned on {day}.",
                "Reload the board.",
                status=409,
            )
    return orders


def open_routes(
    station: Station, day: date, *, order_ids: Collection[int], shift_ids: Collection[int] = ()
) -> dict[int, Route]:
    """The routes, by shift, on which these orders are still to be visited, and those of these shifts."""
    every = Route.objects.exclude(state=RouteState.CLOSED).filter(station=station, day=day)
    holding = Q(stops__visits__order_id__in=order_ids, stops__visits__outcome=Outcome.PLANNED)
    found = every.filter(holding | Q(shift__in=shift_ids)).distinct()
    return {route.shift_id: route for route in found}


def require_shifts(station: Station, day: date, shift_ids: Collection[int]) -> None:
    """Refuse shifts that are not of this day. Raises unknown_shift."""
    there = Shift.objects.filter(pk__in=shift_ids, station=station, day=day, active=True)
    if there.count() != len(set(shift_ids)):
        raise LastmileError("unknown_shift", "The shift is not of this day.", "Reload the board.", status=404)


@dataclass(frozen=True)
class Wishes:
    """How routes that have to be made anew were called, and who drove them, by shift."""

    names: Mapping[int, str] = field(default_factory=dict)
    drivers: Mapping[int, int | None] = field(default_factory=dict)


def carry_out(
    draft: Draft,
    *,
    versions: Mapping[int, int],
    what: str,
    actor: str,
    now: datetime,
    wishes: Wishes | None = None,
    undoable: bool = True,
) -> list[Route]:
    """Store a draft: guarded by the versions the caller saw, with new times, told to screens, and kept for undo."""
    if not draft.after:
        return []
    with transaction.atomic():
        _claim(draft, versions)
        touched = {route.pk for route in draft.routes.values()}  # before an emptied draft loses its key
        were = list(draft.routes.values())
        moved = set(draft.orders)
        changed = _store(draft, moved, actor, now, wishes or Wishes())
        _settle_orders(draft)
        if undoable:
            change = edits.of_sequences(draft.before, draft.after, were=were, are=changed)
            edits.record(station=draft.station, day=draft.day, what=what, change=change, actor=actor, now=now)
        event = events.RoutesChanged(
            station_id=draft.station.pk,
            what=what,
            route_ids=sorted(touched | {route.pk for route in changed}),
            order_ids=sorted(moved),
        )
        bus.publish(event, actor=actor, at=now)
    return list(Route.objects.filter(pk__in=[route.pk for route in changed]))


def _claim(draft: Draft, versions: Mapping[int, int]) -> None:
    """Hold everything the draft rests on, in one order: routes by id, then orders; refuse what changed since."""
    for route in sorted(draft.routes.values(), key=lambda route: route.pk):
        claim_version(route, versions.get(route.pk, route.version))
        if orders_of(route, state=StopState.PLANNED) != draft.before[route.shift_id]:
            raise conflict(f"Route {route.name} was changed meanwhile.", "Try again.", route_ids=[route.pk])
    # On SQLite the transaction holds the write lock from its beginning; PostgreSQL locks the rows here.
    rows = Order.objects.select_for_update().filter(pk__in=draft.orders).order_by("pk")
    now = dict(rows.values_list("pk", "version"))
    for order in draft.orders.values():
        if now.get(order.pk) != order.version:
            raise conflict(f"{order.number} was changed meanwhile.", "Look at the board and try again.")


def _store(draft: Draft, moved: set[int], actor: str, now: datetime, wishes: Wishes) -> list[Route]:
    """Write the new timetables; adds to `moved` every order whose stop became another."""
    placed = {order_id for ids in draft.after.values() for order_id in ids}
    StopOrder.objects.filter(order_id__in=moved - placed, outcome=Outcome.PLANNED).delete()
    kept: list[Route] = []
    for shift_id, order_ids in draft.after.items():
        if not order_ids:
            continue
        route = draft.routes.get(shift_id) or new_route(
            station=draft.station,
            day=draft.day,
            shift=draft.frame.shift_by_id[shift_id],
            wish=wishes.names.get(shift_id, ""),
            driver_id=wishes.drivers.get(shift_id),
        )
        times = draft.times[shift_id]
        moved |= store_times(route, times, draft.frame.line(shift_id, times))
        note_overrides(route, times, actor=actor, now=now)
        kept.append(route)
    drop_empty_stops([*draft.routes.values(), *kept])
    emptied = [route for shift, route in draft.routes.items() if not draft.after[shift]]
    return kept + [route for route in emptied if not _empty(route)]


def _empty(route: Route) -> bool:
    """Remove a draft route that lost its last stop; a released one stays, with nothing left to do."""
    if Stop.objects.filter(route=route).exists():
        return False
    if route.state == RouteState.DRAFT:
        route.delete()
        return True
    Route.objects.filter(pk=route.pk).update(
        distance_m=0, drive_s=0, cost_cents=0, load={}, violations=[], line="", end_at=F("start_at")
    )
    return False


def _settle_orders(draft: Draft) -> None:
    placed = {order_id for ids in draft.after.values() for order_id in ids} & set(draft.orders)
    set_order_states(set(draft.orders) - placed, OrderState.OPEN)
    out = {
        order_id
        for shift_id, ids in draft.after.items()
        if (route := draft.routes.get(shift_id)) and route.state == RouteState.DEPARTED
        for order_id in ids
    }
    # An order may come from a van that left to one that has not, or the other way round.
    set_order_states(placed, OrderState.OPEN)
    set_order_states(placed, OrderState.PLANNED)
    set_order_states(placed & out, OrderState.OUT)
    Order.objects.filter(pk__in=placed).update(left_out=None, pinned="")
