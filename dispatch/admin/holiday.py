from typing import Any

from django.contrib import admin

from dispatch.admin.base import Mine
from dispatch.admin.fleet import FleetAdmin, Place
from dispatch.models import Holiday
from dispatch.services.promise_rows import HOLIDAY


@admin.register(Holiday)
class HolidayAdmin(FleetAdmin):
    history = HOLIDAY
    list_display = ("day", "name", "station")
    list_select_related = ("station",)
    list_filter = (("station", Mine),)
    search_fields = ("name", "station__code")

    def places(self, row: Any) -> set[Place]:
        return {(row.station_id, None)}
