"""One order held against a whole plan: every position on every route, with what the plan would cost then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from .compiled import Compiled
from .evaluate import evaluate
from .kernel.trace import BEGIN, END
from .kernel.world import Ints
from .model import ALWAYS, Plan, Problem, Window
from .solution import Solution, Violation
from .sweep import BEGINS, COST, ENDS, HARM, KINDS, Request, Sweeper


def request_of(c: Compiled, job_id: str) -> Request:
    """The job, or the pickup and the delivery of its shipment. Raises ``PlanningError`` ``unknown_job``."""
    c.numbers([job_id])
    for shipment in c.problem.shipments:
        if job_id in (shipment.pickup, shipment.delivery):
            return Request(*c.numbers([shipment.pickup, shipment.delivery]))
    return Request(c.numbers([job_id])[0])


def served(solution: Solution) -> int:
    """Cents of what is driven: the plan's cost without the jobs that are left out or given away."""
    return solution.cost.total - solution.cost.unassigned - solution.cost.offers


def no_worse(before: Iterable[Violation], after: Iterable[Violation]) -> bool:
    """Whether everything broken ``after`` was broken before, by as much at least."""
    known: dict[tuple[str, str, str], int] = {}
    for v in before:
        key = (v.code, v.route, v.job)
        known[key] = max(known.get(key, 0), v.amount)
    return all(v.amount <= known.get((v.code, v.route, v.job), -1) for v in after)


def laid(items: Sequence[int], request: Request, place: int, second: int) -> list[int]:
    """The route with the order at these positions (of the route without it)."""
    with_it = list(items)
    if request.mate >= 0:
        with_it.insert(second, request.mate)
    with_it.insert(place, request.job)
    return with_it


