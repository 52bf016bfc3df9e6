"""Rule 33: breaks inside their windows: required or optional, anywhere or at a place."""

from __future__ import annotations

from dataclasses import replace

from dispatch.planning.model import Break, Job

from .day import S, best, drive, holds_as_dialled, judged, only, step, van, window, world

LUNCH = Break("lunch", 1800, (window(120, 600),))
TIGHT = Job("a", 1, windows=(window(60, 60),), service_s=3600)


def test_no_room_for_it() -> None:
    """The service must start after 60 s and takes an hour, the break may begin from 120 to 600: waiting for it
    would be 1,860 s late, so 1,800 are missed; 30 minutes at 0.06.
    """
    problem = world([TIGHT], [van(breaks=(LUNCH,))])
    breach = ("break_missed", "van", "lunch", 1800)
    holds_as_dialled(problem, {"van": ["a"]}, breach, price=6, cents=180, leaves=S)


def test_taken_on_the_road() -> None:
    """The leg to 9 takes 540 s; the break begins after 120: there after 2,340."""
    solution = drive(world([Job("a", 9)], [van(breaks=(LUNCH,))]), "a", leaves=S)
    assert (step(solution, "lunch").start, step(solution, "a").arrival) == (S + 120, S + 2340)
    assert (only(solution).break_s, step(solution, "a").travel_s) == (1800, 540)


def test_home_by_then_none_is_owed() -> None:
    """Back after 120 s, the last moment is after 600."""
    solution = drive(world([Job("a", 1)], [van(breaks=(LUNCH,))]), "a", leaves=S)
    assert (solution.violations, only(solution).break_s) == ((), 0)


def test_an_optional_one_may_be_skipped_at_its_price() -> None:
    """The same day as above, and 2.50 instead of a violation."""
    problem = world([TIGHT], [van(breaks=(replace(LUNCH, skip_price=250),))])
    solution = drive(problem, "a", leaves=S)
    assert (solution.violations, solution.cost.skipped) == ((), 250)


def test_at_a_place_of_its_own() -> None:
    """The canteen at 2 lies on the way from 1 to 3: there after 120 s, 600 s of rest, at 3 after 780, no detour."""
    rest = Break("rest", 600, (window(0, 300),), place=2)
    solution = drive(world([Job("a", 1), Job("b", 3)], [van(breaks=(rest,))]), "a", "b", leaves=S)
    assert (step(solution, "rest").start, step(solution, "b").arrival) == (S + 120, S + 780)
    assert (step(solution, "rest").place, only(solution).distance_m) == (2, 6000)


def test_any_of_several_windows() -> None:
    """The first window lies in the service, the second begins when that is over, and ends before the van is home."""
    problem = world([TIGHT], [van(breaks=(replace(LUNCH, windows=(window(120, 600), window(3660, 3700))),))])
    solution = judged(problem, {"van": ("a",)}, S)
    assert (solution.violations, step(solution, "lunch").start) == ((), S + 3660)


def test_the_planner_takes_it() -> None:
    """Long enough on the road: the break is in the plan."""
    jobs = [Job("j1", 1, service_s=300, windows=(window(0, 300),))]
    jobs += [Job(f"j{k}", k, service_s=300) for k in range(2, 6)]
    assert only(best(world(jobs, [van(breaks=(LUNCH,))]))).break_s == 1800
