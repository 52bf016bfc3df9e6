"""Why each job was left out."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="reasons",
    number=49,
    kind="function",
    meaning="``explain`` names the rule that binds, for all vehicles and each by itself.",
    api=("explain.explain",),
    pyvrp="not needed",
    ortools="not needed",
    search="not needed",
)
