"""A warm start from any plan."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="warm_start",
    number=47,
    kind="function",
    meaning=(
        "The search goes on from the plan it is given, after mending what is broken in it; the answer is "
        "never dearer than the mended one."
    ),
    api=("engines.portfolio.solve", "repair.repair"),
    pyvrp="initial solution",
    search="starts from it",
)
