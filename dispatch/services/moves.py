"""Moving orders by hand: onto a route, between routes, back into the pool; with the price before the drop."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import Order, Route, Shift, Station, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.services.mapping import Frame, RouteTimes, frame_of, orders_of, walk_rest
from dispatch.services.routes import claim_version, new_route, note_overrides, set_order_states
from dispatch.services.station_days import require_open
from dispatch.services.timetables import drop_empty_stops, store_times
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

Walk = Callable[[int, list[int]], RouteTimes]


@dataclass(frozen=True)
class Move:
    """Orders to put onto a route (or a shift without one), or back into the pool."""

    order_ids: list[int]
    route_id: int | None = None
    shift_id: int | None = None
    position: int | None = None


@dataclass
class Draft:
    """What routes would look like after a move; nothing is stored yet."""

    orders: dict[int, Order]  # that move, as they were read
    routes: dict[int, Route]  # by shift
    frame: Frame
    before: dict[int, list[int]]
    after: dict[int, list[int]]
    times: dict[int, RouteTimes]
    present: dict[int, RouteTimes]  # the same walk of what is driven now

    @property
    def delta(self) -> dict[str, Any]:
        """Difference the move makes, in the units of the cards; `violations` are those there will be."""
        old, new = self.present.values(), self.times.values()
        amounts = ("drive_s", "distance_m", "cost_cents", "late")
        change = {
            name: sum(getattr(times, name) for times in new) - sum(getattr(times, name) for times in old)
            for name in amounts
        }
        return change | {"violations": [violation for times in new for violation in times.violations]}


def draft_move(*, station: Station, day: date, move: Move, now: datetime) -> Draft:
    """Work out a move: the sequences after it and their timetables. Raises coded refusals for walls."""
    require_open(station, day)
    orders = {order.pk: order for order in Order.objects.filter(pk__in=move.order_ids, station=station)}
    if len(orders) != len(set(move.order_ids)) or not orders:
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
    routes = _affected(station, day, move)
    heads = {shift_id: orders_of(route, state=StopState.ARRIVED) for shift_id, route in routes.items()}
    _refuse_heads(orders, heads)
    before = {shift_id: orders_of(route, state=StopState.PLANNED) for shift_id, route in routes.items()}
    target = move.shift_id or next((s for s, r in routes.items() if r.pk == move.route_id), None)
    moved = set(move.order_ids)
    after = {shift_id: [pk for pk in ids if pk not in moved] for shift_id, ids in before.items()}
    if target is not None:
        after.setdefault(target, [])
    scope = {shift_id: [*heads.get(shift_id, ()), *ids, *move.order_ids] for shift_id, ids in after.items()}
    frame = frame_of(station, day, scope)

    def walk(shift_id: int, ids: list[int]) -> RouteTimes:
        route = routes.get(shift_id)
        if route is None or route.state != RouteState.DEPARTED:
            return frame.times(shift_id, ids)
        head = heads[shift_id]  # what the van is busy with comes first and stays where it is
        return walk_rest(frame, shift_id, [*head, *ids], route, now=now).without(head)

    if target is not None:
        after[target] = _placed(walk, target, after[target], move)
    times = {shift_id: walk(shift_id, ids) for shift_id, ids in after.items() if ids}
    present = {shift_id: walk(shift_id, ids) for shift_id, ids in before.items() if ids}
    return Draft(orders, routes, frame, before, after, times, present)


def _refuse_heads(orders: Mapping[int, Order], heads: Mapping[int, list[int]]) -> None:
    busy = [orders[pk] for head in heads.values() for pk in head if pk in orders]
    if busy:
        raise LastmileError(
            "stop_in_progress",
            f"The van stands at the stop of {busy[0].number}.",
            "Wait until the stop is done or failed.",
            status=409,
        )


def _affected(station: Station, day: date, move: Move) -> dict[int, Route]:
    """Routes a move touches, by shift: where the orders stand now and where they go."""
    open_routes = Route.objects.exclude(state=RouteState.CLOSED).filter(station=station, day=day)
    sources_ = open_routes.filter(
        stops__visits__order_id__in=move.order_ids, stops__visits__outcome=Outcome.PLANNED
    )
    target = (
        open_routes.filter(pk=move.route_id) if move.route_id else open_routes.filter(shift=move.shift_id)
    )
    routes = {route.shift_id: route for route in (*sources_.distinct(), *target)}
    if move.route_id and all(route.pk != move.route_id for route in routes.values()):
        raise LastmileError("unknown_route", "The route is closed or gone.", "Reload the board.", status=404)
    if (
        move.shift_id
        and not Shift.objects.filter(pk=move.shift_id, station=station, day=day, active=True).exists()
    ):
        raise LastmileError("unknown_shift", "The shift is not of this day.", "Reload the board.", status=404)
    for route in routes.values():
        if route.locked:
            raise LastmileError(
                "route_locked", f"Route {route.name} is locked.", "Unlock it first.", status=409
            )
    return routes


def _placed(walk: Walk, shift_id: int, rest: list[int], move: Move) -> list[int]:
    """The target's orders with the moved ones at the asked position, or each where it costs least."""
    if move.position is not None:
        at = min(move.position, len(rest))
        return [*rest[:at], *move.order_ids, *rest[at:]]
    placed = list(rest)
    for order_id in move.order_ids:
        options = [[*placed[:at], order_id, *placed[at:]] for at in range(len(placed) + 1)]
        placed = min(options, key=lambda ids: _price(walk(shift_id, ids)))
    return placed


def _price(times: RouteTimes) -> tuple[int, int, int]:
    """Cheapest without a broken rule first; then by how much is broken."""
    return len(times.violations), sum(v["amount"] for v in times.violations), times.cost_cents


def move_orders(
    *, station: Station, day: date, move: Move, versions: Mapping[int, int], actor: str, now: datetime
) -> list[Route]:
    """Carry a move out: guarded by the versions the caller saw, stored with new times, told to every screen."""
    draft = draft_move(station=station, day=day, move=move, now=now)
    with transaction.atomic():
        _claim(draft, versions)
        touched = {route.pk for route in draft.routes.values()}  # before an emptied draft loses its key
        moved = set(move.order_ids)
        changed = _store(draft, station, day, moved, actor, now)
        _settle_orders(draft, move)
        event = events.RoutesChanged(
            station_id=station.pk,
            what="edited",
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


def _store(
    draft: Draft, station: Station, day: date, moved: set[int], actor: str, now: datetime
) -> list[Route]:
    """Write the new timetables; adds to `moved` every order whose stop became another."""
    placed = {order_id for ids in draft.after.values() for order_id in ids}
    StopOrder.objects.filter(order_id__in=moved - placed, outcome=Outcome.PLANNED).delete()
    kept: list[Route] = []
    for shift_id, order_ids in draft.after.items():
        known = draft.routes.get(shift_id)
        if not order_ids:
            continue
        shift = draft.frame.shift_by_id[shift_id]
        route = known or new_route(station=station, day=day, shift=shift)
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


def _settle_orders(draft: Draft, move: Move) -> None:
    placed = {order_id for ids in draft.after.values() for order_id in ids} & set(move.order_ids)
    set_order_states(set(move.order_ids) - placed, OrderState.OPEN)
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
    Order.objects.filter(pk__in=placed).update(left_out=None)
