"""Expected arrivals: the rest of a route walked again from where its van was last seen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dispatch.lifecycle import RouteState, StopState
from dispatch.models import LivePosition, Route, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.services import running_routes
from dispatch.services.etas import StopEta, set_etas

EVERY = timedelta(seconds=20)

Walk = Callable[..., running_routes.RouteTimes | None]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an expectation was made from; a new one is due when this differs."""

    version: int
    stops: tuple[tuple[int, str], ...]
    fix_at: datetime | None


class Expectations:
    """When each route was last walked. Forgetting it costs one walk more, so it lives in the process."""

    def __init__(self) -> None:
        self.made: dict[int, tuple[Seen, datetime]] = {}

    def due(self, route: Route, stops: Sequence[Stop], live: LivePosition | None, now: datetime) -> bool:
        """After any event at a stop at once, after new fixes at most every 20 s of the station's time."""
        seen = Seen(route.version, tuple((s.pk, s.state) for s in stops), live.fix_at if live else None)
        before, at = self.made.get(route.pk, (None, None))
        if before is not None and at is not None and at <= now:
            unchanged = before == seen and route.state == RouteState.DEPARTED
            same_stops = (before.version, before.stops) == (seen.version, seen.stops)
            if unchanged or (same_stops and now - at < EVERY):
                return False
        self.made[route.pk] = (seen, now)
        return True

    def forget(self, route_ids: set[int]) -> None:
        """Keep only these routes: the others have left the road."""
        self.made = {pk: made for pk, made in self.made.items() if pk in route_ids}


def refresh_etas(
    *,
    route: Route,
    stops: Sequence[Stop],
    live: LivePosition | None,
    now: datetime,
    walk: Walk = running_routes.walk_route,
) -> bool:
    """Walk what is left and store it; whether an expectation moved by a minute or more.

    `stops` are all of the route's. A released route is expected to leave now at the earliest.
    """
    begin = _begin(route, stops, live, now)
    times = walk(route, now=begin)
    if times is None or not times.stops:
        return False
    delay = max(timedelta(0), now - times.stops[0].departure) if _at_stop(stops) else timedelta(0)
    return set_etas(route=route, etas=_etas(route, times, delay), now=now)


def _begin(route: Route, stops: Sequence[Stop], live: LivePosition | None, now: datetime) -> datetime:
    """From when the way on counts: the last fix or the last thing done at a stop, whichever is newer."""
    if route.state != RouteState.DEPARTED:
        return now
    here = _at_stop(stops)
    if here is not None and here.arrived_at is not None:
        return min(here.arrived_at, now)
    known = [stop.departed_at for stop in stops if stop.departed_at]
    known += [moment for moment in (route.departed_at, live.fix_at if live else None) if moment]
    return min(max(known, default=now), now)


def _at_stop(stops: Sequence[Stop]) -> Stop | None:
    return next((stop for stop in stops if stop.state == StopState.ARRIVED), None)


def _etas(route: Route, times: running_routes.RouteTimes, delay: timedelta) -> list[StopEta]:
    """The timetable's visits, by the stops that hold their orders; the first order there is the arrival."""
    visits = StopOrder.objects.filter(stop__route=route, outcome=Outcome.PLANNED)
    stop_of = dict(visits.values_list("order_id", "stop_id"))
    found: dict[int, StopEta] = {}
    for index, visit in enumerate(times.stops):
        later = delay if index else timedelta(0)
        slack = None if visit.slack_s is None else visit.slack_s - round(later.total_seconds())
        for order_id in visit.order_ids:
            stop_id = stop_of.get(order_id)
            if stop_id is None:
                continue
            known = found.get(stop_id)
            if known is None:
                found[stop_id] = StopEta(stop_id, visit.arrival + later, slack)
            elif slack is not None and (known.slack_s is None or slack < known.slack_s):
                found[stop_id] = StopEta(stop_id, known.eta, slack)
    return list(found.values())
