"""Plain OR-Tools: cheapest insertion, then guided local search, on a model of its own."""

from __future__ import annotations

import time

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.planning.model import Problem

from .base import Answer
from .ortools_model import Model


def ortools(problem: Problem, seconds: float, seed: int) -> Answer:
    """One thread; it has no other. Building its model is not counted. The seed has no meaning here."""
    model = Model(problem)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = _insertion(problem)
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(round(seconds * 1000))
    model.routing.CloseModelWithParameters(parameters)
    began, first = time.perf_counter(), list[float]()

    def note() -> None:
        if not first:
            first.append(time.perf_counter() - began)

    model.routing.AddAtSolutionCallback(note)
    found = model.routing.SolveWithParameters(parameters)
    return Answer(model.plan(found) if found else None, first[0] if first else None)


def _insertion(problem: Problem) -> int:
    """The parallel one is better, but leaves everything out where jobs must share a route."""
    strategy = routing_enums_pb2.FirstSolutionStrategy
    if any(relation.kind == "same_route" for relation in problem.relations):
        return strategy.LOCAL_CHEAPEST_INSERTION
    return strategy.PARALLEL_CHEAPEST_INSERTION
