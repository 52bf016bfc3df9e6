"""The longest duration, driving time and distance of a route."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="limits",
    number=31,
    kind="dial",
    meaning=(
        "From the start of loading to the end at most so many seconds, at the wheel at most so many, on the "
        "road at most so many metres. Walking is no driving."
    ),
    codes=("too_long", "drives_too_long", "too_far"),
    fields=("Vehicle.max_duration_s", "Vehicle.max_driving_s", "Vehicle.max_distance_m"),
    pyvrp="shift_duration and max_distance; driving is not stated",
    ortools="a distance dimension; the span of the time dimension",
)
