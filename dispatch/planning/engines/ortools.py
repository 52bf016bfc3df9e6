"""OR-Tools' routing: weaker than PyVRP where both can speak, but it can state breaks and priced lateness.

The solver holds the interpreter lock for its whole run: never in a web process, and a thread cannot stop
it, only a solution callback or the end of the process can.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from ..model import Plan, Problem
from .base import Cancelled, Limit, Report
from .ortools_data import RoutingModel, build

_REPORT_EVERY_S = 0.1
_CEILING_S = 5
"""No descent takes this long on problems meant for iteration limits: a backstop, not a limit to plan with."""


@dataclass(slots=True)
class _Reporter:
    """The solution callback. Errors must not cross the solver: they are kept and raised after it."""

    model: RoutingModel
    report: Report
    cancelled: Cancelled
    repeatable: bool
    best: int | None = None
    last: float = 0.0
    waiting: Plan | None = None
    error: Exception | None = None

    def __call__(self) -> None:
        try:
            cost = self.model.routing.CostVar().Min()
            if self.best is None or cost < self.best:
                self.best, self.waiting = cost, self.model.read()
            if self.waiting is not None and (
                self.repeatable or time.perf_counter() - self.last > _REPORT_EVERY_S
            ):
                self.report(self.waiting)
                self.waiting, self.last = None, time.perf_counter()
            if self.cancelled():
                self.model.routing.solver().FinishCurrentSearch()
        except Exception as error:  # noqa: BLE001 - raised again by run()
            self.error = error
            self.model.routing.solver().FinishCurrentSearch()


class OrToolsEngine:
    """Local search from a given plan: guided while there is time, a plain descent under an iteration limit."""

    name = "ortools"

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
        """See ``Engine.run``. An iteration is one solution looked at. The seed has no meaning here."""
        began = time.perf_counter()
        model = build(problem)
        if model is None or cancelled():
            return
        parameters = _parameters(limit, time.perf_counter() - began)
        model.routing.CloseModelWithParameters(parameters)
        reporter = _Reporter(model, report, cancelled, limit.repeatable)
        model.routing.AddAtSolutionCallback(reporter)
        first = model.assignment(start) if start else None
        if first is not None:
            model.routing.SolveFromAssignmentWithParameters(first, parameters)
        else:
            model.routing.SolveWithParameters(parameters)
        if reporter.error is not None:
            raise reporter.error
        if reporter.waiting is not None:
            report(reporter.waiting)


def _parameters(limit: Limit, spent_s: float) -> object:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    meta = routing_enums_pb2.LocalSearchMetaheuristic
    # guided local search goes on for ever: without a clock to stop it, the descent to a local optimum is all
    repeatable = limit.time_s is None
    parameters.local_search_metaheuristic = meta.GREEDY_DESCENT if repeatable else meta.GUIDED_LOCAL_SEARCH
    if repeatable:
        parameters.time_limit.FromSeconds(_CEILING_S)
    if limit.time_s is not None:
        milliseconds = max(1, round((limit.time_s - spent_s) * 1000))
        parameters.time_limit.FromMilliseconds(milliseconds)
    if limit.iterations is not None:
        parameters.solution_limit = max(1, limit.iterations)
    return parameters
