from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import DriverMessage


@admin.register(DriverMessage)
class DriverMessageAdmin(ReadOnlyAdmin):
    station_path = "station"
    list_display = ("at", "station", "driver", "from_driver", "words", "confirmed_at")
    list_select_related = ("station", "driver")
    search_fields = ("driver__name", "words")
