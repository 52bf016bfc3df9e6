from django.contrib import admin

from dispatch.admin.base import Mine, StationAdmin
from dispatch.models import Holiday


@admin.register(Holiday)
class HolidayAdmin(StationAdmin):
    list_display = ("day", "name", "station")
    list_select_related = ("station",)
    list_filter = (("station", Mine),)
    search_fields = ("name", "station__code")
