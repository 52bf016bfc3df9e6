"""Capacity in any number of dimensions: deliveries are on board from the start, pickups stay to the end."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="capacity",
    meaning="On every leg, what is on board fits, in each dimension.",
    codes=("overload",),
    pyvrp="delivery and pickup amounts against the vehicle type's capacity",
    ortools="one dimension per load; with pickups a second ties the end to the pickups",
)
