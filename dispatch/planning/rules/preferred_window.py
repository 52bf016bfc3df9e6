"""A preferred window inside those that are allowed, at a price per minute."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="preferred_window",
    number=3,
    kind="weight",
    meaning="Every minute that service starts outside the preferred window costs its price, on either side.",
    fields=("Job.preferred", "Job.preferred_price_per_min"),
    costs=("preferred",),
    pyvrp="not stated; its routes are repaired under the walker",
)
