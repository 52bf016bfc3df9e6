"""Python's hand on the compiled search: one problem, one plan in the making. One thread at a time."""

from __future__ import annotations

from dataclasses import replace

from ..compiled import Compiled
from ..holds import settle_holds
from ..kernel.mode import whole_route
from ..kernel.trace import new_trace, refer_trace
from ..kernel.world import Ints, refer
from ..model import Plan, Problem, Vehicle
from .anneal import anneal, fill, load_plan
from .requests import Requests, requests_of
from .state import (
    ABSENT_PRICE,
    BEST,
    BEST_HARD,
    IMPROVED,
    ITERATIONS,
    State,
    new_state,
    refer_requests,
    refer_state,
)

BLINK = 0.01

type Rows = list[list[int]]
"""By vehicle, the numbers of its items in driving order."""


class Hunt:
    """Searches from a plan. ``cost`` and ``harm`` are those of ``plan()``, the best so far."""

    def __init__(
        self, problem: Problem, plan: Plan, *, seed: int = 0, requests: Requests | None = None
    ) -> None:
        self.problem = problem
        c: Compiled = problem.compiled
        self.c = c
        own = c.walker.world
        self.world = own._replace(items=own.items.copy(), vans=own.vans.copy())
        self.requests = requests or requests_of(problem, own)
        weights = problem.weights
        first = min((v.shift.start for v in problem.vehicles), default=0)
        fleet = [weights.balance_per_hour, weights.balance_per_stop, weights.finish_per_hour, first]
        self.state: State = new_state(self.world, self.requests, _kinds(problem), fleet, seed)
        self.trace = new_trace(self.world, self.state.route.shape[1])
        self._mode = whole_route()
        self._w, self._q = refer(self.world), refer_requests(self.requests)
        self._s, self._t = refer_state(self.state), refer_trace(self.trace)
        self.load(plan)

    def load(self, plan: Plan) -> None:
        """Go on from this plan; the best so far is forgotten."""
        numbers = {name: k for k, name in enumerate(self.c.item_ids)}
        rows: Rows = [[] for _ in self.problem.vehicles]
        for name, items in plan.items():
            rows[self.c.vehicle_number[name]] = [numbers[item] for item in items]
        self.load_rows(rows)

    def load_rows(self, rows: Rows, own: Ints | None = None, mine: Ints | None = None) -> None:
        """The same by numbers, a row of items for each vehicle. Only vehicles with an ``own`` of 1 are changed, only
        absent requests with a ``mine`` of 1 are looked after (see ``State``).
        """
        state = self.state
        state.own[:] = 1 if own is None else own
        state.mine[:] = 1 if mine is None else mine
        for v, row in enumerate(rows):
            state.route[v, : len(row)] = row
            state.length[v] = len(row)
        with settle_holds(self.c, {v: row for v, row in enumerate(rows) if row}, {}):
            self.world.items["hold"] = self.c.walker.world.items["hold"]
            self.world.vans["hold"] = self.c.walker.world.vans["hold"]
        load_plan(self._w, self._q, self._s, self._mode, self._t)

    def rows(self) -> Rows:
        """The plan as it stands, which need not be the best."""
        return [row[:n].tolist() for row, n in zip(self.state.route, self.state.length, strict=True)]

    def best_rows(self) -> Rows:
        """The best plan so far."""
        state = self.state
        return [row[:n].tolist() for row, n in zip(state.best_route, state.best_length, strict=True)]

    def fill(self) -> None:
        """Insert whatever fits."""
        fill(self._w, self._q, self._s, self._mode, self._t)

    def anneal(self, turns: int, warm: float, cool: float, average: int) -> None:
        """So many turns while the temperature (cents) falls."""
        anneal(self._w, self._q, self._s, turns, warm, cool, average, BLINK, self._mode, self._t)

    @property
    def cost(self) -> int:
        """Cents of the best plan so far, by the search's own reckoning."""
        return int(self.state.at[BEST])

    @property
    def harm(self) -> int:
        """How badly it breaks hard rules."""
        return int(self.state.at[BEST_HARD])

    @property
    def absent_price(self) -> int:
        """Cents of what is left out of the plan as it stands."""
        return int(self.state.at[ABSENT_PRICE])

    @property
    def improved(self) -> int:
        """Grows with every new best plan."""
        return int(self.state.at[IMPROVED])

    @property
    def turns(self) -> int:
        """Turns so far."""
        return int(self.state.at[ITERATIONS])

    def plan(self) -> Plan:
        """The best plan so far."""
        return self.named(self.best_rows())

    def named(self, rows: Rows) -> Plan:
        """Rows of numbers as a plan, without vehicles that serve nobody."""
        jobs, names = len(self.c.jobs), self.c.item_ids
        return {
            vehicle.id: tuple(names[item] for item in row)
            for vehicle, row in zip(self.problem.vehicles, rows, strict=True)
            if any(item < jobs for item in row)
        }


def _kinds(problem: Problem) -> list[int]:
    """Vehicles that are alike have one number: of those that stand empty, one is enough to look at."""
    alike: dict[object, int] = {}
    names = {name for job in problem.jobs for name in _named(problem, job.id)}
    kinds = []
    for vehicle in problem.vehicles:
        key: object = vehicle.id if vehicle.id in names else _without_names(vehicle)
        kinds.append(alike.setdefault(key, len(alike)))
    return kinds


def _named(problem: Problem, job_id: str) -> set[str]:
    job = problem.jobs[problem.compiled.job_number[job_id]]
    named = set(job.vehicles or ()) | job.forbidden | job.preferred_vehicles
    if job.pinned_to:
        named.add(job.pinned_to)
    if job.current:
        named.add(job.current.vehicle)
    return named


def _without_names(vehicle: Vehicle) -> Vehicle:
    return replace(vehicle, id="", breaks=tuple(replace(pause, id="") for pause in vehicle.breaks))
