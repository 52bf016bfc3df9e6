"""Skills, allowed vehicles, forbidden drivers, and vehicle types that a street or building refuses."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="skills",
    number=19,
    kind="dial",
    meaning=(
        "The vehicle has every skill that the job asks for (amount: how many it lacks), is among the "
        "allowed ones, is not forbidden, and its type is not refused."
    ),
    codes=("skill", "vehicle_not_allowed", "vehicle_forbidden", "type_refused"),
    fields=(
        "Job.skills",
        "Vehicle.skills",
        "Job.vehicles",
        "Job.forbidden",
        "Job.refused_types",
        "Vehicle.type",
    ),
    pyvrp="a profile in which the places of jobs it may not do are out of reach; soft: a price on the arcs",
    ortools="allowed vehicles of the node",
)
