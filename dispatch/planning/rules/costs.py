"""What a route costs: fixed, per kilometre, per hour, and lateness. Cents, each component rounded once per
route.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..solution import Cost
from .rule import Rule
from .windows import late_cost

if TYPE_CHECKING:
    from ..timing import Walk

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


def price(walk: Walk) -> Cost:
    """The route's cost; a route that is already on the road does not pay the fixed cost again."""
    vehicle, jobs = walk.vehicle, walk.compiled.jobs
    return Cost(
        fixed=0 if walk.running else vehicle.fixed_cost,
        distance=per_km(sum(walk.legs.metres), vehicle.cost_per_km),
        time=per_hour(walk.end - walk.departure, vehicle.cost_per_hour),
        lateness=sum(late_cost(jobs[j], late) for j, late in zip(walk.jobs, walk.late, strict=True) if late),
    )
