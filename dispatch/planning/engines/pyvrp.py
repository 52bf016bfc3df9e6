"""PyVRP: the strong searcher for everything that it can state."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass

from pyvrp import (
    CostEvaluator,
    IteratedLocalSearch,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    PenaltyManager,
    PenaltyParams,
    ProblemData,
    RandomNumberGenerator,
    Solution,
)
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import OPERATORS, LocalSearch, NeighbourhoodParams, PerturbationManager, compute_neighbours

from ..model import Plan, Problem
from .base import Cancelled, Limit, Report
from .pyvrp_data import Statement, from_pyvrp, state, to_pyvrp

_REPORT_EVERY_S = 0.1
_REPORT_EVERY_ITERATIONS = 500
_PAUSE_FACTOR = 4
"""After a report the search goes on for at least so many times what repair, pricing and checking took."""


@dataclass(slots=True)
class _Stop:
    """PyVRP's stopping criterion: limit, stall and cancellation in one."""

    limit: Limit
    cancelled: Cancelled
    stall: int
    began: float
    iterations: int = 0
    since: int = 0
    best: float = float("inf")

    def __call__(self, best_cost: float) -> bool:
        if best_cost < self.best:
            self.best, self.since = best_cost, 0
        self.iterations += 1
        self.since += 1
        limit = self.limit
        if limit.iterations is not None and self.iterations > limit.iterations:
            return True
        if time.perf_counter() - self.began >= limit.latest_s:
            return True
        return self.since > self.stall or (self.iterations % 8 == 0 and self.cancelled())


class _Reporter(IteratedLocalSearchCallbacks):
    """Hands better solutions on, not more often than anybody could look at them."""

    def __init__(self, send: Report, convert: _Convert, stop: _Stop) -> None:
        self.send, self.convert, self.stop = send, convert, stop
        self.waiting: Solution | None = None
        self.last_time, self.last_iteration = 0.0, -_REPORT_EVERY_ITERATIONS
        self.pause_s = _REPORT_EVERY_S

    def on_start(self, ils: IteratedLocalSearch) -> None:
        self._hand_on(ils.initial_solution)

    def on_best(self, best: Solution) -> None:
        self.waiting = best

    def on_iteration(
        self, current: Solution, candidate: Solution, best: Solution, cost_evaluator: CostEvaluator
    ) -> None:
        if self.waiting is not None and self._due():
            self._hand_on(self.waiting)

    def _due(self) -> bool:
        if self.stop.limit.repeatable:
            return self.stop.iterations - self.last_iteration >= _REPORT_EVERY_ITERATIONS
        return time.perf_counter() - self.last_time >= self.pause_s

    def _hand_on(self, solution: Solution) -> None:
        began = time.perf_counter()
        self.send(self.convert(solution))
        self.waiting = None
        self.last_time, self.last_iteration = time.perf_counter(), self.stop.iterations
        self.pause_s = max(_REPORT_EVERY_S, _PAUSE_FACTOR * (self.last_time - began))


@dataclass(frozen=True, slots=True)
class _Convert:
    problem: Problem
    statement: Statement
    before: Plan | None

    def __call__(self, solution: Solution) -> Plan:
        return from_pyvrp(self.problem, self.statement, solution, self.before)


class PyVrpEngine:
    """Iterated local search over PyVRP's own statement of the problem."""

    name = "pyvrp"

    def run(
        self,
        problem: Problem,
        *,
        limit: Limit,
        seed: int,
        start: Plan | None,
        report: Report,
        cancelled: Cancelled,
    ) -> None:
        """See ``Engine.run``. ``start`` is improved upon; the same seed and iterations give the same plan."""
        began = time.perf_counter()
        statement = state(problem)
        if statement is None:
            return
        stop = _Stop(limit, cancelled, 20_000 + 500 * statement.data.num_clients, began)
        reporter = _Reporter(report, _Convert(problem, statement, start), stop)
        penalties = _penalties(statement)
        search = _local_search(statement.data, seed)
        if start:
            first = to_pyvrp(problem, statement, start)
        else:
            first = Solution.make_random(statement.data, RandomNumberGenerator(seed=seed))
        first = search(first, penalties.max_cost_evaluator(), exhaustive=True)
        params = IteratedLocalSearchParams(callbacks=reporter)
        with warnings.catch_warnings():
            # the bound is ours and a left-out job is a legal answer: nothing to warn anybody of
            warnings.simplefilter("ignore", PenaltyBoundWarning)
            result = IteratedLocalSearch(statement.data, penalties, search, first, params).run(
                stop, collect_stats=False
            )
        report(from_pyvrp(problem, statement, result.best, start))


def _local_search(data: ProblemData, seed: int) -> LocalSearch:
    neighbours = compute_neighbours(data, NeighbourhoodParams(num_neighbours=_neighbours(data.num_clients)))
    search = LocalSearch(data, RandomNumberGenerator(seed=seed), neighbours, PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    return search


def _neighbours(clients: int) -> int:
    """PyVRP's own number for a day of usual size; fewer for many, whose descent nothing can interrupt."""
    return NeighbourhoodParams().num_neighbours if clients <= 1500 else 30


def _penalties(statement: Statement) -> PenaltyManager:
    """Penalties whose ceiling outweighs the dearest prize, so that no job is worth breaking a rule for."""
    ceiling = max(100_000.0, statement.worst_prize / 60)
    params = PenaltyParams(max_penalty=ceiling)
    return PenaltyManager(PenaltyParams().midpoint_penalties(statement.data), params)
