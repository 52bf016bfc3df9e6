"""Rule 39: cost per vehicle, km, driving hour, paid hour, stop and failed attempt."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job
from dispatch.planning.solution import Cost

from .day import best, drive, judged, van, world

TERMS = {"cost_per_driving_hour": 1800, "cost_per_stop": 25, "cost_per_failed": 500}


def test_every_component() -> None:
    """10 km at 0.50, 700 s paid at a cent (100 of them loading), 600 s at the wheel at 18.00 an hour, two stops,
    and 20 % of a failure at 5.00.
    """
    problem = world(
        [Job("a", 2), Job("b", 5, failure_percent=20)],
        [van(depot="hub", **TERMS)],
        depots=(Depot("hub", 0, load_s=100),),
    )
    expected = Cost(fixed=1000, distance=500, time=700, driving=300, stops=50, failed=100)
    assert drive(problem, "a", "b").cost == expected


def test_each_is_rounded_half_up_on_the_route() -> None:
    """120 s at 15.15 an hour are 50.5 cents: 51, once for the route."""
    problem = world([Job("a", 1)], [van(fixed_cost=0, cost_per_km=0, cost_per_hour=1515)])
    assert drive(problem, "a").cost == Cost(time=51)


def test_an_empty_route_costs_nothing() -> None:
    """Neither a van that is not in the plan nor one without jobs."""
    problem = world([Job("a", 1, leave_price=0)], [van(**TERMS), van("v2")])
    assert judged(problem, {"van": (), "v2": ()}).cost == Cost()


def test_the_planner_weighs_them() -> None:
    """A dear van nearby against a cheap one that costs by the stop: two stops at 6.00 make the dear one better."""
    jobs = [Job("a", 1), Job("b", 1)]
    cheap, dear = van("cheap", fixed_cost=0, cost_per_stop=600), van("dear")
    assert best(world(jobs, [cheap, dear])).plan.keys() == {"dear"}
    assert best(world(jobs[:1], [cheap, dear])).plan.keys() == {"cheap"}
