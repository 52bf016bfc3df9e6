from django.contrib import admin

from dispatch.admin.base import Mine, StationAdmin
from dispatch.models import Carrier


@admin.register(Carrier)
class CarrierAdmin(StationAdmin):
    list_display = ("name", "station", "own")
    list_select_related = ("station",)
    list_filter = (("station", Mine), "own")
    search_fields = ("name",)
