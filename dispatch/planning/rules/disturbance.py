"""The least disturbance against the plan that people know."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="disturbance",
    number=45,
    kind="weight",
    meaning=(
        "Another vehicle than in the current plan costs its weight, otherwise another job before it, and "
        "every minute that the promised start moves."
    ),
    fields=(
        "Job.current",
        "Current.vehicle",
        "Current.after",
        "Current.start",
        "Weights.other_vehicle",
        "Weights.other_place",
        "Weights.moved_per_min",
    ),
    costs=("changed",),
    pyvrp="another vehicle is a price on its arcs; the rest is not stated",
)
