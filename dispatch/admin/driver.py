from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dispatch.admin.base import Mine, is_superuser
from dispatch.admin.fleet import FleetAdmin
from dispatch.models import Driver
from dispatch.services.stock import DRIVER_FIELDS, PERSONAL


@admin.register(Driver)
class DriverAdmin(FleetAdmin):
    history = (*DRIVER_FIELDS, "user")
    exclude = ("home_zones",)  # on the station's own page, which knows the station's zones
    personal = PERSONAL
    list_display = ("name", "station", "carrier", "phone", "skills", "user", "active")
    list_select_related = ("station", "carrier", "user")
    list_filter = (("station", Mine), ("carrier", Mine), "active")
    search_fields = ("name", "phone", "user__username")
    autocomplete_fields = ("carrier",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        # Whose account drives is a matter of rights: a manager could hand somebody else's to a friend.
        return () if is_superuser(request) else ("user",)
