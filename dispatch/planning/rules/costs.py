"""What a route costs: fixed, per kilometre, per hour, and lateness. Cents, each component rounded once per
route.
"""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="costs",
    meaning="Fixed cost if used, cents per km and per hour (departure to end), price of late starts.",
    codes=(),
    pyvrp="unit costs of the vehicle type, scaled to whole numbers",
    ortools="arc costs, span cost of the time dimension, soft upper bounds",
)


def per_km(metres: int, cents: int) -> int:
    """Cents for metres at cents per kilometre, rounded half up."""
    return (metres * cents + 500) // 1000


def per_hour(seconds: int, cents: int) -> int:
    """Cents for seconds at cents per hour, rounded half up."""
    return (seconds * cents + 1800) // 3600
