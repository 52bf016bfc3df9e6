from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import RoadEvent


@admin.register(RoadEvent)
class RoadEventAdmin(ReadOnlyAdmin):
    station_path = "station"
    list_display = ("name", "station", "percent", "start", "end", "actor")
    list_select_related = ("station",)
    search_fields = ("name",)
