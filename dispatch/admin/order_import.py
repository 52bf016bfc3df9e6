from django.contrib import admin

from dispatch.admin.base import Mine, ReadOnlyAdmin
from dispatch.models import OrderImport


@admin.register(OrderImport)
class OrderImportAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name",
        "state",
        "day",
        "shop",
        "station",
        "rows",
        "created",
        "updated",
        "rejected",
        "actor",
    )
    list_select_related = ("shop", "station")
    list_filter = (("station", Mine), "state", ("shop", Mine))
    search_fields = ("file_name", "actor")
    date_hierarchy = "day"
