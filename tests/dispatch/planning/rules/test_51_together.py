"""Rule 51: two people at one stop at the same time."""

from __future__ import annotations

from dispatch.planning.model import Job, Problem, Relation

from .day import S, best, holds_as_dialled, judged, step, van, world


def pair(tolerance: int = 0) -> Problem:
    """A heavy thing for two: one order for each of them at 5; one van starts there, the other 5 places away."""
    fleet = [van("v1"), van("v2", start=4)]
    return world(
        [Job("one", 5), Job("two", 5)], fleet, relations=(Relation("together", ("one", "two"), tolerance),)
    )


def test_who_is_early_waits() -> None:
    """There after 300 s and after 60: both start at 300. With two minutes of tolerance the near one may start
    at 180.
    """
    for tolerance, near in ((0, 300), (120, 180)):
        solution = judged(pair(tolerance), {"v1": ("one",), "v2": ("two",)}, S)
        assert solution.violations == ()
        assert (step(solution, "one").start, step(solution, "two").start) == (S + 300, S + near)


def test_alone_at_the_door() -> None:
    """The partner is left out: counts as a minute, told of who is there; at 1.20 a minute."""
    breach = ("not_together", "", "one", 60)
    holds_as_dialled(pair(), {"v1": ["one"]}, breach, price=120, cents=120)


def test_one_person_is_not_two() -> None:
    """Both on one route."""
    found = judged(pair(), {"v1": ("one", "two")}).violations
    assert [(v.code, v.job, v.amount) for v in found] == [("not_apart", "two", 1)]


def test_neither_is_no_breach() -> None:
    """Both left out."""
    assert judged(pair(), {}).violations == ()


def test_the_planner_brings_both_there() -> None:
    """Two vans, at the same second."""
    solution = best(pair())
    assert solution.unassigned == ()
    assert step(solution, "one").start == step(solution, "two").start
