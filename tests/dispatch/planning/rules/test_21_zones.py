"""Rule 21: zones that a vehicle may serve, and those it must not."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.planning.model import Job

from .day import best, drive, holds_as_dialled, van, world

NORTH = Job("a", 1, zones=frozenset({"north", "old town"}))


@pytest.mark.parametrize(
    "terms",
    [
        {"zones": frozenset({"south"})},
        {"zones": frozenset()},
        {"forbidden_zones": frozenset({"old town"})},
        {"zones": frozenset({"north"}), "forbidden_zones": frozenset({"old town"})},
    ],
)
def test_outside_is_one_breach_a_stop(terms: dict[str, Any]) -> None:
    """Not in its zones, or in a forbidden one, or both: once, at 1.50."""
    problem = world([NORTH], [van(**terms)])
    holds_as_dialled(problem, {"van": ["a"]}, ("outside_zone", "van", "a", 1), price=150, cents=150)


def test_inside_one_of_them_is_inside() -> None:
    """Any common zone will do, and no zones at all means everywhere."""
    assert drive(world([NORTH], [van(zones=frozenset({"north", "south"}))]), "a").violations == ()
    assert drive(world([NORTH]), "a").violations == ()


def test_the_planner_sends_who_may_go_there() -> None:
    """Each van has its side of the town."""
    fleet = [van(n, zones=frozenset({n})) for n in ("north", "south")]
    jobs = [Job("n", 2, zones=frozenset({"north"})), Job("s", 1, zones=frozenset({"south"}))]
    assert best(world(jobs, fleet)).plan == {"north": ("n",), "south": ("s",)}
