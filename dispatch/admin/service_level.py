from django.contrib import admin

from dispatch.admin.base import Mine, StationAdmin
from dispatch.models import ServiceLevel


@admin.register(ServiceLevel)
class ServiceLevelAdmin(StationAdmin):
    list_display = ("name", "code", "station", "cutoff", "days_after", "active")
    list_select_related = ("station",)
    list_filter = (("station", Mine),)
    search_fields = ("name", "station__code")
