"""Rule 47: a warm start from any plan."""

from __future__ import annotations

from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Job
from dispatch.planning.repair import repair

from ..worlds import town
from .day import best, van, world

JOBS = [Job(f"j{k}", k, delivery=(1,)) for k in range(1, 7)]


def test_never_worse_than_the_plan_it_starts_from() -> None:
    """The best plan of many turns, and then one turn from it."""
    problem = town(30, 3, capacity=(100,))
    before = best(problem, iterations=200)
    again = best(problem, iterations=1, warm=before.plan)
    assert again.cost.total <= before.cost.total


def test_a_broken_plan_is_mended_first() -> None:
    """Six parcels on a van for four: two are taken off and nothing is broken; the second van takes them."""
    problem = world(JOBS, [van("v1", capacity=(4,)), van("v2", capacity=(4,))])
    broken = {"v1": tuple(job.id for job in JOBS)}
    assert evaluate(problem, broken).violations
    assert evaluate(problem, repair(problem, broken)).violations == ()
    assert best(problem, iterations=1, warm=broken).unassigned == ()


def test_an_empty_plan_is_a_start_too() -> None:
    """Then it is as if there were none."""
    problem = world(JOBS)
    assert best(problem, warm={}).cost == best(problem).cost
