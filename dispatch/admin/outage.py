from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import Outage


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    station_path = "vehicle__station"
    list_display = ("vehicle", "first_day", "last_day", "reason", "actor")
    list_select_related = ("vehicle",)
    search_fields = ("vehicle__name", "reason")
