from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import RecipientMessage


@admin.register(RecipientMessage)
class RecipientMessageAdmin(ReadOnlyAdmin):
    station_path = "order__station"
    list_display = ("at", "order", "kind", "channel", "state", "sent_at")
    list_select_related = ("order",)
    search_fields = ("order__number",)
