"""PyVRP: the strong searcher for everything that it can state."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pyvrp import (
    Activity,
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

from ..construct import construct
from ..model import Plan, Problem
from .base import Cancelled, Limit, Report
from .pyvrp_data import Statement, from_pyvrp, state, to_pyvrp
from .pyvrp_parts import Cutter, Tour, dealt, tours_of, whole

_REPORT_EVERY_S = 0.1
_REPORT_EVERY_ITERATIONS = 500
SMALL = 500
"""Up to so many stops one descent of the whole is over in half a second."""

_DEAREST = 1e10
"""A penalty that cannot bring a cost near the end of 64 bits."""

WHOLE = 1500
"""Up to so many stops all of them are searched together in the end."""

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

    def over(self, until: float = 1.0, needs_s: float = 0.0) -> bool:
        """Whether the share ``until`` of the limit is used up, or half of ``needs_s`` is not left of it."""
        if self.cancelled():
            return True
        if self.limit.iterations is not None and self.iterations >= until * self.limit.iterations:
            return True
        left = until * self.limit.latest_s - (time.perf_counter() - self.began)
        return left <= (0 if self.limit.repeatable else needs_s / 2)

    def share(self, until: float, parts: int) -> Limit:
        """The limit of one of so many that are still to come."""
        left = until * self.limit.latest_s - (time.perf_counter() - self.began)
        time_s = None if self.limit.repeatable else max(0.01, left / parts)
        if self.limit.iterations is None:
            return Limit(time_s, None)
        return Limit(time_s, max(1, int((until * self.limit.iterations - self.iterations) / parts)))


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

    def look(self, make: Callable[[], Solution]) -> None:
        """A better solution outside an iterated search; made only if it is to be handed on."""
        if self._due():
            self._hand_on(make())

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
    """Iterated local search over PyVRP's own statement of the problem, in parts where that is large."""

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
        data = statement.data
        size = data.num_clients + 2 * data.num_shipments
        stop = _Stop(limit, cancelled, 20_000 + 500 * size, began)
        convert = _Convert(problem, statement, start)
        reporter = _Reporter(report, convert, stop)
        first = _first(problem, statement, start, seed, cut=size > SMALL)
        if size > SMALL:
            first = _Parts(statement, stop, reporter, seed).search(first, whole_follows=size <= WHOLE)
        if size <= WHOLE and not stop.over():
            first = _search(statement, first, stop, reporter, seed, thorough=size <= SMALL)
        report(convert(first))


def _first(problem: Problem, statement: Statement, start: Plan | None, seed: int, *, cut: bool) -> Solution:
    """Where the search begins. Parts need routes that lie somewhere; a random plan lies everywhere."""
    if not start and cut:
        start = construct(problem)
    if start:
        return to_pyvrp(problem, statement, start)
    return Solution.make_random(statement.data, RandomNumberGenerator(seed=seed))


def _search(
    statement: Statement, first: Solution, stop: _Stop, reporter: _Reporter, seed: int, *, thorough: bool
) -> Solution:
    """Iterated local search on all of it. ``thorough``: descend again from every new best plan."""
    penalties = _penalties(statement.worst_prize, statement.data)
    search = _local_search(statement.data, seed)
    first = search(first, penalties.max_cost_evaluator(), exhaustive=True)
    params = IteratedLocalSearchParams(exhaustive_on_best=thorough, callbacks=reporter)
    return _iterate(statement.data, penalties, search, first, stop, params)


def _iterate(
    data: ProblemData,
    penalties: PenaltyManager,
    search: LocalSearch,
    first: Solution,
    stop: _Stop,
    params: IteratedLocalSearchParams,
) -> Solution:
    with warnings.catch_warnings():
        # the bound is ours and a left-out job is a legal answer: nothing to warn anybody of
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        return IteratedLocalSearch(data, penalties, search, first, params).run(stop, collect_stats=False).best


class _Parts:
    """Searches parts of neighbouring routes by turns until the time is up."""

    def __init__(self, statement: Statement, stop: _Stop, reporter: _Reporter, seed: int) -> None:
        self.statement, self.stop, self.reporter, self.seed = statement, stop, reporter, seed
        self.cutter = Cutter(statement.data, seed)
        self.prize = statement.worst_prize
        self.slowest_s = 0.0

    def search(self, first: Solution, *, whole_follows: bool) -> Solution:
        """First every part is descended once. ``whole_follows``: no more than that, and in half of the time."""
        tours = tours_of(first)
        until = 0.5 if whole_follows else 1.0
        rounds = 0
        while not self.stop.over(until, self.slowest_s) and not (whole_follows and rounds):
            tours = self._round(tours, until, rounds)
            rounds += 1
        return whole(self.statement.data, tours)

    def _round(self, tours: list[Tour], until: float, number: int) -> list[Tour]:
        parts = list(self.cutter.cut(tours))
        loose, spare = self.cutter.left_out(tours, parts), dealt(self.cutter.spare(tours), len(parts))
        done: list[Tour] = []
        for turn, members in enumerate(parts):
            mine = [tours[k] for k in members]
            if not self.stop.over(until, self.slowest_s):
                share = self.stop.share(until, len(parts) - turn) if number else None
                mine = self._improve(mine, loose[turn], spare[turn], share, number)
                rest = [tours[k] for others in parts[turn + 1 :] for k in others]
                self.reporter.look(partial(whole, self.statement.data, [*done, *mine, *rest]))
            done += mine
        return done

    def _improve(
        self, tours: list[Tour], loose: list[Activity], spare: list[int], share: Limit | None, number: int
    ) -> list[Tour]:
        """The routes of one part made better, or as they are; without a ``share`` by one descent."""
        began = time.perf_counter()
        part = self.cutter.part(tours, loose, spare)
        if part is None:
            return tours
        penalties = _penalties(self.prize, part.data)
        search = _local_search(part.data, self.seed + number)
        judge = penalties.max_cost_evaluator()
        best = search(part.start, judge, exhaustive=True)
        self.slowest_s = max(self.slowest_s, time.perf_counter() - began)
        found = best
        if share is not None:
            stop = _Stop(share, self.stop.cancelled, 2_000 + 20 * part.data.num_clients, began)
            found = _iterate(part.data, penalties, search, best, stop, IteratedLocalSearchParams())
            self.stop.iterations += stop.iterations
        return part.tours(min((part.start, best, found), key=judge.penalised_cost))


def _local_search(data: ProblemData, seed: int) -> LocalSearch:
    neighbours = compute_neighbours(data, NeighbourhoodParams())
    search = LocalSearch(data, RandomNumberGenerator(seed=seed), neighbours, PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            search.add_operator(operator(data))
    return search


def _penalties(worst_prize: int, data: ProblemData) -> PenaltyManager:
    """Penalties whose ceiling outweighs the dearest prize, so that no job is worth breaking a rule for. The search
    begins far below it: on the way to better plans it has to break some.
    """
    ceiling = min(max(100_000.0, 1.0 * worst_prize), _DEAREST)
    params = PenaltyParams(max_penalty=ceiling)
    return PenaltyManager(PenaltyParams().midpoint_penalties(data), params)
