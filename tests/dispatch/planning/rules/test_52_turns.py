"""Rule 52: the right-hand side, no U-turns, tolls and ferries avoided: a matrix of its own for such vehicles."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dispatch.planning.model import UNREACHABLE, Job, Matrix, Problem

from .day import best, judged, keys, line_matrix, only, van, world


def streets() -> Problem:
    """For a truck that must not turn, back from 1 to 0 is a way round of 5 minutes and 5 km; over the ferry to 3 it
    does not go at all.
    """
    road = line_matrix(10)
    seconds, metres = np.array(road.durations), np.array(road.distances)
    seconds[1, 0], metres[1, 0] = 300, 5000
    seconds[:, 3] = UNREACHABLE
    seconds[3, 3] = 0
    matrices = {"van": road, "truck+curb+free": Matrix(seconds, metres)}
    fleet = [van(), van("truck", profile="truck+curb+free", fixed_cost=0)]
    return world([Job("a", 1), Job("b", 3)], fleet, matrices=matrices)


def test_the_way_back_is_another_one() -> None:
    """60 s there and 300 round the block; the van turns at the door."""
    problem = streets()
    assert only(judged(problem, {"truck": ("a",)})).duration_s == 360
    assert only(judged(problem, {"van": ("a",)})).duration_s == 120


def test_a_place_behind_the_ferry() -> None:
    """Only by ferry: no way for the truck."""
    found = judged(streets(), {"truck": ("b",)}).violations
    assert keys(found) == [("unreachable", "truck", "b", 1)]


def test_the_planner_sends_the_right_one() -> None:
    """The truck is cheaper for a, even round the block; b is the van's, and with it the whole tour."""
    problem = streets()
    alone = replace(problem, jobs=problem.jobs[:1])
    assert best(alone).plan == {"truck": ("a",)}
    both = best(problem)
    assert (both.plan, both.unassigned) == ({"van": ("a", "b")}, ()) or both.plan == {"van": ("b", "a")}
