"""The shift and its latest start; drivers of different hours are vehicles of different shifts."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="shift",
    number=29,
    kind="dial",
    meaning=(
        "The route begins to load at the shift's start or later, has left by the latest start and is done "
        "when the shift and its overtime end."
    ),
    codes=("shift_end", "shift_start", "late_start"),
    fields=("Vehicle.shift", "Vehicle.latest_start"),
    pyvrp="time window and start_late of the vehicle type",
    ortools="ranges of the time variable at the vehicle's start and end",
)
