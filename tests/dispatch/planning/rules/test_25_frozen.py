"""Rule 25: pinned to a driver, the first stops frozen, a route locked."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import always_hard, best, drive, holds_as_dialled, judged, keys, van, world

JOBS = [Job("a", 1), Job("b", 2), Job("c", 3)]


def test_pinned_to_another() -> None:
    """It is ann's: at 5.00."""
    problem = world([Job("a", 1, pinned_to="ann")], [van(), van("ann")])
    breach = ("pinned_elsewhere", "van", "a", 1)
    holds_as_dialled(problem, {"van": ["a"]}, breach, price=500, cents=500)


def test_the_first_stops_stay_in_their_places() -> None:
    """c, then a are fixed: with a before c both are out of place; with b at the end nothing is."""
    problem = world(JOBS, [van(first=("c", "a"))])
    assert keys(drive(problem, "a", "c", "b").violations) == [("frozen_moved", "van", "", 2)]
    assert keys(drive(problem, "c", "b", "a").violations) == [("frozen_moved", "van", "", 1)]
    assert drive(problem, "c", "a", "b").violations == ()
    assert keys(judged(problem, {}).violations) == [("frozen_moved", "van", "", 2)]
    always_hard(problem, "frozen_moved")


def test_a_locked_route_takes_nothing_more() -> None:
    """One job too many."""
    problem = world(JOBS, [van(first=("c", "a"), locked=True)])
    assert keys(drive(problem, "c", "a", "b").violations) == [("locked_changed", "van", "", 1)]
    assert drive(problem, "c", "a").violations == ()
    always_hard(problem, "locked_changed")


def test_the_planner_keeps_all_three() -> None:
    """c first, though it lies at the end; the locked van takes nothing, the pinned job goes to its driver."""
    fleet = [van(first=("c",)), van("shut", locked=True), van("ann", start=9, end=9)]
    jobs = [Job("a", 1, pinned_to="ann"), Job("b", 2), Job("c", 3)]
    solution = best(world(jobs, fleet))
    assert solution.plan["van"][0] == "c"
    assert "a" in solution.plan["ann"]
    assert "shut" not in solution.plan
