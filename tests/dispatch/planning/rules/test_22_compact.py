"""Rule 22: compact routes that do not overlap."""

from __future__ import annotations

from dispatch.planning.model import Job, Weights

from .day import best, drive, points, van, world

JOBS = [Job(f"j{k}", k) for k in (1, 2, 8, 9)]


def test_kilometres_to_the_middle_of_the_route() -> None:
    """Stops at 1 and 3 km, the middle at 2: two kilometres at 1.00. One stop is its own middle."""
    problem = world([Job("a", 1), Job("b", 3)], points=points(), weights=Weights(compact_per_km=100))
    assert drive(problem, "a", "b").cost.compact == 200
    assert drive(problem, "a").cost.compact == 0


def test_without_a_weight_it_is_nothing() -> None:
    """Off."""
    assert drive(world([Job("a", 1), Job("b", 3)], points=points()), "a", "b").cost.compact == 0


def test_the_planner_keeps_the_two_ends_apart() -> None:
    """One van for all is cheapest on the road; at 10.00 a kilometre the two ends are two routes."""
    fleet = [van("v1"), van("v2")]
    assert len(best(world(JOBS, fleet)).routes) == 1
    solution = best(world(JOBS, fleet, points=points(), weights=Weights(compact_per_km=1000)))
    assert sorted(sorted(route.jobs) for route in solution.routes) == [["j1", "j2"], ["j8", "j9"]]
    assert solution.cost.compact == 4 * 500
