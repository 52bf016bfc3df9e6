"""A price of CO2 per kilogram."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="co2",
    number=41,
    kind="weight",
    meaning="The grams that a vehicle emits on its metres cost the price per kilogram.",
    fields=("Problem.co2_price_per_kg", "Vehicle.co2_g_per_km"),
    costs=("co2",),
    pyvrp="part of the price per metre",
)
