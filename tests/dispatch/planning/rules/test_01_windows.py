"""Rule 1: one window on the start of service."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import S, best, drive, holds_as_dialled, step, window, world


def test_late_by_a_minute_and_a_second() -> None:
    """Place 2 is reached after 120 s, the window ends at 59: 61 s late; at 1.50 a minute 152.5, so 1.53."""
    problem = world([Job("a", 2, windows=(window(0, 59),))])
    holds_as_dialled(problem, {"van": ["a"]}, ("late", "van", "a", 61), price=150, cents=153)


def test_both_ends_belong_to_it() -> None:
    """Arriving at its last second is in time, and so is its first."""
    for opens, closes in ((0, 120), (120, 600)):
        solution = drive(world([Job("a", 2, windows=(window(opens, closes),))]), "a", leaves=S)
        assert (solution.violations, step(solution, "a").start) == ((), S + 120)


def test_early_waits() -> None:
    """60 s on the road, the window opens after 600: 540 s are waited, and the slack is the rest of it."""
    solution = drive(world([Job("a", 1, windows=(window(600, 900),))]), "a", leaves=S)
    there = step(solution, "a")
    assert (there.arrival, there.waiting_s, there.start, there.slack_s) == (S + 60, 540, S + 600, 300)


def test_the_planner_keeps_it() -> None:
    """The near job may wait, the far one closes early: out to 3 first, though 1 lies on the way."""
    far, near = Job("far", 3, windows=(window(0, 180),), service_s=60), Job("near", 1, service_s=60)
    assert best(world([near, far])).plan == {"van": ("far", "near")}
