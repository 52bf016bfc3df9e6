"""Deliveries are on board from the start of the trip, pickups and returns to its end."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="returns",
    number=12,
    kind="dial",
    meaning="Both share the van: the room that a delivery leaves may take a pickup.",
    see=("overload",),
    fields=("Job.delivery", "Job.pickup"),
    pyvrp="delivery and pickup of one client",
    ortools="two tied dimensions",
)
