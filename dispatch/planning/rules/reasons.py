"""Why each job was left out."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="reasons",
    number=49,
    kind="function",
    meaning=(
        "``explain`` names the rule that binds, for all vehicles and each by itself, and the smallest changes that "
        "would fit the job, each tried and with its price (``changes`` for one job); ``why`` holds a job against "
        "every vehicle; ``rule_costs`` tells cents by rule."
    ),
    api=("explain.explain", "explain.changes", "explain.why", "explain.rule_costs"),
    pyvrp="not needed",
    ortools="not needed",
    search="not needed",
)
