"""Rule 2: several disjoint windows, any one of them."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import S, best, drive, holds_as_dialled, only, step, window, world

TWICE = (window(0, 60), window(600, 900))


def test_between_two_windows_it_waits_for_the_second() -> None:
    """There after 120 s, the first closed at 60, the second opens at 600: 480 s are waited."""
    there = step(drive(world([Job("a", 2, windows=TWICE)]), "a", leaves=S), "a")
    assert (there.waiting_s, there.start) == (480, S + 600)


def test_it_leaves_for_the_second_rather_than_waiting() -> None:
    """Left to itself the van leaves 120 s before the second opens."""
    route = only(drive(world([Job("a", 2, windows=TWICE)]), "a"))
    assert (route.departure, route.waiting_s) == (S + 480, 0)


def test_after_the_last_it_is_late_as_dialled() -> None:
    """Place 9 after 540 s, the last window closed at 180: 360 s, six minutes at 1.00."""
    problem = world([Job("a", 9, windows=(window(0, 60), window(120, 180)))])
    holds_as_dialled(problem, {"van": ["a"]}, ("late", "van", "a", 360), price=100, cents=600)


def test_the_planner_uses_the_window_that_saves_a_trip() -> None:
    """a may be done at once or later, b only later: both on the later trip, 2 km out and back."""
    a = Job("a", 1, windows=(window(0, 120), window(3600, 4200)))
    route = only(best(world([a, Job("b", 2, windows=(window(3660, 4200),))])))
    assert (route.distance_m, route.waiting_s) == (4000, 0)
    assert step(route, "a").start >= S + 3600
