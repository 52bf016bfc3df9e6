"""Fewest vehicles, earliest finish."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="fewest",
    number=42,
    kind="weight",
    meaning=(
        "Every vehicle used costs its weight, and so does every hour from the earliest shift start to the "
        "last route's end."
    ),
    fields=("Weights.vehicle", "Weights.finish_per_hour"),
    costs=("fixed", "finish"),
    pyvrp="vehicles: fixed cost; finish: not stated",
)
