"""Rule 37: travel time by time of day; closed and slow roads right now."""

from __future__ import annotations

from dispatch.planning.model import Job, Matrix, Period

from .day import S, best, drive, holds_as_dialled, line_matrix, only, step, window, world


def rush(begins: int, factor: int = 2) -> dict[str, Matrix]:
    """From so many seconds into the day on everything takes so many times as long."""
    road = line_matrix(10)
    return {"van": Matrix(road.durations, road.distances, (Period(S + begins, road.durations * factor),))}


def test_under_way_when_it_gets_slow() -> None:
    """120 s to place 2; after 60 s half the way is done and the other half takes 120: there after 180, home (240 s)
    after 420.
    """
    solution = drive(world([Job("a", 2)], matrices=rush(60)), "a", leaves=S)
    assert (step(solution, "a").arrival, only(solution).end) == (S + 180, S + 420)


def test_before_and_after_the_turn() -> None:
    """Wholly before: 120 s. Wholly after: 240 s."""
    problem = world([Job("a", 2)], matrices=rush(120))
    assert step(drive(problem, "a", leaves=S), "a").travel_s == 120
    assert step(drive(problem, "a", leaves=S + 120), "a").travel_s == 240


def test_who_leaves_later_never_arrives_earlier() -> None:
    """Even where the roads get three times as fast, second by second."""
    road = line_matrix(10)
    quick = {"van": Matrix(road.durations * 3, road.distances, (Period(S + 100, road.durations),))}
    problem = world([Job("a", 2)], matrices=quick)
    arrivals = [step(drive(problem, "a", leaves=S + k), "a").arrival for k in range(0, 140, 7)]
    assert arrivals == sorted(arrivals)


def test_a_window_is_judged_by_the_hour_it_is_driven_in() -> None:
    """There after 180 s instead of 120: a minute late at 1.00."""
    problem = world([Job("a", 2, windows=(window(0, 120),))], matrices=rush(60))
    holds_as_dialled(problem, {"van": ["a"]}, ("late", "van", "a", 60), price=100, cents=100, leaves=S)


def test_the_planner_goes_where_it_gets_slow_first() -> None:
    """b closes just before the rush makes it out of reach: first b, though a is as near on the way."""
    a, b = Job("a", 1, service_s=300), Job("b", 3, windows=(window(0, 400),))
    assert best(world([a, b], matrices=rush(240, 5))).plan == {"van": ("b", "a")}
