"""Most stops, longest distance and longest duration of one route."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule
from .words import span

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="limits",
    meaning="A route has at most so many jobs, metres and seconds (from departure to end).",
    codes=("too_many_stops", "too_far", "too_long"),
    pyvrp="one more load dimension of 1 per job; max_distance; shift_duration",
    ortools="a counting dimension; a distance dimension; the span of the time dimension",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``too_many_stops`` (jobs), ``too_far`` (metres), ``too_long`` (seconds): what is over the limit."""
    vehicle = walk.vehicle
    if walk.running:
        return
    if vehicle.max_stops is not None and len(walk.jobs) > vehicle.max_stops:
        words = f"Has {len(walk.jobs)} stops, at most {vehicle.max_stops} are allowed."
        over = len(walk.jobs) - vehicle.max_stops
        yield Violation(code="too_many_stops", route=vehicle.id, job="", amount=over, words=words)
    if vehicle.max_distance_m is not None and (metres := sum(walk.legs.metres)) > vehicle.max_distance_m:
        words = f"Drives {metres / 1000:.1f} km, at most {vehicle.max_distance_m / 1000:.1f} km are allowed."
        over = metres - vehicle.max_distance_m
        yield Violation(code="too_far", route=vehicle.id, job="", amount=over, words=words)
    if vehicle.max_duration_s is not None and walk.end - walk.departure > vehicle.max_duration_s:
        lasts = walk.end - walk.departure
        words = f"Lasts {span(lasts)}, at most {span(vehicle.max_duration_s)} are allowed."
        over = lasts - vehicle.max_duration_s
        yield Violation(code="too_long", route=vehicle.id, job="", amount=over, words=words)
