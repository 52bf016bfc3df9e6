"""Allowed vehicles, and jobs pinned to one vehicle."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="allowed",
    meaning="The vehicle is among the job's allowed ones, and is the one it is pinned to.",
    codes=("vehicle_not_allowed", "pinned_elsewhere"),
    pyvrp="a profile in which the places of jobs it may not do are out of reach",
    ortools="allowed vehicles of the node",
)
