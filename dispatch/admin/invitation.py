from django.contrib import admin

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import Invitation


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    station_path = "station"
    list_display = (
        "created_at",
        "station",
        "role",
        "full_name",
        "email",
        "expires_at",
        "used_at",
        "revoked_at",
    )
    list_select_related = ("station",)
    search_fields = ("full_name", "email")
    exclude = ("token_hash",)
