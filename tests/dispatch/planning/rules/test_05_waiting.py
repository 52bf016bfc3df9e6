"""Rule 5: the longest wait at a stop, or the wait at the stop before."""

from __future__ import annotations

from dataclasses import replace

from dispatch.planning.model import Job

from .day import S, best, drive, holds_as_dialled, only, window, world

PATIENT = Job("a", 1, windows=(window(600, 900),), max_wait_s=120)


def test_a_wait_that_is_too_long() -> None:
    """There after 60 s, open after 600: 540 s, 420 more than the two minutes; at 0.10 a minute 0.70."""
    breach = ("waits_too_long", "van", "a", 420)
    holds_as_dialled(world([PATIENT]), {"van": ["a"]}, breach, price=10, cents=70, leaves=S)


def test_leaving_later_needs_no_wait() -> None:
    """Left to itself the van leaves when it need not wait."""
    assert drive(world([PATIENT]), "a").violations == ()


def test_a_wait_that_is_just_long_enough() -> None:
    """120 s are allowed, 121 are not."""
    assert drive(world([PATIENT]), "a", leaves=S + 420).violations == ()
    assert [v.amount for v in drive(world([PATIENT]), "a", leaves=S + 419).violations] == [1]


def test_waiting_at_the_stop_before() -> None:
    """b opens an hour after a closes: the wait is long, but not at b's door, so nothing is broken."""
    first = Job("a", 1, windows=(window(60, 60),))
    second = Job("b", 2, windows=(window(3600, 4000),), max_wait_s=600)
    problem = world([first, second])
    assert [(v.job, v.amount) for v in drive(problem, "a", "b").violations] == [("b", 2880)]
    assert drive(replace(problem, wait_before=True), "a", "b").violations == ()


def test_the_planner_keeps_it() -> None:
    """The two cannot be on one route without a wait of 2,880 s too many: the cheaper one is left out."""
    first = Job("a", 1, windows=(window(60, 60),), leave_price=9000)
    second = Job("b", 2, windows=(window(3600, 4000),), max_wait_s=600, leave_price=8000)
    solution = best(world([first, second]))
    assert solution.plan == {"van": ("a",)}
    assert only(solution).waiting_s == 0
