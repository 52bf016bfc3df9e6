"""Late, or early, at a price per minute that the job itself names."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="window_prices",
    number=4,
    kind="weight",
    meaning=(
        "A start after the last window costs a price per minute, whatever the dial of ``late``; service may "
        "begin before the first window for a price per minute, where that is not dearer than the vehicle's "
        "hour of waiting."
    ),
    see=("late",),
    fields=("Job.late_price_per_min", "Job.early_price_per_min", "Vehicle.cost_per_hour"),
    costs=("lateness", "earliness"),
    pyvrp="not stated, or more tightly; its routes are repaired under the walker",
    ortools="priced lateness as a soft upper bound; earliness not stated",
)
