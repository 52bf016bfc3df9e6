"""Preferred drivers and familiar areas; both are off until their dial says otherwise."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="preferred_driver",
    number=20,
    kind="dial",
    meaning=(
        "A job with preferred vehicles goes to one of them; a vehicle with home zones serves jobs in one of "
        "them."
    ),
    codes=("not_preferred", "away_from_home"),
    fields=("Job.preferred_vehicles", "Vehicle.home_zones", "Job.zones"),
    pyvrp="a profile in which the places of jobs it may not do are out of reach; soft: a price on the arcs",
)
