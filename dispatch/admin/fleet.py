"""Telling the screens that what they show of a station and its fleet has changed."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from dispatch.access import actor_of
from dispatch.admin.base import StationAdmin
from dispatch.lifecycle import RouteState
from dispatch.models import Route, Station
from lastmile import bus
from lastmile.kernel import events

type Place = tuple[int, date | None]
"""A station's id and the day of its shifts; None where no shift changed.

Station, vehicles and drivers come whole with any day's event and are laid on every page, whatever day it shows: today's
is enough for them.
"""


class FleetAdmin(StationAdmin):
    """Rows that screens show: saving or deleting one is told in the same transaction."""

    def places(self, row: Any) -> set[Place]:
        """Where this row is shown."""
        return {(row.station_id, getattr(row, "day", None))}

    def routes(self, row: Any) -> QuerySet[Route]:
        """Routes whose cards say something of this row."""
        return Route.objects.none()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        before = self.places(type(obj)._default_manager.get(pk=obj.pk)) if change else set()
        super().save_model(request, obj, form, change)
        tell_fleet(request, before | self.places(obj))
        tell_routes(request, self.routes(obj))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        places = self.places(obj)
        super().delete_model(request, obj)
        tell_fleet(request, places)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        places = {place for row in queryset for place in self.places(row)}
        super().delete_queryset(request, queryset)
        tell_fleet(request, places)


def tell_fleet(request: HttpRequest, places: Iterable[Place]) -> None:
    """Once for each station and day; a station that was deleted has no screens left."""
    stations = Station.objects.in_bulk({station_id for station_id, _ in places})
    told = {
        (stations[station_id], day or today(stations[station_id]))
        for station_id, day in places
        if station_id in stations
    }
    for station, day in sorted(told, key=lambda place: (place[0].pk, place[1])):
        event = events.FleetChanged(station_id=station.pk, day=day.isoformat())
        bus.publish(event, actor=actor_of(request), at=station.now())


def tell_routes(request: HttpRequest, routes: QuerySet[Route]) -> None:
    """Routes that are not closed: their cards say what their vehicles can carry."""
    rows = routes.exclude(state=RouteState.CLOSED).values_list("station_id", "pk").order_by("pk")
    of_station: dict[int, list[int]] = {}
    for station_id, pk in rows:
        of_station.setdefault(station_id, []).append(pk)
    for station in Station.objects.filter(pk__in=of_station):
        event = events.RoutesChanged(
            station_id=station.pk, what="capacity", route_ids=of_station[station.pk], order_ids=[]
        )
        bus.publish(event, actor=actor_of(request), at=station.now())


def today(station: Station) -> date:
    return station.now().astimezone(station.zone).date()
