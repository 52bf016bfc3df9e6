"""Rule 35: open start, open end, home start, another end place, several stations."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.planning.model import Depot, Job

from .day import best, drive, holds_as_dialled, only, van, world


@pytest.mark.parametrize(
    ("terms", "metres", "seconds"),
    [
        ({}, 10_000, 600),
        ({"start": None}, 5000 + 3000, 480),
        ({"end": None}, 5000, 300),
        ({"start": None, "end": None}, 3000, 180),
        ({"start": 9, "end": 5}, 7000 + 3000, 600),
    ],
)
def test_where_a_route_begins_and_ends(terms: dict[str, Any], metres: int, seconds: int) -> None:
    """Stops at 2 and 5. From and to 0 it is 10 km; without the way there 8, without the way back 5, without both 3;
    from home at 9 to the depot at 5 7 and 3.
    """
    route = only(drive(world([Job("a", 2), Job("b", 5)], [van(**terms)]), "a", "b"))
    assert (route.distance_m, route.duration_s) == (metres, seconds)


def test_goods_of_another_station() -> None:
    """They lie in the south, the van loads in the north: at 5.00."""
    depots = (Depot("north", 0), Depot("south", 9))
    problem = world([Job("a", 1, depot="south")], [van(depot="north")], depots=depots)
    holds_as_dialled(problem, {"van": ["a"]}, ("wrong_depot", "van", "a", 1), price=500, cents=500)
    reloads = van(depot="north", reloads=("south",), max_trips=2)
    assert drive(world(problem.jobs, [reloads], depots=depots), "a").violations == ()


def test_the_planner_sends_the_van_of_the_station() -> None:
    """Each parcel on the van that loads where it lies, though both doors are at one end."""
    depots = (Depot("north", 0), Depot("south", 9))
    fleet = [van("n", depot="north"), van("s", depot="south", start=9, end=9)]
    jobs = [Job("a", 1, depot="north"), Job("b", 1, depot="south")]
    assert best(world(jobs, fleet, depots=depots)).plan == {"n": ("a",), "s": ("b",)}


def test_the_planner_ends_where_it_is_cheapest_on_an_open_route() -> None:
    """Open at the end: outward only, the farthest last."""
    jobs = [Job("c", 9), Job("a", 2), Job("b", 5)]
    assert best(world(jobs, [van(end=None)])).plan == {"van": ("a", "b", "c")}
