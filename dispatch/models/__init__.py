"""Rows of dispatch, one noun a file."""

from dispatch.models.attempt import Attempt
from dispatch.models.carrier import Carrier
from dispatch.models.driver import Driver
from dispatch.models.exception import DeliveryException
from dispatch.models.idempotency import IdempotencyKey
from dispatch.models.membership import Membership, Role
from dispatch.models.order import Order
from dispatch.models.order_import import OrderImport
from dispatch.models.parcel import Parcel
from dispatch.models.plan import Plan
from dispatch.models.route import Route
from dispatch.models.shift import Shift
from dispatch.models.shop import Shop, ShopToken
from dispatch.models.station import Station
from dispatch.models.stop import Stop, StopOrder
from dispatch.models.vehicle import LivePosition, Vehicle, VehicleType
from dispatch.models.zone import Zone

__all__ = [
    "Attempt",
    "Carrier",
    "DeliveryException",
    "Driver",
    "IdempotencyKey",
    "LivePosition",
    "Membership",
    "Order",
    "OrderImport",
    "Parcel",
    "Plan",
    "Role",
    "Route",
    "Shift",
    "Shop",
    "ShopToken",
    "Station",
    "Stop",
    "StopOrder",
    "Vehicle",
    "VehicleType",
    "Zone",
]
