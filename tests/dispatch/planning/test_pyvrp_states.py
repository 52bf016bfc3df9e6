"""``states_all`` decides whether PyVRP's word on a problem is enough: it must doubt everything that is bent."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dispatch.planning.engines.pyvrp_data import states_all
from dispatch.planning.model import (
    OFF,
    Battery,
    Break,
    Carrier,
    Depot,
    DrivingRule,
    Group,
    Incompatible,
    Job,
    Matrix,
    Offer,
    Period,
    RateCard,
    Relation,
    Shipment,
    Weights,
    Window,
    soft,
)

from .pyvrp_world import road
from .worlds import HOUR, line_matrix, van

OPEN = (Window(8 * HOUR, 9 * HOUR), Window(10 * HOUR, 11 * HOUR))
HUB = Depot("hub", 0, windows=OPEN, load_s=300)
PAIR = (Shipment("a", "b", (1,)),)


@pytest.mark.parametrize(
    ("job", "vehicle", "rest"),
    [
        ({}, {}, {}),
        ({"windows": OPEN, "release_s": 60, "offers": (Offer("c", 5),)}, {}, {"carriers": (Carrier("c"),)}),
        ({"skills": frozenset({"x"}), "position": "first"}, {"max_stops": 3, "cost_per_stop": 5}, {}),
        ({}, {"max_trips": 2, "reloads": ("hub",)}, {"depots": (HUB,)}),
        ({}, {"cost_per_driving_hour": 100, "co2_g_per_km": 9}, {"co2_price_per_kg": 5}),
        ({}, {"max_overtime_s": 60}, {}),
        ({}, {"max_overtime_s": 60, "overtime_per_hour": 100, "cost_per_hour": 0}, {}),
        ({}, {}, {"groups": (Group("g", ("a", "b")),), "dials": {"outside_zone": soft(5), "late": OFF}}),
        ({}, {}, {"shipments": PAIR}),
        ({"late_price_per_min": 0}, {}, {}),
        ({"max_wait_s": 60}, {}, {"dials": {"waits_too_long": OFF}}),
    ],
)
def test_what_is_stated_whole(job: dict[str, Any], vehicle: dict[str, Any], rest: dict[str, Any]) -> None:
    """Else every problem would be searched twice for nothing."""
    assert states_all(road([Job("a", 1, **job), Job("b", 2)], [van(**vehicle)], **rest))


@pytest.mark.parametrize(
    ("job", "vehicle", "rest"),
    [
        ({"late_price_per_min": 5}, {}, {}),
        ({"early_price_per_min": 5, "windows": OPEN}, {}, {}),
        ({"preferred": OPEN[0], "preferred_price_per_min": 1}, {}, {}),
        ({"max_wait_s": 60}, {}, {}),
        ({"prompt_price_per_hour": 1}, {}, {}),
        ({"max_aboard_s": 60}, {}, {}),
        ({"parking": "p"}, {}, {}),
        ({"position": "first"}, {"max_trips": 2, "reloads": ("hub",)}, {"depots": (HUB,)}),
        ({"windows": OPEN}, {}, {"shipments": PAIR}),
        ({"release_s": 9}, {}, {"shipments": PAIR}),
        ({"release_s": 9}, {"max_trips": 2, "reloads": ("hub",)}, {"depots": (HUB,)}),
        ({}, {"depot": "hub"}, {"depots": (HUB,)}),
        ({}, {"breaks": (Break("b", 60, OPEN),)}, {}),
        ({}, {"driving_rules": (DrivingRule(60, 60),)}, {}),
        ({}, {"max_driving_s": 60}, {}),
        ({}, {"max_overtime_s": 60, "overtime_per_hour": 100}, {}),
        ({}, {"battery": Battery(9, 9, 1, 1, 1)}, {}),
        ({}, {"min_stops": 2}, {}),
        ({}, {"lifo": True}, {}),
        ({}, {"first": ("a",)}, {}),
        ({}, {"rate": RateCard(minimum=5)}, {}),
        ({}, {"max_distance_m": 9, "cost_per_driving_hour": 1}, {}),
        ({}, {"max_stops": 9}, {"shipments": PAIR}),
        ({}, {}, {"relations": (Relation("same_route", ("a", "b")),)}),
        ({}, {}, {"incompatible": (Incompatible("x", "y"),)}),
        ({}, {}, {"carriers": (Carrier("c", 5),)}),
        ({}, {}, {"weights": Weights(balance_per_stop=1)}),
        ({}, {}, {"dials": {"late": soft(5)}}),
        ({}, {}, {"depots": (Depot("d", 0, load_s=5, docks=1),)}),
    ],
)
def test_what_is_bent_or_left_out(job: dict[str, Any], vehicle: dict[str, Any], rest: dict[str, Any]) -> None:
    """One such thing is enough: the portfolio must then look further than PyVRP."""
    assert not states_all(road([Job("a", 1, **job), Job("b", 2)], [van(**vehicle)], **rest))


def test_travel_by_time_of_day_is_bent() -> None:
    """PyVRP is told one period only."""
    base = line_matrix(5)
    matrix = Matrix(base.durations, base.distances, (Period(0, np.array(base.durations)),))
    assert not states_all(road([Job("a", 1)], [van()], matrices={"van": matrix}))
