"""A pause after so many hours of driving, or of work."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="driving_rules",
    number=34,
    kind="dial",
    meaning=(
        "No stretch of driving (or work) between two pauses is longer than it may be; breaks that are long "
        "enough count."
    ),
    codes=("pause_overdue",),
    fields=("Vehicle.driving_rules", "DrivingRule.max_s", "DrivingRule.pause_s", "DrivingRule.work"),
    pyvrp="room is left in the shift, and its routes are repaired under the walker",
)
