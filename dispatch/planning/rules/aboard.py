"""Load that is on board already and leaves at the end of the first trip."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="aboard",
    number=14,
    kind="dial",
    meaning="What is on board at the start takes room until the first reload, or the end.",
    see=("overload",),
    fields=("Vehicle.aboard",),
    pyvrp="initial load of the vehicle type",
)
