from typing import Any

from django.contrib import admin
from django.db.models import QuerySet

from dispatch.admin.base import ReadOnlyAdmin
from dispatch.models import ColumnMapping, Shop


@admin.register(ColumnMapping)
class ColumnMappingAdmin(ReadOnlyAdmin):
    station_path = "shop__stations"
    list_display = ("shop", "heading", "field", "chosen_at")
    list_select_related = ("shop",)
    search_fields = ("heading", "field")

    def scope(self, rows: QuerySet[Any], station_ids: QuerySet[Any, Any]) -> QuerySet[Any]:
        sends = Shop.stations.through.objects.filter(station__in=station_ids)
        return rows.filter(shop__in=sends.values("shop_id"))
