"""What one run should make most of: a preset, and single weights, in place of what the station's settings say."""

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dispatch.models import Station
from dispatch.planning.evaluate import evaluate
from dispatch.planning.solution import Solution
from dispatch.services.mapping import Frame
from dispatch.services.planning_policy import DEAREST, WEIGHTS
from lastmile.kernel.errors import LastmileError

# preset -> settings that it replaces. Amounts are large against a kilometre and small against an order left behind.
PRESETS: dict[str, dict[str, Any]] = {
    "station": {},
    "cheapest": dict.fromkeys(WEIGHTS, 0),
    "fewest_vans": {"weight_vehicle_cents": 20_000},
    "even": {"weight_hours_cents": 4_000, "weight_stops_cents": 100},
    "early": {"weight_finish_cents": 6_000},
    "compact": {"weight_compact_cents": 100},
    "steady": {"weight_driver_cents": 500, "weight_place_cents": 100, "weight_moved_cents": 5},
    "punctual": {"dials": {"late": ["hard", 0]}},
}


def checked_goals(preset: str, weights: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan's row keeps. Raises LastmileError bad_choice, bad_number."""
    if preset not in PRESETS:
        raise LastmileError(
            "bad_choice",
            f"{preset!r} is not one of {', '.join(PRESETS)}.",
            "Choose one of these.",
            field="preset",
        )
    for name, cents in weights.items():
        if name not in WEIGHTS or not 0 <= cents <= DEAREST:
            raise LastmileError(
                "bad_number",
                f"{name} must be one of {', '.join(WEIGHTS)}, in cents from 0 to {DEAREST}.",
                "Correct it and send again.",
                field="weights",
            )
    return {"preset": preset, "weights": dict(weights)} if weights or preset != "station" else {}


def with_goals(station: Station, goals: Mapping[str, Any]) -> Station:
    """The station as this run takes it; its row stays as it is."""
    replaced = PRESETS.get(goals.get("preset", "station"), {}) | dict(goals.get("weights", {}))
    if not replaced:
        return station
    meant = copy.copy(station)
    for name, value in replaced.items():
        setattr(meant, name, {**station.dials, **value} if name == "dials" else value)
    return meant


def in_usual_prices(frame: Frame, solution: Solution, station: Station) -> tuple[Frame, Solution]:
    """A run's plan as the station's own settings price it, so that proposals made for different goals compare."""
    usual = replace(frame, station=station)
    usual.__dict__["matrices"] = frame.matrices
    priced = evaluate(usual.problem, solution.plan)
    return usual, replace(priced, unassigned=solution.unassigned, engine=solution.engine)
