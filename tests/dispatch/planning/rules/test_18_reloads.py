"""Rule 18: back to the station to reload."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job

from .day import S, always_hard, best, drive, holds_as_dialled, keys, only, step, van, world

HUB = (Depot("hub", 0, load_s=300),)
JOBS = [Job("a", 1, delivery=(50,)), Job("b", 2, delivery=(50,))]


def test_two_trips() -> None:
    """60 out, 60 back, 300 to load, 120 out, 120 back: 660 s and 6 km; the load is each trip's own."""
    problem = world(JOBS, [van(capacity=(50,), reloads=("hub",), max_trips=2)], depots=HUB)
    solution = drive(problem, "a", "hub", "b")
    route = only(solution)
    assert (solution.violations, route.duration_s, route.distance_m) == ((), 660, 6000)
    assert [s.load for s in route.steps] == [(50,), (0,), (50,), (0,), (0,)]
    assert (step(solution, "hub").start, step(solution, "hub").departure) == (S + 120, S + 420)


def test_more_trips_than_allowed() -> None:
    """One reload more than none: at 9.00."""
    problem = world(JOBS, [van(reloads=("hub",), max_trips=1)], depots=HUB)
    breach = ("too_many_trips", "van", "", 1)
    holds_as_dialled(problem, {"van": ["a", "hub", "b"]}, breach, price=900, cents=900)


def test_a_station_that_is_not_its_own() -> None:
    """Always hard, told of the station."""
    hubs = (*HUB, Depot("other", 5))
    problem = world(JOBS, [van(reloads=("hub",), max_trips=2)], depots=hubs)
    assert keys(drive(problem, "a", "other", "b").violations) == [("reload_not_allowed", "van", "other", 1)]
    always_hard(problem, "reload_not_allowed")


def test_the_planner_reloads_where_all_do_not_fit() -> None:
    """100 for a van of 50: two trips with one van, nothing left."""
    solution = best(world(JOBS, [van(capacity=(50,), reloads=("hub",), max_trips=2)], depots=HUB))
    assert solution.unassigned == ()
    assert "hub" in only(solution).items
