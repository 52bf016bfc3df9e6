from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from dispatch.admin.base import Mine, ReadOnlyAdmin, StationAdmin
from dispatch.admin.maps import PlaceShown
from tracking.models import Device, Position
from tracking.services.devices import revoke_device


@admin.register(Device)
class DeviceAdmin(StationAdmin):
    """Phones are bound by their drivers; here they are named and cut off."""

    station_path = "driver__station"
    list_display = ("name", "driver", "created_at", "revoked_at")
    list_display_links = ("name", "driver")
    list_select_related = ("driver",)
    list_filter = (("driver__station", Mine),)
    search_fields = ("name", "driver__name")
    fields = ("driver", "name", "created_at", "revoked_at")
    readonly_fields = ("driver", "created_at", "revoked_at")
    actions = ("revoke",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.action(description="Cut off at once", permissions=["change"])
    def revoke(self, request: HttpRequest, devices: QuerySet[Device]) -> None:
        ended = sum(revoke_device(device=device, now=timezone.now()) for device in devices)
        messages.success(request, f"{ended} phones cut off.")


@admin.register(Position)
class PositionAdmin(PlaceShown, ReadOnlyAdmin):
    station_path = "device__driver__station"
    list_display = ("fix_at", "device", "vehicle", "route", "lat", "lng", "speed_mps", "flags")
    list_select_related = ("device__driver__station", "vehicle", "route")
    list_filter = (("vehicle", Mine),)
    search_fields = ("device__driver__name", "vehicle__name", "route__name")
    ordering = ("-id",)
    readonly_fields = ("map",)
