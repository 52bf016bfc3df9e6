"""A day as it is planned now, with one order held up to it: enough of the streets to say where it would fit.

Only ways that such a question needs are asked for: those of each route, and those between the order and every place. On
1,000 stops that is a fortieth of the whole table.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from dispatch.lifecycle import RouteState
from dispatch.models import Order, Route, Station, StopOrder
from dispatch.models.stop import Outcome
from dispatch.planning import model
from dispatch.planning.parts import Places
from dispatch.roads.base import Roads
from dispatch.services.cities import open_city
from dispatch.services.mapping import Frame, spot
from dispatch.services.plan_scopes import free_shifts
from dispatch.services.planning_jobs import order_key
from dispatch.services.planning_vehicles import shift_key
from dispatch.services.travel import travel_key
from dispatch.services.travel_blocks import TravelBlocks, travel_of

MOST_KEPT = 500


@dataclass(frozen=True)
class Sketch:
    """`plan` is what the routes drive now; `routes` by shift; `on_the_road` how many routes have left already."""

    frame: Frame
    problem: model.Problem
    plan: model.Plan
    routes: Mapping[int, Route]
    on_the_road: int


def sketch(*, station: Station, day: date, order: Order, now: datetime) -> Sketch:
    """The day's routes that have not left yet and its free shifts, and the order, which need not be stored."""
    open_routes = Route.objects.filter(station=station, day=day).exclude(state=RouteState.CLOSED)
    standing = list(
        open_routes.exclude(state=RouteState.DEPARTED).select_related(
            "driver", "shift__vehicle__type", "shift__driver"
        )
    )
    sequences = _sequences(standing)
    today = now.astimezone(station.zone).date() == day
    shifts = {route.shift_id: route.shift for route in standing}
    shifts |= {shift.pk: shift for shift in free_shifts(station, day, keep_drafts=False)}
    held = {pk for ids in sequences.values() for pk in ids}
    orders = {each.pk: each for each in Order.objects.filter(pk__in=held - {order.pk})}
    frame = Frame(
        station=station,
        day=day,
        roads=open_city(station).roads,
        shifts=[shift for shift in shifts.values() if not today or shift.end > now],
        orders=[*orders.values(), order],
        earliest=now if today else None,
        sequences=sequences,
        drivers={route.shift_id: route.driver for route in standing},
        drafts=standing,
    )
    driven = {pk: ids for pk, ids in sequences.items() if pk in frame.shift_by_id}
    plan = {shift_key(pk): tuple(map(order_key, ids)) for pk, ids in driven.items() if ids}
    problem = frame.stated(_ways(frame, driven, order))
    left = open_routes.filter(state=RouteState.DEPARTED).count()
    return Sketch(frame, problem, plan, {route.shift_id: route for route in standing}, left)


def _sequences(routes: Sequence[Route]) -> dict[int, list[int]]:
    """Orders still to be visited by shift, in driving order, in one query."""
    shift_of = {route.pk: route.shift_id for route in routes}
    found: dict[int, list[int]] = {shift: [] for shift in shift_of.values()}
    visits = StopOrder.objects.filter(stop__route__in=list(shift_of), outcome=Outcome.PLANNED)
    for route, order in visits.order_by("stop__sequence", "id").values_list("stop__route", "order"):
        found[shift_of[route]].append(order)
    return found


def _ways(frame: Frame, routes: Mapping[int, Sequence[int]], order: Order) -> dict[str, model.Matrix]:
    """By way of travelling a whole table in which all that is not needed is unreachable."""
    blocks = TravelBlocks(travel_of(frame), frame.roads, frame.points)
    place = {pk: frame.places[spot(each)] for pk, each in frame.order_by_id.items()}
    here = np.array([place[order.pk]])
    size, found = len(frame.places), dict[str, _Table]()
    for key in blocks.travel.keys:
        driven = {shift: ids for shift, ids in routes.items() if _way_of(frame, shift) == key}
        own = {shift: np.unique([0, *(place[pk] for pk in ids)]) for shift, ids in driven.items()}
        there = np.unique(np.concatenate([[0], *own.values()]))
        for rows, columns in ((here, there), (there, here)):
            block = blocks.block(rows, columns, [key])[key]
            found.setdefault(key, _Table(size, block)).put(rows, columns, block)
        for places in own.values():
            found[key].put(places, places, _route_block(blocks, key, places))
    return {key: table.matrix for key, table in found.items()}


def _way_of(frame: Frame, shift_id: int) -> str:
    return travel_key(frame.shift_by_id[shift_id].vehicle.type)


# A route's own ways are asked for again with every question about the day, and change with the route alone.
_kept: WeakKeyDictionary[Roads, OrderedDict[tuple[Any, ...], model.Matrix]] = WeakKeyDictionary()
_turn = Lock()


def _route_block(blocks: TravelBlocks, key: str, own: Places) -> model.Matrix:
    """The ways between a route's places; the newest hundreds are kept for as long as the streets are the same."""
    about = (key, tuple(blocks.travel.speeds), blocks.points[own].tobytes())
    with _turn:
        kept = _kept.setdefault(blocks.roads, OrderedDict())
        if about in kept:
            kept.move_to_end(about)
            return kept[about]
    block = blocks.block(own, own, [key])[key]
    with _turn:
        kept[about] = block
        while len(kept) > MOST_KEPT:
            kept.popitem(last=False)
    return block


class _Table:
    """A table being filled block by block."""

    def __init__(self, size: int, like: model.Matrix) -> None:
        def empty(nothing: int) -> model.IntMatrix:
            return np.full((size, size), nothing, dtype=np.int32)

        self.matrix = model.Matrix(
            empty(model.UNREACHABLE),
            empty(0),
            tuple(model.Period(period.start, empty(model.UNREACHABLE)) for period in like.periods),
        )

    def put(self, rows: Places, columns: Places, block: model.Matrix) -> None:
        at = np.ix_(rows, columns)
        self.matrix.durations[at] = block.durations
        self.matrix.distances[at] = block.distances
        for mine, theirs in zip(self.matrix.periods, block.periods, strict=True):
            mine.durations[at] = theirs.durations