class Looks:
    """A plan without one order, and looks at it with the order in it. Positions are those without it.

    ``routes``: item numbers by vehicle number; ``paid``: cents of each as it stands. ``tied``: what the walker of
    one route cannot judge alone (relations between routes, docks, alternatives): then a look is only likely.
    ``options``: windows to look at instead of the job's own; ``anytime``: its own, and none at all.
    """

    def __init__(
        self,
        problem: Problem,
        plan: Plan,
        job_id: str,
        options: Sequence[Window] = (),
        *,
        anytime: bool = False,
    ) -> None:
        c = self.c = problem.compiled
        self.problem, self.request = problem, request_of(c, job_id)
        unknown = [name for name in plan if name not in c.vehicle_number]
        c.vehicle(unknown[0] if unknown else next(iter(c.vehicle_number)))
        self.routes = [self._without(c.items(plan.get(v.id, ()))) for v in c.vehicles]
        self.sweeper = Sweeper(c, max(map(len, self.routes)) + 2, (ALWAYS,) if anytime else options)
        if anytime:
            self.sweeper.options = np.array([-1, self.sweeper.options[0]], dtype=np.int64)
        self.paid: list[int] = []
        self._lasts: list[int] = []
        self._ends: list[int] = []
        for k, items in enumerate(self.routes):
            self._stand(k, items)
        self._stops = [sum(1 for i in items if i < len(c.jobs)) for items in self.routes]
        self._first = min(v.shift.start for v in c.vehicles)
        self._whole = self._weighed(-1, 0, 0)

    def _without(self, items: list[int]) -> list[int]:
        rest = [i for i in items if i not in self.request.jobs]
        return rest if any(i < len(self.c.jobs) for i in rest) else []

    def _stand(self, k: int, items: list[int]) -> None:
        walker = self.c.walker
        self.paid.append(walker.walk(k, items) if items else 0)
        begin, end = (int(walker.trace.sums[at]) if items else 0 for at in (BEGIN, END))
        self._lasts.append(end - begin)
        self._ends.append(end)

    @property
    def plan(self) -> dict[str, tuple[str, ...]]:
        """The plan without the order."""
        return {v.id: self._named(self.routes[k]) for k, v in enumerate(self.c.vehicles) if self.routes[k]}

    def plan_with(self, k: int, place: int, second: int) -> dict[str, tuple[str, ...]]:
        """The plan with the order there."""
        items = laid(self.routes[k], self.request, place, second)
        return {**self.plan, self.c.vehicles[k].id: self._named(items)}

    def _named(self, items: Sequence[int]) -> tuple[str, ...]:
        return tuple(self.c.item_ids[i] for i in items)

    @property
    def tied(self) -> bool:
        """Whether a look at one route may not be the whole truth."""
        problem, names = self.problem, {self.c.jobs[j].id for j in self.request.jobs}
        return (
            any(r.kind == "together" or names & set(r.jobs) for r in problem.relations)
            or any(names & set(group.jobs) for group in problem.groups)
            or any(depot.docks is not None and depot.load_s for depot in problem.depots)
        )

    def offer(self, window: Window) -> None:
        """Look at this window from now on, in place of the last one."""
        self.sweeper.world.windows[self.sweeper.options[-1]] = window

    def barred(self, k: int) -> bool:
        """Whether this vehicle may not have it, whatever its route: who may serve whom, or a lock."""
        able = self.c.walker.world.able
        return self.c.vehicles[k].locked or not all(able[j, k] for j in self.request.jobs)

    def head(self, k: int) -> int:
        """The first position that is not frozen."""
        names = self.c.vehicles[k].first
        return sum(1 for i in self.routes[k] if self.c.item_ids[i] in names)

    def rows(self, k: int, *, prune: bool, items: Sequence[int] | None = None) -> Ints:
        """Looks (``sweep``) at one vehicle, ``COST`` turned into the marginal cents of the whole plan.

        ``items``: another route than the one it has, its own cost then being part of the marginal cents.
        """
        route = self.routes[k] if items is None else items
        rows = self.sweeper.look(k, route, min(self.head(k), len(route)), self.request, prune=prune)
        whole = self._weighed_rows(k, rows[:, ENDS] - rows[:, BEGINS], rows[:, ENDS])
        rows[:, COST] += whole - self._whole - self.paid[k]
        return rows

    def clean(self, k: int, rows: Ints) -> Ints:
        """Of these looks, those that break nothing more than the route does as it stands."""
        if self.barred(k) or not len(rows):
            return rows[:0]
        clean: Ints = rows[(rows[:, KINDS] == 0) & (rows[:, HARM] <= self.harm(k))]
        return clean

    def harm(self, k: int) -> int:
        """How badly a route breaks rules as it stands."""
        if not self.routes[k]:
            return 0
        self.c.walker.walk(k, self.routes[k])
        return self.c.walker.hard

    def _weighed_rows(self, k: int, lasts: Ints, ends: Ints) -> Ints:
        """Cents of balance and finish for each look."""
        weights = self.problem.weights
        if not (weights.balance_per_hour or weights.balance_per_stop or weights.finish_per_hour):
            return np.zeros(len(lasts), dtype=np.int64)
        pairs = zip(lasts.tolist(), ends.tolist(), strict=True)
        return np.array([self._weighed(k, last, end) for last, end in pairs], dtype=np.int64)

    def _weighed(self, k: int, last: int, end: int) -> int:
        """Balance and finish with vehicle ``k`` (-1: none) out for ``last`` seconds, one order more, until ``end``."""
        weights = self.problem.weights
        lasts, ends, stops = list(self._lasts), list(self._ends), list(self._stops)
        if k >= 0:
            lasts[k], ends[k], stops[k] = last, end, stops[k] + len(self.request.jobs)
        used = [v for v, count in enumerate(stops) if count]
        if not used:
            return 0
        apart = max(lasts[v] for v in used) - min(lasts[v] for v in used)
        more = max(stops[v] for v in used) - min(stops[v] for v in used)
        late = max(0, max(ends[v] for v in used) - self._first)
        cents = (2 * apart * weights.balance_per_hour + 3600) // 7200 + more * weights.balance_per_stop
        return cents + (2 * late * weights.finish_per_hour + 3600) // 7200


class Judge:
    """What ``evaluate`` says of plans against the one without the order."""

    def __init__(self, problem: Problem, plan: Mapping[str, tuple[str, ...]]) -> None:
        self.before = evaluate(problem, plan)

    def marginal(self, problem: Problem, plan: Mapping[str, tuple[str, ...]]) -> tuple[int | None, Solution]:
        """Cents that the plan costs more, ``None`` where it breaks what was not broken before; and the plan."""
        after = evaluate(problem, plan)
        fits = no_worse(self.before.violations, after.violations)
        return (served(after) - served(self.before) if fits else None), after
