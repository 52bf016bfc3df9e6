"""Rule 43: balance of hours or stops among the drivers."""

from __future__ import annotations

from dispatch.planning.model import Job, Weights

from .day import best, judged, van, world

FLEET = [van("v1", fixed_cost=0), van("v2", fixed_cost=0), van("v3", fixed_cost=0)]
JOBS = [Job(n, 1, service_s=600) for n in "abcd"]
UNEQUAL = {"v1": ("a", "b", "c"), "v2": ("d",)}


def test_hours_between_the_longest_and_the_shortest() -> None:
    """1,920 against 720 s: 1,200 s at 36.00 an hour are 12.00. The one at home does not count."""
    problem = world(JOBS, FLEET, weights=Weights(balance_per_hour=3600))
    assert judged(problem, UNEQUAL).cost.balance == 1200


def test_stops_between_the_most_and_the_fewest() -> None:
    """3 against 1: two at 0.70; both weights add up."""
    assert judged(world(JOBS, FLEET, weights=Weights(balance_per_stop=70)), UNEQUAL).cost.balance == 140
    both = Weights(balance_per_hour=3600, balance_per_stop=70)
    assert judged(world(JOBS, FLEET, weights=both), UNEQUAL).cost.balance == 1340


def test_one_route_is_in_balance() -> None:
    """And so is none."""
    problem = world(JOBS, FLEET, weights=Weights(balance_per_stop=70))
    assert judged(problem, {"v1": ("a", "b")}).cost.balance == 0
    assert judged(problem, {}).cost.balance == 0


def test_the_planner_deals_fairly() -> None:
    """Four jobs, at most three each: 2 and 2 under a weight of 5.00 a stop."""
    fleet = [van("v1", max_stops=3), van("v2", max_stops=3)]
    solution = best(world(JOBS, fleet, weights=Weights(balance_per_stop=500)))
    assert [len(route.jobs) for route in solution.routes] == [2, 2]
