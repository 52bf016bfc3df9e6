"""Telling the screens that what they show of a station and its fleet has changed."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest

from dispatch.access import actor_of
from dispatch.admin.base import StationAdmin
from dispatch.lifecycle import RouteState
from dispatch.models import Route, Station
from dispatch.services.changes import differences, tell_change, values_of, without_personal
from lastmile import bus
from lastmile.kernel import events

type Place = tuple[int, date | None]
"""A station's id and the day of its shifts; None where no shift changed.

Station, vehicles and drivers come whole with any day's event and are laid on every page, whatever day it shows: today's
is enough for them.
"""


class FleetAdmin(StationAdmin):
    """Rows that screens show: saving or deleting one is told in the same transaction, with what was changed."""

    history: ClassVar[
        tuple[str, ...]
    ] = ()  # fields whose changes are kept, as the pages of the services keep them
    personal: ClassVar[tuple[str, ...]] = ()  # of these only that they changed

    def places(self, row: Any) -> set[Place]:
        """Where this row is shown."""
        return {(row.station_id, getattr(row, "day", None))}

    def routes(self, row: Any) -> QuerySet[Route]:
        """Routes whose cards say something of this row."""
        return Route.objects.none()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = type(obj)._default_manager.get(pk=obj.pk) if change else None
        places = self.places(stored) if stored else set()
        before = values_of(stored, self.history) if stored else {}
        super().save_model(request, obj, form, change)
        self.keep(request, obj, "changed" if change else "added", differences(before, self.now(obj)))
        tell_fleet(request, places | self.places(obj))
        tell_routes(request, self.routes(obj))

    def now(self, row: Any) -> dict[str, Any]:
        return values_of(row, self.history)

    def keep(self, request: HttpRequest, row: Any, what: str, changes: dict[str, list[Any]]) -> None:
        """Into the history of every station that the row belongs to."""
        if not changes:
            return
        told = without_personal(changes, self.personal)
        for station in Station.objects.filter(pk__in={pk for pk, _ in self.places(row)}):
            tell_change(
                station_id=station.pk,
                what=what,
                row=row,
                changes=told,
                actor=actor_of(request),
                at=station.now(),
            )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        places = self.places(obj)
        self.keep_removed(request, obj)
        super().delete_model(request, obj)
        tell_fleet(request, places)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        places = {place for row in queryset for place in self.places(row)}
        for row in queryset:
            self.keep_removed(request, row)
        super().delete_queryset(request, queryset)
        tell_fleet(request, places)

    def keep_removed(self, request: HttpRequest, row: Any) -> None:
        self.keep(request, row, "removed", {name: [value, None] for name, value in self.now(row).items()})


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
