from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import Absence


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    station_path = "driver__station"
    list_display = ("driver", "first_day", "last_day", "reason", "actor")
    list_select_related = ("driver",)
    search_fields = ("driver__name", "reason")
