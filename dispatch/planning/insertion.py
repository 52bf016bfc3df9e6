"""Where does a job fit into a plan, and what does it cost there: the answer for a drag, a late order, a
slot offer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .compiled import Compiled
from .kernel.world import JOB
from .model import UNREACHABLE, Plan, Problem, Vehicle
from .routes import RouteReader
from .solution import Violation

_LIKELY = 8
_UNLIKELY = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """One place for a job. ``cost``: marginal cents; ``start``: when its service would begin;
    ``violations``: what the route would break with it that it does not break without it (empty: a good
    slot).
    """

    vehicle: str
    position: int
    cost: int
    start: int
    violations: tuple[Violation, ...] = ()


def insert(
    problem: Problem,
    plan: Plan,
    job_id: str,
    *,
    limit: int = 10,
    vehicles: Collection[str] | None = None,
) -> list[Slot]:
    """The best positions for ``job_id`` in ``plan``: those that break nothing first, then by marginal cost.

    ``vehicles`` restricts the search. A job that is in the plan already is looked at as if it were not. Every
    position behind the fixed head of every route is tried.
    """
    c = problem.compiled
    number = c.numbers([job_id])[0]
    tried: list[tuple[int, int, int, int]] = []
    routes: dict[int, tuple[list[int], int, int]] = {}
    for k, vehicle in enumerate(c.vehicles):
        if vehicles is None or vehicle.id in vehicles:
            items = [j for j in c.items(plan.get(vehicle.id, ())) if j != number]
            routes[k] = (items, *_harm_and_cost(c, k, items))
            tried += _positions(c, k, vehicle, routes[k], number)
    tried.sort()
    slots = [_slot(c, k, position, routes[k], number) for _, _, k, position in tried[: 2 * limit]]
    slots.sort(key=lambda slot: (len(slot.violations), slot.cost, slot.vehicle, slot.position))
    return slots[:limit]


def _positions(
    c: Compiled, k: int, vehicle: Vehicle, route: tuple[list[int], int, int], number: int
) -> list[tuple[int, int, int, int]]:
    """(harm, cents, vehicle, position) of each position, against the route as it stands."""
    items, harm, cost = route
    head = sum(1 for j in items if c.item_ids[j] in vehicle.first)
    barred = int(vehicle.locked) + int(not c.walker.world.able[number, k])
    found = []
    for position in range(head, len(items) + 1):
        with_it, cents = _harm_and_cost(c, k, [*items[:position], number, *items[position:]])
        found.append((max(0, with_it - harm) + 60 * barred, cents - cost, k, position))
    return found


def _slot(c: Compiled, k: int, position: int, route: tuple[list[int], int, int], number: int) -> Slot:
    items, _, cost = route
    vehicle, before = c.vehicles[k], set[tuple[str, str]]()
    if items:
        c.walker.walk(k, items)
        before = {
            (v.code, v.job)
            for v in RouteReader(c.walker, c.item_ids, k, items, running=False).read().violations
        }
    with_it = [*items[:position], number, *items[position:]]
    cents = c.walker.walk(k, with_it) - cost
    start = int(c.walker.trace.stop[position]["start"])
    read = RouteReader(c.walker, c.item_ids, k, with_it, running=False).read()
    broken = [v for v in read.violations if (v.code, v.job) not in before]
    if vehicle.locked:
        words = f"The route of {vehicle.id} is locked."
        broken.append(Violation("locked_changed", vehicle.id, c.jobs[number].id, 1, words))
    return Slot(vehicle.id, position, cents, start, tuple(broken))


def _harm_and_cost(c: Compiled, k: int, items: Sequence[int]) -> tuple[int, int]:
    """How badly a route breaks rules, its jobs' static rules included, and its cents; nothing for none."""
    if not any(c.walker.world.items[j]["kind"] == JOB for j in items):
        return 0, 0
    cost = c.walker.walk(k, items)
    return c.walker.hard, cost


@dataclass(frozen=True, slots=True)
class Fit:
    """A feasible place during search: job numbers only. ``cost`` is the marginal cost in cents."""

    cost: int
    vehicle: int
    position: int


