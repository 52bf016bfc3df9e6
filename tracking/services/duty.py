"""When a driver is on duty: only then is a phone's place stored at all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.lifecycle import RouteState
from dispatch.models import Route

BEFORE_SHIFT = timedelta(hours=1)
AFTER_SHIFT = timedelta(hours=4)
ON_THE_ROAD = (RouteState.RELEASED, RouteState.DEPARTED, RouteState.CLOSED)


@dataclass(frozen=True, slots=True)
class Duty:
    """A driver's hours on one route: from its release to its close, near the shift only."""

    route_id: int
    vehicle_id: int
    start: datetime
    end: datetime
    departed: bool

    def covers(self, at: datetime) -> bool:
        return self.start <= at <= self.end


def duties(driver_ids: Iterable[int], first: datetime, last: datetime) -> dict[int, list[Duty]]:
    """Duties of these drivers that touch the period, by driver; a departed route comes before a released one."""
    routes = Route.objects.filter(
        driver_id__in=list(driver_ids),
        state__in=ON_THE_ROAD,
        shift__start__lte=last + BEFORE_SHIFT,
        shift__end__gte=first - AFTER_SHIFT,
    ).select_related("shift")
    found: dict[int, list[Duty]] = {}
    for route in routes:
        if route.driver_id is not None and route.released_at is not None:
            found.setdefault(route.driver_id, []).append(_duty(route, route.released_at))
    for each in found.values():
        each.sort(key=lambda duty: (not duty.departed, duty.start))
    return found


def _duty(route: Route, released_at: datetime) -> Duty:
    latest = route.shift.end + AFTER_SHIFT
    return Duty(
        route_id=route.pk,
        vehicle_id=route.vehicle_id,
        start=max(released_at, route.shift.start - BEFORE_SHIFT),
        end=min(route.closed_at, latest) if route.closed_at else latest,
        departed=route.state == RouteState.DEPARTED,
    )
