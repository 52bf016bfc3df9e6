from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import StationDay


@admin.register(StationDay)
class StationDayAdmin(ReadOnlyAdmin):
    station_path = "station"
    list_display = ("day", "station", "closed_at", "actor")
    list_select_related = ("station",)
    search_fields = ("station__code",)
