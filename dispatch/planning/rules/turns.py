"""The right-hand side of the street, no U-turns, tolls and ferries avoided."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="turns",
    number=52,
    kind="fact",
    meaning=(
        "What a vehicle's manners on the road change stands in the matrices of its profile: one profile per "
        "kind of vehicle and manners."
    ),
    see=("unreachable",),
    fields=("Vehicle.profile", "Problem.matrices"),
    pyvrp="in its matrices",
    ortools="in its matrices",
    search="in its matrices",
)
