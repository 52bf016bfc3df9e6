"""Most stops, longest distance and longest duration of one route."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="limits",
    meaning="A route has at most so many jobs, metres and seconds (from departure to end).",
    codes=("too_many_stops", "too_far", "too_long"),
    pyvrp="one more load dimension of 1 per job; max_distance; shift_duration",
    ortools="a counting dimension; a distance dimension; the span of the time dimension",
)
