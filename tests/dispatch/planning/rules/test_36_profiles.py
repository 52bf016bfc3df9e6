"""Rule 36: travel by profile."""

from __future__ import annotations

import numpy as np

from dispatch.planning.model import UNREACHABLE, Job, Matrix, Problem

from .day import always_hard, best, drive, judged, keys, line_matrix, only, van, world


def by_bike(**fields: object) -> Problem:
    """The bike takes three minutes for a place, and knows a short cut of 400 m."""
    road = line_matrix(10)
    bike = Matrix(road.durations * 3, road.distances * 2 // 5)
    fleet = [van(), van("bike", profile="bike", fixed_cost=0, **fields)]
    return world([Job("a", 2)], fleet, matrices={"van": road, "bike": bike})


def test_each_profile_has_its_own_way() -> None:
    """Out to 2 and back: 240 s and 4 km by van, 720 s and 1.6 km by bike."""
    problem = by_bike()
    for name, seconds, metres in (("van", 240, 4000), ("bike", 720, 1600)):
        route = only(judged(problem, {name: ("a",)}))
        assert (route.duration_s, route.distance_m) == (seconds, metres)


def test_no_way_there() -> None:
    """The truck cannot cross the bridge to 1: one breach, and the leg counts for nothing."""
    road = line_matrix(10)
    durations = road.durations.copy()
    durations[0, 1] = UNREACHABLE
    problem = world([Job("a", 1)], matrices={"van": Matrix(durations, road.distances)})
    solution = drive(problem, "a")
    assert keys(solution.violations) == [("unreachable", "van", "a", 1)]
    assert (only(solution).driving_s, only(solution).distance_m) == (60, 1000)
    always_hard(problem, "unreachable")


def test_the_planner_sends_the_profile_that_is_cheapest() -> None:
    """Van: 10.00 + 2.00 + 2.40. Bike: 0.80 + 7.20, until its hour costs twice as much and it is 15.20."""
    assert best(by_bike()).plan == {"bike": ("a",)}
    assert best(by_bike(cost_per_hour=7200)).plan == {"van": ("a",)}


def test_the_planner_goes_round_what_does_not_exist() -> None:
    """From 1 to 2 there is no way, from 2 to 1 there is: 2 first."""
    road = line_matrix(10)
    durations = np.array(road.durations)
    durations[1, 2] = UNREACHABLE
    problem = world([Job("a", 1), Job("b", 2)], matrices={"van": Matrix(durations, road.distances)})
    assert best(problem).plan == {"van": ("b", "a")}
