"""Rule 31: the longest duration, driving time and distance."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.planning.model import Depot, Job

from .day import best, drive, holds_as_dialled, van, world

FAR = Job("a", 9, service_s=100)
CASES: list[tuple[str, dict[str, Any], int, int]] = [
    ("too_long", {"max_duration_s": 600}, 580, 58),
    ("drives_too_long", {"max_driving_s": 600}, 480, 48),
    ("too_far", {"max_distance_m": 10_500}, 7500, 45),
]


@pytest.mark.parametrize(("code", "limit", "amount", "cents"), CASES)
def test_each_by_its_dial(code: str, limit: dict[str, Any], amount: int, cents: int) -> None:
    """1,180 s in all, 1,080 at the wheel, 18 km: at 0.06 a minute or a kilometre."""
    breach = (code, "van", "", amount)
    holds_as_dialled(world([FAR], [van(**limit)]), {"van": ["a"]}, breach, price=6, cents=cents)


def test_the_duration_begins_with_loading() -> None:
    """300 s to load and 1,180 on the road: 1,480."""
    loaded = van(depot="hub", max_duration_s=1480)
    problem = world([FAR], [loaded], depots=(Depot("hub", 0, load_s=300),))
    assert drive(problem, "a").violations == ()
    tighter = world([FAR], [van(depot="hub", max_duration_s=1479)], depots=problem.depots)
    assert [v.amount for v in drive(tighter, "a").violations] == [1]


@pytest.mark.parametrize(
    "limit", [{"max_duration_s": 800}, {"max_driving_s": 720}, {"max_distance_m": 12_000}]
)
def test_the_planner_keeps_it(limit: dict[str, Any]) -> None:
    """Two jobs 9 and 3 away, each way too far for both ends: only the near one is served by this van."""
    solution = best(world([Job("near", 3), FAR], [van(**limit)]))
    assert solution.plan == {"van": ("near",)}
