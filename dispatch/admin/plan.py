from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.models import Plan


@admin.register(Plan)
class PlanAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "station",
        "day",
        "scope",
        "state",
        "cost_cents",
        "actor",
        "started_at",
        "first_plan_ms",
    )
    list_select_related = ("station",)
    list_filter = (("station", Mine), "state", "scope")
    search_fields = ("actor",)
    date_hierarchy = "day"
