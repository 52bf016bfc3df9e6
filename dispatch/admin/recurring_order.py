from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import RecurringOrder


@admin.register(RecurringOrder)
class RecurringOrderAdmin(ReadOnlyAdmin):
    station_path = "station"
    list_display = ("name", "station", "shop", "first_day", "last_day", "made_until", "active")
    list_select_related = ("station", "shop")
    search_fields = ("name", "shop__name")
