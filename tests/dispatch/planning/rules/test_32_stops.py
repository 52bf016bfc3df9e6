"""Rule 32: most stops per route, and fewest worth sending a vehicle for."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import best, holds_as_dialled, judged, van, world

JOBS = [Job(n, k + 1) for k, n in enumerate("abc")]


def test_too_many() -> None:
    """Three jobs, at most one: two too many, at 0.70 each."""
    problem = world(JOBS, [van(max_stops=1)])
    breach = ("too_many_stops", "van", "", 2)
    holds_as_dialled(problem, {"van": ["a", "b", "c"]}, breach, price=70, cents=140)


def test_too_few() -> None:
    """One job, at least three: two too few. A van that stays at home owes nothing."""
    problem = world(JOBS, [van(min_stops=3)])
    holds_as_dialled(problem, {"van": ["a"]}, ("too_few_stops", "van", "", 2), price=70, cents=140)
    assert judged(problem, {}).violations == ()


def test_the_planner_keeps_both() -> None:
    """At most two each: two vans. At least three, or none: one van goes, the other stays at home."""
    assert len(best(world(JOBS, [van("v1", max_stops=2), van("v2", max_stops=2)])).routes) == 2
    few = [van("v1", min_stops=3, fixed_cost=0), van("v2", min_stops=3, fixed_cost=0, start=1, end=1)]
    assert [len(route.jobs) for route in best(world(JOBS, few)).routes] == [3]
    assert best(world(JOBS[:2], few)).plan == {}
