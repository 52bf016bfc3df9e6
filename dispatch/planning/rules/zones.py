"""Zones that a vehicle may serve, and those it must not."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="zones",
    number=21,
    kind="dial",
    meaning=(
        "The job lies in a zone of the vehicle, where it has any, and in none that is forbidden to it; "
        "soft: leaving one's zone at a price per stop."
    ),
    codes=("outside_zone",),
    fields=("Job.zones", "Vehicle.zones", "Vehicle.forbidden_zones"),
    pyvrp="a profile in which the places of jobs it may not do are out of reach; soft: a price on the arcs",
)
