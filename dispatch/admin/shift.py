from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from dispatch.admin.base import Mine
from dispatch.admin.fleet import FleetAdmin
from dispatch.lifecycle import RouteState
from dispatch.models import Shift


@admin.register(Shift)
class ShiftAdmin(FleetAdmin):
    list_display = ("day", "driver", "vehicle", "station", "start", "end", "break_minutes", "active")
    list_display_links = ("day", "driver")
    list_select_related = ("driver", "vehicle", "station")
    list_filter = (("station", Mine), "day", "active")
    search_fields = ("driver__name", "vehicle__name", "vehicle__plate")
    autocomplete_fields = ("driver", "vehicle")
    date_hierarchy = "day"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A shift with an open route stays as the route was planned; the board changes it."""
        if obj is not None and obj.routes.exclude(state=RouteState.CLOSED).exists():
            return ("station", "day", "driver", "vehicle", "start", "end", "active")
        return ()
