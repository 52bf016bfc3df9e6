"""Last in, first out: what is delivered lies on top."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="lifo",
    number=17,
    kind="dial",
    meaning="Nothing that was loaded later is still on board when something comes off.",
    codes=("blocked",),
    fields=("Vehicle.lifo",),
    pyvrp="not stated; its routes are repaired under the walker",
)
