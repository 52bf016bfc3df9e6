"""Where does a job fit into a plan, and what does it cost there: the answer for a drag, a late order, a
slot offer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .compiled import Compiled
from .evaluate import earliest_walk, finish, time_route
from .model import UNREACHABLE, Plan, Problem, Vehicle
from .rules import costs
from .rules.catalogue import ROUTE_CHECKS
from .rules.windows import earliest_start
from .solution import Violation
from .timing import Walk, spare

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
    slots: list[Slot] = []
    for vehicle in c.vehicles:
        if vehicles is None or vehicle.id in vehicles:
            jobs = [j for j in c.numbers(plan.get(vehicle.id, ())) if j != number]
            slots += _slots(c, vehicle, jobs, number)
    slots.sort(key=lambda slot: (len(slot.violations), slot.cost, slot.vehicle, slot.position))
    return slots[:limit]


def _slots(c: Compiled, vehicle: Vehicle, jobs: list[int], number: int) -> list[Slot]:
    before_cost, before = 0, set[tuple[str, str]]()
    if jobs:
        route = finish(c, time_route(c, vehicle, jobs))
        before_cost = route.cost.total
        before = {(v.code, v.job) for v in route.violations}
    head = sum(1 for j in jobs if c.jobs[j].id in vehicle.first)
    found = []
    for position in range(head, len(jobs) + 1):
        with_it = [*jobs[:position], number, *jobs[position:]]
        walked = time_route(c, vehicle, with_it)
        broken = [v for check in ROUTE_CHECKS for v in check(walked) if (v.code, v.job) not in before]
        if vehicle.locked:
            words = f"The route of {vehicle.id} is locked."
            broken.append(Violation("locked_changed", vehicle.id, c.jobs[number].id, 1, words))
        cost = costs.price(walked).total - before_cost
        found.append(Slot(vehicle.id, position, cost, walked.start[position], tuple(broken)))
    return found


@dataclass(frozen=True, slots=True)
class Fit:
    """A feasible place during search: job numbers only. ``cost`` is the marginal cost in cents."""

    cost: int
    vehicle: int
    position: int


class Inserter:
    """Cheapest feasible insertion into changing routes, made quick by walking only the likely positions.

    ``routes`` is a list of job numbers per vehicle number; it is changed by ``place``. ``walks`` counts the
    work done.
    """

    def __init__(self, c: Compiled, routes: list[list[int]]) -> None:
        self.c, self.routes, self.walks = c, routes, 0
        self._cost: dict[int, int] = {}
        self._earliest: dict[int, tuple[Walk, list[int]]] = {}
        alike: dict[Vehicle, int] = {}
        self._kind = [alike.setdefault(_kind_of(v), len(alike)) for v in c.vehicles]

    def best(self, number: int) -> Fit | None:
        """The cheapest place that breaks nothing, and costs less than leaving the job out.

        Positions that the clock of the route as it stands allows are walked first, ``_LIKELY`` of them; only
        where none is clean, ``_UNLIKELY`` others.
        """
        likely, others = self._ranked(number)
        best = self._first_clean(likely[:_LIKELY], number)
        if best is None:
            best = self._first_clean((likely[_LIKELY:] + others)[:_UNLIKELY], number)
        if best is not None and best.cost < self.c.leave_price[number]:
            return best
        return None

    def place(self, fit: Fit, number: int) -> None:
        """Put the job there."""
        self.routes[fit.vehicle].insert(fit.position, number)
        self._cost.pop(fit.vehicle, None)
        self._earliest.pop(fit.vehicle, None)

    def _first_clean(self, places: list[tuple[int, int]], number: int) -> Fit | None:
        best: Fit | None = None
        for k, position in places:
            vehicle, jobs = self.c.vehicles[k], self.routes[k]
            cost = price_if_clean(self.c, vehicle, [*jobs[:position], number, *jobs[position:]])
            self.walks += 1
            if cost is not None and (best is None or cost - self._cost_of(k) < best.cost):
                best = Fit(cost - self._cost_of(k), k, position)
        return best

    def _ranked(self, number: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """(vehicle, position) by length of detour: those that the clock allows, and the others."""
        found: list[tuple[int, int, int]] = []
        empty_seen: set[int] = set()
        for k, vehicle in enumerate(self.c.vehicles):
            jobs = self.routes[k]
            if not self.c.able[number, k] or not self._has_room(vehicle, jobs, number):
                continue
            if not jobs:
                # while both stand empty, a second vehicle of the same kind is no other choice
                if self._kind[k] in empty_seen:
                    continue
                empty_seen.add(self._kind[k])
            used = 0 if jobs else vehicle.fixed_cost * 3600
            detours = detours_of(self.c, vehicle, jobs, number).tolist()
            rate = max(1, vehicle.cost_per_hour)
            found += [(d * rate + used, k, p) for p, d in enumerate(detours) if p >= len(vehicle.first)]
        found.sort()
        likely: list[tuple[int, int]] = []
        others: list[tuple[int, int]] = []
        for _, k, position in found:
            if len(likely) >= _LIKELY:
                break
            (likely if self._in_time(k, position, number) else others).append((k, position))
        return likely, others

    def _in_time(self, k: int, position: int, number: int) -> bool:
        """Whether the job's window and the spare time behind it allow this position, breaks left as they are."""
        c, vehicle = self.c, self.c.vehicles[k]
        if not self.routes[k]:
            return True
        if k not in self._earliest:
            walked = earliest_walk(c, vehicle, self.routes[k])
            self._earliest[k] = walked, spare(walked)
        walked, spares = self._earliest[k]
        table, place, jobs = c.durations(vehicle), c.place[number], self.routes[k]
        before = c.place[jobs[position - 1]] if position else vehicle.start
        after = c.place[jobs[position]] if position < len(jobs) else vehicle.end
        now = walked.leave[position - 1] if position else walked.departure
        service, setup = (part[number] for part in c.service_and_setup(vehicle))
        ready = now + (0 if before is None else int(table[before, place])) + setup
        start, _, late = earliest_start(c.jobs[number].windows, ready)
        if late and c.jobs[number].late_price_per_min is None:
            return False
        onward = 0 if after is None else int(table[place, after])
        return start + service + onward - now - walked.legs.travel[position] <= spares[position]

    def _has_room(self, vehicle: Vehicle, jobs: Sequence[int], number: int) -> bool:
        if vehicle.max_stops is not None and len(jobs) >= vehicle.max_stops:
            return False
        delivery = self.c.delivery
        return all(
            sum([delivery[j][d] for j in jobs]) + delivery[number][d] <= limit
            for d, limit in enumerate(vehicle.capacity[: self.c.dimensions])
        )

    def _cost_of(self, k: int) -> int:
        if k not in self._cost:
            jobs = self.routes[k]
            self._cost[k] = costs.price(time_route(self.c, self.c.vehicles[k], jobs)).total if jobs else 0
        return self._cost[k]


def _kind_of(vehicle: Vehicle) -> Vehicle:
    """The vehicle without its names: equal for vehicles that are alike."""
    return replace(vehicle, id="", breaks=tuple(replace(pause, id="") for pause in vehicle.breaks))


def detours_of(c: Compiled, vehicle: Vehicle, jobs: Sequence[int], number: int) -> np.ndarray:
    """Extra seconds of travel for each position 0 to n, int64; positions without a way come last."""
    table, place = c.durations(vehicle), c.place[number]
    places = [c.place[j] for j in jobs]
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


def price_if_clean(c: Compiled, vehicle: Vehicle, jobs: list[int]) -> int | None:
    """The route's cost in cents, or ``None`` if it breaks any rule."""
    walked = time_route(c, vehicle, jobs)
    if any(True for check in ROUTE_CHECKS for _ in check(walked)):
        return None
    return costs.price(walked).total
