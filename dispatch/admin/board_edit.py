from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.models import BoardEdit


@admin.register(BoardEdit)
class BoardEditAdmin(ReadOnlyAdmin):
    list_display = ("id", "station", "day", "what", "actor", "at", "undone_at")
    list_select_related = ("station",)
    list_filter = (("station", Mine), "what")
    search_fields = ("actor",)
    date_hierarchy = "day"
