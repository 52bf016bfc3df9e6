"""Reach: every leg of a route exists."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="reach",
    meaning="There is a way between one stop and the next.",
    codes=("unreachable",),
    pyvrp="legs that do not exist take longer than any shift",
    ortools="legs that do not exist take longer than any shift",
)
