"""Where does a job fit into a plan, and what does it cost there: the answer for a drag, a late order, a
slot offer.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .compiled import Compiled
from .evaluate import finish, time_route
from .model import UNREACHABLE, Plan, Problem, Vehicle
from .rules import costs
from .rules.catalogue import ROUTE_CHECKS
from .solution import Violation


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
    """Cheapest feasible insertion into changing routes, made quick by trying only the shortest detours.

    ``routes`` is a list of job numbers per vehicle number; it is changed by ``place``.
    """

    def __init__(self, c: Compiled, routes: list[list[int]], tries: int = 6) -> None:
        self.c, self.routes, self.tries = c, routes, tries
        self._cost: dict[int, int] = {}

    def best(self, number: int) -> Fit | None:
        """The cheapest place that breaks nothing, and costs less than leaving the job out."""
        best: Fit | None = None
        empty_seen: set[Vehicle] = set()
        for k, vehicle in enumerate(self.c.vehicles):
            if not self._has_room(vehicle, self.routes[k], number) or not self.c.able[number, k]:
                continue
            if not self.routes[k]:
                # while both stand empty, a second vehicle of the same kind is no other choice
                kind = replace(vehicle, id="")
                if kind in empty_seen:
                    continue
                empty_seen.add(kind)
            fit = self._best_in(k, number)
            if fit is not None and (best is None or fit.cost < best.cost):
                best = fit
        if best is not None and best.cost < self.c.leave_price[number]:
            return best
        return None

    def place(self, fit: Fit, number: int) -> None:
        """Put the job there."""
        self.routes[fit.vehicle].insert(fit.position, number)
        self._cost.pop(fit.vehicle, None)

    def _has_room(self, vehicle: Vehicle, jobs: Sequence[int], number: int) -> bool:
        if vehicle.max_stops is not None and len(jobs) >= vehicle.max_stops:
            return False
        delivery = self.c.delivery
        return all(
            sum(delivery[j][d] for j in jobs) + delivery[number][d] <= limit
            for d, limit in enumerate(vehicle.capacity)
        )

    def _best_in(self, k: int, number: int) -> Fit | None:
        vehicle, jobs = self.c.vehicles[k], self.routes[k]
        best: Fit | None = None
        for position in self._positions(vehicle, jobs, number):
            cost = price_if_clean(self.c, vehicle, [*jobs[:position], number, *jobs[position:]])
            if cost is not None and (best is None or cost - self._cost_of(k) < best.cost):
                best = Fit(cost - self._cost_of(k), k, position)
        return best

    def _positions(self, vehicle: Vehicle, jobs: Sequence[int], number: int) -> list[int]:
        """Positions behind the fixed head by length of detour, the nearest ``tries`` of them."""
        detours = detours_of(self.c, vehicle, jobs, number)
        order = [int(p) for p in np.argsort(detours, kind="stable") if p >= len(vehicle.first)]
        return order[: self.tries]

    def _cost_of(self, k: int) -> int:
        if k not in self._cost:
            jobs = self.routes[k]
            self._cost[k] = costs.price(time_route(self.c, self.c.vehicles[k], jobs)).total if jobs else 0
        return self._cost[k]


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
