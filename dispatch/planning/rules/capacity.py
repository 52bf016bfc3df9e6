"""Capacity in any number of dimensions, at every point of the route."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="capacity",
    number=11,
    kind="dial",
    meaning="On every leg what is on board fits, in each dimension.",
    codes=("overload",),
    fields=("Vehicle.capacity", "Job.delivery", "Job.pickup", "Shipment.load", "Problem.load_names"),
    pyvrp="delivery and pickup amounts against the vehicle type's capacity",
    ortools="one dimension per load; with pickups a second ties the end to the pickups",
)
