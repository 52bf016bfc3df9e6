"""Rule 29: the shift and its latest start; drivers of different hours."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job, Window

from .day import S, best, drive, holds_as_dialled, van, window, world

SHORT = van(shift=window(0, 600))


def test_the_end_of_the_shift() -> None:
    """540 s out and 540 back on a shift of 600: 480 s over, at 0.06 a minute 0.48."""
    problem = world([Job("a", 9)], [SHORT])
    holds_as_dialled(problem, {"van": ["a"]}, ("shift_end", "van", "", 480), price=6, cents=48)


def test_the_start_of_the_shift_is_that_of_loading() -> None:
    """Leaves with the shift, having loaded 120 s before: two minutes at 0.06."""
    problem = world([Job("a", 1)], [van(depot="hub")], depots=(Depot("hub", 0, load_s=120),))
    breach = ("shift_start", "van", "", 120)
    holds_as_dialled(problem, {"van": ["a"]}, breach, price=6, cents=12, leaves=S)


def test_the_latest_start() -> None:
    """Leaves 121 s after it: 12.1, so 0.13."""
    problem = world([Job("a", 1)], [van(latest_start=S + 60)])
    breach = ("late_start", "van", "", 121)
    holds_as_dialled(problem, {"van": ["a"]}, breach, price=6, cents=13, leaves=S + 181)


def test_over_midnight() -> None:
    """A shift from 22:00 to 06:00 simply runs on past 86,400."""
    night = van(shift=Window(79_200, 108_000))
    job = Job("a", 1, windows=(Window(90_000, 91_000),))
    assert drive(world([job], [night]), "a").violations == ()


def test_the_planner_sends_who_is_on_duty() -> None:
    """One works in the morning, one in the afternoon: each takes the job of its hours."""
    fleet = [van("early", shift=window(0, 7200)), van("late", shift=window(14_400, 21_600))]
    jobs = [Job("m", 1, windows=(window(0, 3600),)), Job("a", 1, windows=(window(15_000, 18_000),))]
    assert best(world(jobs, fleet)).plan == {"early": ("m",), "late": ("a",)}
