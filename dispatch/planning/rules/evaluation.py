"""Exactly this plan: times, cost, every violation with its code."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="evaluation",
    number=48,
    kind="function",
    meaning=(
        "``evaluate`` tells what a plan does and costs, whatever it breaks; ``evaluate_route`` one route "
        "for drag-and-drop; ``walk`` the rest of a route on the road; ``verify`` checks each number without "
        "sharing code."
    ),
    api=("evaluate.evaluate", "evaluate.evaluate_route", "evaluate.walk", "verify.verify"),
    pyvrp="not needed",
    ortools="not needed",
    search="the same kernel",
)
