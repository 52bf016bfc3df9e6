from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.models import DeliveryException


@admin.register(DeliveryException)
class DeliveryExceptionAdmin(ReadOnlyAdmin):
    list_display = ("words", "kind", "severity", "state", "station", "route", "raised_at", "acknowledged_by")
    list_select_related = ("station", "route")
    list_filter = (("station", Mine), "kind", "severity", "state")
    search_fields = ("words", "key", "route__name", "orders__number")
    date_hierarchy = "day"
