"""Compact routes that do not overlap."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="compact",
    number=22,
    kind="weight",
    meaning="Every kilometre as the crow flies between a stop and the middle of its route costs its price.",
    fields=("Weights.compact_per_km", "Problem.points"),
    costs=("compact",),
    pyvrp="not stated",
)
