from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import OrderEvent


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    station_path = "order__station"
    list_display = ("id", "order", "event")
    list_select_related = ("order", "event")
    search_fields = ("order__number",)
    show_full_result_count = False
