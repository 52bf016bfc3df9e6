"""What happened and what is being worked on: the event ledger and the jobs, by station."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from dispatch.admin.base import ReadOnlyAdmin
from lastmile.kernel.events import vocabulary
from lastmile.models import Event, Job


class ByStationId(ReadOnlyAdmin):
    """Rows of the lower app, which knows stations by number only."""

    def scope(self, rows: QuerySet[Any], station_ids: QuerySet[Any, Any]) -> QuerySet[Any]:
        return rows.filter(station_id__in=station_ids)

    def real(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows  # the ledger is shown whole


class ByName(admin.SimpleListFilter):
    """The names from the vocabulary: asking the ledger which occur would read all of it."""

    title = "name"
    parameter_name = "name"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in sorted(vocabulary())]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(name=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ByStationId):
    list_display = ("position", "name", "station_id", "seq", "actor", "at", "recorded_at")
    list_display_links = ("position", "name")
    list_filter = (ByName,)
    search_fields = ("actor", "name")
    ordering = ("-id",)


@admin.register(Job)
class JobAdmin(ByStationId):
    list_display = ("id", "kind", "state", "percent", "words", "station_id", "attempt", "actor", "created_at")
    list_filter = ("state",)
    search_fields = ("kind", "key", "actor", "words")
    ordering = ("-id",)
