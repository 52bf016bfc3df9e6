from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.admin.fleet import FleetAdmin, Place
from dispatch.admin.maps import PlaceShown
from dispatch.models import LivePosition, Route, Vehicle, VehicleType
from dispatch.services.stock import VEHICLE_FIELDS

TYPE_GROUPS: dict[str | None, tuple[str, ...]] = {
    None: ("name", "profile", "capacity_weight_g", "capacity_volume_cm3", "capacity_pieces"),
    "On the road": ("service_factor", "curb_side", "free_roads", "lifo"),
    "Cost": (
        *("cost_fixed_cents", "cost_km_cents", "cost_hour_cents", "cost_driving_hour_cents"),
        *("cost_order_cents", "cost_overtime_cents", "co2_g_km"),
    ),
    "A route may be": (
        *("overtime_min", "max_orders", "min_orders", "max_out_min", "max_driving_min", "max_km"),
        "rest_rule",
    ),
    "Battery": ("battery_wh", "battery_reserve_pct", "battery_wh_km"),
}
TYPE_FIELDS = tuple(name for names in TYPE_GROUPS.values() for name in names)


@admin.register(VehicleType)
class VehicleTypeAdmin(FleetAdmin):
    station_path = None
    history = TYPE_FIELDS
    fieldsets = tuple((title, {"fields": names}) for title, names in TYPE_GROUPS.items())
    list_display = (
        "name",
        "profile",
        "capacity_weight_g",
        "capacity_volume_cm3",
        "capacity_pieces",
        "cost_hour_cents",
    )
    list_filter = ("profile",)
    search_fields = ("name",)

    def places(self, row: Any) -> set[Place]:
        """Every station that has vehicles of this type."""
        return {(station_id, None) for station_id in row.vehicles.values_list("station_id", flat=True)}

    def routes(self, row: Any) -> QuerySet[Route]:
        return Route.objects.filter(vehicle__type=row)


@admin.register(Vehicle)
class VehicleAdmin(FleetAdmin):
    history = VEHICLE_FIELDS
    exclude = ("zones", "forbidden_zones")  # on the station's own page, which knows the station's zones
    list_display = ("name", "station", "type", "plate", "carrier", "skills", "active")
    list_select_related = ("station", "type", "carrier")
    list_filter = (("station", Mine), ("type", Mine), "active")
    search_fields = ("name", "plate")
    autocomplete_fields = ("type", "carrier")

    def routes(self, row: Any) -> QuerySet[Route]:
        return Route.objects.filter(vehicle=row)


@admin.register(LivePosition)
class LivePositionAdmin(PlaceShown, ReadOnlyAdmin):
    station_path = "vehicle__station"
    list_display = ("vehicle", "fix_at", "lat", "lng", "speed_mps")
    list_select_related = ("vehicle", "vehicle__station")
    search_fields = ("vehicle__name", "vehicle__plate")
    readonly_fields = ("map",)
