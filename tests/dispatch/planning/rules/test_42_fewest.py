"""Rule 42: fewest vehicles; earliest finish."""

from __future__ import annotations

from dispatch.planning.model import Job, Weights

from .day import S, best, drive, judged, van, window, world

FLEET = [van("v1", fixed_cost=0), van("v2", fixed_cost=0)]
ENDS = [Job("a", 1, service_s=600), Job("b", 1, service_s=600)]


def test_each_vehicle_used_costs_its_weight() -> None:
    """5.00 on top of the 10.00 it costs anyway; twice for two."""
    problem = world([Job("a", 1), Job("b", 2)], [van(), van("v2")], weights=Weights(vehicle=500))
    assert drive(problem, "a", "b").cost.fixed == 1500
    assert judged(problem, {"van": ("a",), "v2": ("b",)}).cost.fixed == 3000


def test_the_finish_is_the_last_end_from_the_first_shift_on() -> None:
    """Home after 120 s, the other, whose shift starts an hour later, after 3,720: at a cent a second. Even a shift
    that stays at home is a start.
    """
    fleet = [van(), van("v2", shift=window(3600, 36_000))]
    problem = world([Job("a", 1), Job("b", 1)], fleet, weights=Weights(finish_per_hour=3600))
    assert judged(problem, {"van": ("a",), "v2": ("b",)}).cost.finish == 3720
    assert judged(problem, {"v2": ("a", "b")}).cost.finish == 3720
    assert judged(problem, {"van": ("a", "b")}, S).cost.finish == 120
    assert judged(problem, {}).cost.finish == 0


def test_the_planner_sends_fewer_or_is_done_sooner() -> None:
    """Two for one address: with a weight on vehicles one goes, with one on the finish both."""
    fewest = best(world(ENDS, FLEET, weights=Weights(vehicle=10_000)))
    assert len(fewest.routes) == 1
    soonest = best(world(ENDS, FLEET, weights=Weights(finish_per_hour=36_000)))
    assert len(soonest.routes) == 2
