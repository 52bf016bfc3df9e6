"""Rule 6: release time; its trip cannot leave the station before."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job

from .day import S, best, drive, holds_as_dialled, only, step, van, world


def test_leaving_before_it_is_there() -> None:
    """Leaves at once, the goods come after 601 s; at 0.06 a minute 60.1, so 0.61."""
    problem = world([Job("a", 1, release_s=S + 601)])
    breach = ("not_released", "van", "a", 601)
    holds_as_dialled(problem, {"van": ["a"]}, breach, price=6, cents=61, leaves=S)


def test_the_route_waits_for_the_last_of_its_goods() -> None:
    """Left to itself it leaves at the later of both releases, even for a stop that needs neither."""
    jobs = [Job("a", 1), Job("b", 2, release_s=S + 600), Job("c", 3, release_s=S + 900)]
    assert only(drive(world(jobs), "a", "b", "c")).departure == S + 900


def test_only_the_trip_that_carries_it_waits() -> None:
    """b comes after an hour: the first trip leaves at once, loading (120 s) for the second ends then."""
    hub = Depot("hub", 0, load_s=120)
    carrier = van(reloads=("hub",), max_trips=2)
    problem = world([Job("a", 1), Job("b", 2, release_s=S + 3600)], [carrier], depots=(hub,))
    solution = drive(problem, "a", "hub", "b", leaves=S)
    again = step(solution, "hub")
    assert solution.violations == ()
    assert (again.arrival, again.start, again.departure) == (S + 120, S + 3480, S + 3600)


def test_the_planner_keeps_it() -> None:
    """One van, one late parcel: it leaves when that is there."""
    assert only(best(world([Job("a", 1), Job("b", 2, release_s=S + 600)]))).departure >= S + 600
