"""Rows of dispatch, one noun a file."""

from dispatch.models.absence import Absence
from dispatch.models.attempt import Attempt
from dispatch.models.board_edit import BoardEdit
from dispatch.models.carrier import Carrier
from dispatch.models.column_mapping import ColumnMapping
from dispatch.models.driver import Driver
from dispatch.models.driver_message import DriverMessage
from dispatch.models.exception import DeliveryException
from dispatch.models.holiday import Holiday
from dispatch.models.idempotency import IdempotencyKey
from dispatch.models.invitation import Invitation
from dispatch.models.membership import Membership, Role
from dispatch.models.order import Order
from dispatch.models.order_event import OrderEvent
from dispatch.models.order_import import OrderImport
from dispatch.models.outage import Outage
from dispatch.models.parcel import Parcel, ParcelMove
from dispatch.models.plan import Plan
from dispatch.models.recipient_message import RecipientMessage
from dispatch.models.recurring_order import RecurringOrder
from dispatch.models.road_event import RoadEvent
from dispatch.models.route import Route
from dispatch.models.service_level import ServiceLevel
from dispatch.models.shift import Shift
from dispatch.models.shop import Shop, ShopToken
from dispatch.models.station import Station
from dispatch.models.station_day import StationDay
from dispatch.models.stop import Stop, StopOrder
from dispatch.models.vehicle import LivePosition, Vehicle, VehicleType
from dispatch.models.zone import Zone

__all__ = [
    "Absence",
    "Attempt",
    "BoardEdit",
    "Carrier",
    "ColumnMapping",
    "DeliveryException",
    "Driver",
    "DriverMessage",
    "Holiday",
    "IdempotencyKey",
    "Invitation",
    "LivePosition",
    "Membership",
    "Order",
    "OrderEvent",
    "OrderImport",
    "Outage",
    "Parcel",
    "ParcelMove",
    "Plan",
    "RecipientMessage",
    "RecurringOrder",
    "RoadEvent",
    "Role",
    "Route",
    "ServiceLevel",
    "Shift",
    "Shop",
    "ShopToken",
    "Station",
    "StationDay",
    "Stop",
    "StopOrder",
    "Vehicle",
    "VehicleType",
    "Zone",
]
