"""What a route costs: fixed, per kilometre, per hour, per driving hour, per stop, per failed attempt."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="costs",
    number=39,
    kind="weight",
    meaning=(
        "Fixed cost if the vehicle is used, then by the kilometre, the paid hour (from the start of loading to the "
        "end), the hour at the wheel, the stop, and the failed attempt that is to be expected. Each component is "
        "rounded half up once per route; a vehicle that stays at home costs nothing."
    ),
    fields=(
        "Vehicle.fixed_cost",
        "Vehicle.cost_per_km",
        "Vehicle.cost_per_hour",
        "Vehicle.cost_per_driving_hour",
        "Vehicle.cost_per_stop",
        "Vehicle.cost_per_failed",
        "Job.failure_percent",
    ),
    costs=("fixed", "distance", "time", "driving", "stops", "failed"),
    pyvrp="unit costs of the vehicle type, scaled to whole numbers; what depends on the job stands on the arcs",
    ortools="arc costs and the span cost of the time dimension; stops, failures and driving hours are not stated",
)
