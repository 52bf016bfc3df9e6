from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin, StationAdmin
from dispatch.admin.fleet import FleetAdmin
from dispatch.admin.maps import PlaceShown
from dispatch.models import LivePosition, Vehicle, VehicleType


@admin.register(VehicleType)
class VehicleTypeAdmin(StationAdmin):
    station_path = None
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


@admin.register(Vehicle)
class VehicleAdmin(FleetAdmin):
    list_display = ("name", "station", "type", "plate", "carrier", "skills", "active")
    list_select_related = ("station", "type", "carrier")
    list_filter = (("station", Mine), ("type", Mine), "active")
    search_fields = ("name", "plate")
    autocomplete_fields = ("type", "carrier")


@admin.register(LivePosition)
class LivePositionAdmin(PlaceShown, ReadOnlyAdmin):
    station_path = "vehicle__station"
    list_display = ("vehicle", "fix_at", "lat", "lng", "speed_mps")
    list_select_related = ("vehicle", "vehicle__station")
    search_fields = ("vehicle__name", "vehicle__plate")
    readonly_fields = ("map",)
