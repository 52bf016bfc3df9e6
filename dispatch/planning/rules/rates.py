"""Carrier rate cards: fixed, per order, per kilometre, by zone and weight, with a minimum."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="rates",
    number=40,
    kind="weight",
    meaning=(
        "A carrier's vehicle costs its prices per unit carried and per zone on top of the vehicle's own, "
        "and at least its minimum; own fleet and carriers are planned together."
    ),
    fields=(
        "Vehicle.rate",
        "RateCard.per_load",
        "RateCard.per_zone",
        "RateCard.minimum",
        "Vehicle.cost_per_stop",
    ),
    costs=("rate",),
    pyvrp="prices on the arcs of a profile; the minimum is not stated",
)
