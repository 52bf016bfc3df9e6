"""Shift: the whole route lies inside it, and leaves by the latest start."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="shift",
    meaning="Leaves not before the shift begins nor after the latest start, and is done when the shift ends.",
    codes=("shift_end", "shift_start", "late_start"),
    pyvrp="time window and start_late of the vehicle type",
    ortools="ranges of the time variable at the vehicle's start and end",
)
