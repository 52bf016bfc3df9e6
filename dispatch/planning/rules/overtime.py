"""Overtime up to a cap, at a price per hour."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="overtime",
    number=30,
    kind="weight",
    meaning="Time after the shift's end costs more by the hour; past the cap it breaks ``shift_end``.",
    see=("shift_end",),
    fields=("Vehicle.max_overtime_s", "Vehicle.overtime_per_hour"),
    costs=("overtime",),
    pyvrp="max_overtime and unit_overtime_cost where they mean the same, otherwise repaired",
)