class Inserter:
    """Cheapest feasible insertion into changing routes, made quick by walking only the likely positions.

    ``routes`` is a list of item numbers per vehicle number; it is changed by ``place``. ``walks`` counts the
    work done.
    """

    def __init__(self, c: Compiled, routes: list[list[int]]) -> None:
        self.c, self.routes, self.walks = c, routes, 0
        self._known: dict[int, tuple[int, int]] = {}
        alike: dict[Vehicle, int] = {}
        self._kind = [alike.setdefault(_kind_of(v), len(alike)) for v in c.vehicles]

    def best(self, number: int) -> Fit | None:
        """The cheapest place that breaks nothing more than now, and costs less than leaving the job out.

        The positions of the shortest detours are walked first, ``_LIKELY`` of them; only where none is clean,
        ``_UNLIKELY`` others.
        """
        ranked = self._ranked(number)
        best = self._first_clean(ranked[:_LIKELY], number)
        if best is None:
            best = self._first_clean(ranked[_LIKELY : _LIKELY + _UNLIKELY], number)
        if best is not None and best.cost < self.c.out_price[number]:
            return best
        return None

    def place(self, fit: Fit, number: int) -> None:
        """Put the job there."""
        self.routes[fit.vehicle].insert(fit.position, number)
        self._known.pop(fit.vehicle, None)

    def _first_clean(self, places: list[tuple[int, int]], number: int) -> Fit | None:
        best: Fit | None = None
        for k, position in places:
            items = self.routes[k]
            harm, cents = _harm_and_cost(self.c, k, [*items[:position], number, *items[position:]])
            self.walks += 1
            had, paid = self._of(k)
            if harm <= had and (best is None or cents - paid < best.cost):
                best = Fit(cents - paid, k, position)
        return best

    def _of(self, k: int) -> tuple[int, int]:
        if k not in self._known:
            self._known[k] = _harm_and_cost(self.c, k, self.routes[k])
        return self._known[k]

    def _ranked(self, number: int) -> list[tuple[int, int]]:
        """(vehicle, position) by length of detour."""
        found: list[tuple[int, int, int]] = []
        empty_seen: set[int] = set()
        able = self.c.walker.world.able
        for k, vehicle in enumerate(self.c.vehicles):
            items = self.routes[k]
            if not able[number, k] or vehicle.locked or not self._has_room(vehicle, items, number):
                continue
            if not items:
                # while both stand empty, a second vehicle of the same kind is no other choice
                if self._kind[k] in empty_seen:
                    continue
                empty_seen.add(self._kind[k])
            used = 0 if items else vehicle.fixed_cost * 3600
            detours = detours_of(self.c, vehicle, items, number).tolist()
            rate = max(1, vehicle.cost_per_hour)
            found += [(d * rate + used, k, p) for p, d in enumerate(detours) if p >= len(vehicle.first)]
        return [(k, position) for _, k, position in sorted(found)]

    def _has_room(self, vehicle: Vehicle, items: Sequence[int], number: int) -> bool:
        if vehicle.max_stops is not None and len(items) >= vehicle.max_stops:
            return False
        if vehicle.max_trips > 1 or not vehicle.capacity:
            return True
        board = self.c.walker.world.load[np.asarray([*items, number], dtype=np.intp), :, 0].sum(axis=0)
        return bool((board <= self.c.walker.world.capacity[self.c.vehicle_number[vehicle.id]]).all())


def _kind_of(vehicle: Vehicle) -> Vehicle:
    """The vehicle without its names: equal for vehicles that are alike."""
    return replace(vehicle, id="", breaks=tuple(replace(pause, id="") for pause in vehicle.breaks))


def detours_of(c: Compiled, vehicle: Vehicle, items: Sequence[int], number: int) -> np.ndarray:
    """Extra seconds of travel for each position 0 to n, int64; positions without a way come last."""
    table, place = c.durations(vehicle), c.place[number]
    places = c.walker.world.items["place"][np.asarray(items, dtype=np.intp)].tolist()
    size = len(places) + 1
    into, out, direct = (np.zeros(size, dtype=np.int64) for _ in range(3))
    before = ([] if vehicle.start is None else [vehicle.start]) + places
    after = places + ([] if vehicle.end is None else [vehicle.end])
    into[size - len(before) :] = table[before, place]
    out[: len(after)] = table[place, after]
    first = 1 if vehicle.start is None else 0
    inner = before[: len(before) - 1] if vehicle.end is None else before
    onward = after[first:] if vehicle.start is None else after
    direct[first : first + len(onward)] = table[inner, onward]
    missing = (into >= UNREACHABLE) | (out >= UNREACHABLE)
    direct[direct >= UNREACHABLE] = 0
    detours: np.ndarray = np.where(missing, 2 * UNREACHABLE, into + out - direct)
    return detours
