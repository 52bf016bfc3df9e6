"""Open start, open end, home start, another end place, several stations."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="ends",
    number=35,
    kind="fact",
    meaning=(
        "A route begins at the vehicle's start, or at its first stop, and ends at its end, or at its last "
        "stop. Goods of one station go on vehicles that load there."
    ),
    codes=("wrong_depot",),
    fields=("Vehicle.start", "Vehicle.end", "Vehicle.depot", "Job.depot", "Depot.place"),
    pyvrp="start and end depots; open ends are free arcs",
    ortools="start and end nodes",
)
