"""Balance of hours or stops among the drivers who are sent."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="balance",
    number=43,
    kind="weight",
    meaning=(
        "The difference between the longest and the shortest route in use costs by the hour, that of most "
        "and fewest jobs by the stop."
    ),
    fields=("Weights.balance_per_hour", "Weights.balance_per_stop"),
    costs=("balance",),
    pyvrp="not stated",
)
