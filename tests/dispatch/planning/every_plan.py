"""All plans of a tiny problem, so that *best* is a fact and not the search's word."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations

from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Plan, Problem, Vehicle
from dispatch.planning.solution import Solution
from dispatch.planning.verify import verify


def cheapest(problem: Problem) -> Solution:
    """The cheapest plan that breaks nothing, of all there are: at most five jobs and two vehicles, or it takes
    long. Charges are not tried.
    """
    whole = [evaluate(problem, plan) for plan in every_plan(problem)]
    found = min((plan for plan in whole if plan.feasible), key=lambda plan: plan.cost.total)
    assert verify(problem, found) == []
    return found


def every_plan(problem: Problem) -> Iterator[Plan]:
    """Any jobs left out, the others dealt out in any order, a reload in any gap where the vehicle may."""
    names = tuple(job.id for job in problem.jobs)
    for many in range(len(names) + 1):
        for order in permutations(names, many):
            yield from _dealt(problem.vehicles, order)


def _dealt(fleet: tuple[Vehicle, ...], order: tuple[str, ...]) -> Iterator[dict[str, tuple[str, ...]]]:
    """This order cut into one piece for each vehicle."""
    if not fleet:
        if not order:
            yield {}
        return
    first, *rest = fleet
    for cut in range(len(order) + 1):
        if cut < len(order) and not rest:
            continue
        for items in _with_reloads(first, order[:cut]):
            for others in _dealt(tuple(rest), order[cut:]):
                yield {**({first.id: items} if items else {}), **others}


def _with_reloads(vehicle: Vehicle, jobs: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield jobs
    if not vehicle.reloads:
        return
    for many in range(1, min(vehicle.max_trips, len(jobs))):
        for gaps in combinations(range(1, len(jobs)), many):
            for depot in vehicle.reloads:
                pieces = [jobs[a:b] for a, b in zip((0, *gaps), (*gaps, len(jobs)), strict=True)]
                yield tuple(item for piece in pieces for item in (depot, *piece))[1:]
