"""Service time by vehicle type and by the driver's pace; travel by a factor."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="service",
    number=8,
    kind="fact",
    meaning=(
        "Service is as long as the job says for this type of vehicle; service and setup are scaled by the vehicle's "
        "pace, travel by its factor, each rounded half up."
    ),
    see=("late", "shift_end", "too_long"),
    fields=(
        "Job.service_by_type",
        "Job.service_s",
        "Vehicle.type",
        "Vehicle.service_percent",
        "Vehicle.travel_percent",
    ),
    pyvrp="one profile per pace; service on the client, its scaled difference on the arcs out",
    ortools="on the arcs of the vehicle",
)


def scaled(seconds: int, percent: int) -> int:
    """Seconds at a pace in percent, rounded half up."""
    return seconds if percent == 100 else (seconds * percent + 50) // 100
