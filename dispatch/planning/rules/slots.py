"""The best places to offer for a new order, each with its marginal cost."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="slots",
    number=50,
    kind="function",
    meaning=(
        "``insert`` tries every position of every route under the walker; those that break nothing come "
        "first, the cheapest before the others. ``slots`` finds the cheapest place in each of the windows that are "
        "offered."
    ),
    api=("insertion.insert", "slots.slots"),
    pyvrp="not needed",
    ortools="not needed",
    search="not needed",
)
