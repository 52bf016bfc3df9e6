"""Goods that never travel together: on one route, or at one time."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="goods",
    number=15,
    kind="dial",
    meaning=(
        "Two classes of goods are never on one route, or never on board at one time; one breach per pair "
        "(and trip)."
    ),
    codes=("goods_together",),
    fields=(
        "Job.goods",
        "Incompatible.one",
        "Incompatible.other",
        "Incompatible.scope",
        "Problem.incompatible",
    ),
    pyvrp="not stated; its routes are repaired under the walker",
)
