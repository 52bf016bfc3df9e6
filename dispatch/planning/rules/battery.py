"""Range left, charging within the shift, and a reserve that is never touched."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="battery",
    number=38,
    kind="dial",
    meaning=(
        "The battery stays above its reserve; at a charger it takes what the way to the next charger or the "
        "end needs."
    ),
    codes=("battery_flat",),
    see=("depot_closed",),
    fields=(
        "Vehicle.battery",
        "Battery.capacity_wh",
        "Battery.start_wh",
        "Battery.reserve_wh",
        "Battery.wh_per_km",
        "Battery.charge_w",
        "Charger.power_w",
        "Charger.setup_s",
        "Charger.price_per_kwh",
        "Charger.windows",
        "Problem.chargers",
    ),
    costs=("energy",),
    pyvrp="the range bounds the distance; charging is put in by the search",
)
