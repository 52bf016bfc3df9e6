"""Most stops per route, and the fewest that are worth sending a vehicle for."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="stops",
    number=32,
    kind="dial",
    meaning="A route has no more jobs than the vehicle's most, and if it has any, no fewer than its fewest.",
    codes=("too_many_stops", "too_few_stops"),
    fields=("Vehicle.max_stops", "Vehicle.min_stops"),
    pyvrp="one more load dimension of 1 per job; the fewest are not stated",
    ortools="a counting dimension",
)
