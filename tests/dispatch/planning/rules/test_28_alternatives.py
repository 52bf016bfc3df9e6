"""Rule 28: one of several places: door, locker, pickup point."""

from __future__ import annotations

from dispatch.planning.model import Group, Job, Problem

from .day import always_hard, best, drive, judged, keys, window, world


def either(locker_price: int = 200, leave: int | None = 700, place: int = 5) -> Problem:
    jobs = [Job("door", place), Job("locker", 1, windows=(window(0, 36_000),))]
    return world(jobs, groups=(Group("g", ("door", "locker"), (0, locker_price), leave),))


def test_each_has_its_price_and_the_other_is_not_missed() -> None:
    """The locker costs 2.00, the door nothing; neither leaves the other behind."""
    for name, cents in (("door", 0), ("locker", 200)):
        solution = drive(either(), name)
        assert (solution.cost.chosen, solution.cost.unassigned, solution.unassigned) == (cents, 0, ())


def test_leaving_all_costs_once() -> None:
    """7.00 for the group; without a price of its own the dearest of its jobs."""
    assert judged(either(), {}).cost.unassigned == 700
    jobs = (Job("door", 5, leave_price=300), Job("locker", 1, leave_price=400))
    dearest = world(jobs, groups=(Group("g", ("door", "locker")),))
    assert (judged(dearest, {}).cost.unassigned, len(judged(dearest, {}).unassigned)) == (400, 1)


def test_two_of_them_are_one_too_many() -> None:
    """Always hard, told of the second."""
    assert keys(drive(either(), "locker", "door").violations) == [("two_alternatives", "", "locker", 1)]
    always_hard(either(), "two_alternatives")


def test_the_planner_takes_the_cheaper_place() -> None:
    """The door is 4 km further, out and back 4.00 + 4.80 more: worth a locker of 8.79 and not one of 8.81."""
    assert best(either(879, leave=None)).plan == {"van": ("locker",)}
    assert best(either(881, leave=None)).plan == {"van": ("door",)}
