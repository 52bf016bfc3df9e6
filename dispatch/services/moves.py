"""Moving orders by hand: onto a route, between routes, back into the pool; with the price before the drop."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from dispatch.models import Route, Station
from dispatch.services.day_drafts import (
    Draft,
    Ground,
    carry_out,
    ground_of,
    movable,
    open_routes,
    require_shifts,
)
from dispatch.services.route_times import RouteTimes, unpriced
from dispatch.services.station_days import require_open
from lastmile.kernel.errors import LastmileError


@dataclass(frozen=True)
class Move:
    """Orders to put onto a route (or a shift without one), or back into the pool."""

    order_ids: list[int]
    route_id: int | None = None
    shift_id: int | None = None
    position: int | None = None


def draft_move(*, station: Station, day: date, move: Move, now: datetime) -> Draft:
    """Work out a move: the sequences after it and their timetables. Raises coded refusals for walls."""
    require_open(station, day)
    orders = movable(station, day, move.order_ids)
    routes = _affected(station, day, move)
    target = move.shift_id or next((s for s, r in routes.items() if r.pk == move.route_id), None)
    shifts = [] if target is None else [target]
    ground = ground_of(station=station, day=day, routes=routes, shifts=shifts, orders=orders, now=now)
    after = {shift: [pk for pk in ids if pk not in orders] for shift, ids in ground.before.items()}
    if target is not None:
        after[target] = _placed(ground, target, after.get(target, []), move)
    return ground.draft(orders, after)


def _affected(station: Station, day: date, move: Move) -> dict[int, Route]:
    """Routes a move touches, by shift: where the orders stand now and where they go."""
    if not move.order_ids:
        raise LastmileError(
            "unknown_order", "An order is not of this station.", "Reload the board.", status=404
        )
    target = Route.objects.filter(pk=move.route_id, station=station, day=day) if move.route_id else None
    shifts = [route.shift_id for route in target or ()] or [move.shift_id or 0]
    routes = open_routes(station, day, order_ids=move.order_ids, shift_ids=shifts)
    if move.route_id and all(route.pk != move.route_id for route in routes.values()):
        raise LastmileError("unknown_route", "The route is closed or gone.", "Reload the board.", status=404)
    if move.shift_id:
        require_shifts(station, day, [move.shift_id])
    return routes


def _placed(ground: Ground, shift_id: int, rest: list[int], move: Move) -> list[int]:
    """The target's orders with the moved ones at the asked position, or each where it costs least."""
    if move.position is not None:
        at = min(move.position, len(rest))
        return [*rest[:at], *move.order_ids, *rest[at:]]
    placed = list(rest)
    for order_id in move.order_ids:
        options = [[*placed[:at], order_id, *placed[at:]] for at in range(len(placed) + 1)]
        placed = min(options, key=lambda ids: _price(ground.walk(shift_id, ids)))
    return placed


def _price(times: RouteTimes) -> tuple[int, int, int]:
    """Cheapest without a broken rule first; then by how much is broken. What has a price is in the cost."""
    broken = unpriced(times.violations)
    return len(broken), sum(each["amount"] for each in broken), times.cost_cents


def move_orders(
    *, station: Station, day: date, move: Move, versions: Mapping[int, int], actor: str, now: datetime
) -> list[Route]:
    """Carry a move out: guarded by the versions the caller saw, stored with new times, told to every screen."""
    draft = draft_move(station=station, day=day, move=move, now=now)
    return carry_out(draft, versions=versions, what="moved", actor=actor, now=now)
