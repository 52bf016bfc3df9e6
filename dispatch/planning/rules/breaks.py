"""Breaks: one of d seconds inside its window, anywhere but during a service."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="breaks",
    meaning="Every break that is owed is taken, starting inside one of its windows.",
    codes=("break_missed",),
    pyvrp="not stated: room is left in the shift, and the routes are repaired under the schedule walker",
    ortools="break intervals of the vehicle",
)
