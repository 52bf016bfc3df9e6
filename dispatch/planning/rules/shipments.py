"""Pickup before delivery on one vehicle."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="shipments",
    number=13,
    kind="dial",
    meaning=(
        "Goods of a shipment travel from one door to another on one vehicle, the pickup first; always hard, "
        "the load counts by the dial of ``overload``."
    ),
    codes=("pair_split", "delivery_before_pickup"),
    see=("overload",),
    fields=("Shipment.pickup", "Shipment.delivery", "Shipment.load"),
    pyvrp="shipments",
)
