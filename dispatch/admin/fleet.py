"""Telling the screens that vehicles, drivers or shifts have changed."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from dispatch.access import actor_of
from dispatch.admin.base import StationAdmin
from dispatch.models import Station
from lastmile import bus
from lastmile.kernel import events


class FleetAdmin(StationAdmin):
    """Rows of a station's fleet: saving or deleting one is told in the same transaction."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        self._tell(request, obj)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        self._tell(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        told = {
            (row.station_id, getattr(row, "day", None)): row for row in queryset.select_related("station")
        }
        super().delete_queryset(request, queryset)
        for row in told.values():
            self._tell(request, row)

    def _tell(self, request: HttpRequest, row: Any) -> None:
        station: Station = row.station
        now = station.now()
        day = getattr(row, "day", None) or now.astimezone(station.zone).date()
        event = events.FleetChanged(station_id=station.pk, day=day.isoformat())
        bus.publish(event, actor=actor_of(request), at=now)
