from django.contrib import admin

from dispatch.admin.base import Mine
from dispatch.admin.fleet import FleetAdmin
from dispatch.models import ServiceLevel
from dispatch.services.promise_rows import LEVEL


@admin.register(ServiceLevel)
class ServiceLevelAdmin(FleetAdmin):
    history = LEVEL
    list_display = ("name", "code", "station", "cutoff", "days_after", "active")
    list_select_related = ("station",)
    list_filter = (("station", Mine),)
    search_fields = ("name", "station__code")
