"""Writing timetables into rows: a route's stops, and which order stands at which."""

from collections.abc import Iterable

from dispatch.lifecycle import RouteState, StopState
from dispatch.models import Route, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.services.route_times import RouteTimes, StopTimes

DONE = (StopState.ARRIVED, StopState.COMPLETED, StopState.FAILED)
STOP_COLUMNS = (
    *("sequence", "lat", "lng", "address", "window_start", "window_end", "planned_arrival", "planned_start"),
    *("planned_departure", "eta", "slack_s", "travel_s", "travel_m"),
)


def store_times(route: Route, times: RouteTimes, line: str) -> set[int]:
    """Write a timetable into a route's rows; returns the orders that stand at another stop than before.

    Visits done or under way keep their place at the head. Stops that stay keep their rows: phones, exceptions and
    screens know them by id. Stops left without an order are removed by `drop_empty_stops`.
    """
    done = list(Stop.objects.filter(route=route, state__in=DONE).order_by("sequence"))
    for sequence, stop in enumerate(done, start=1):
        stop.sequence = sequence
    Stop.objects.bulk_update(done, ["sequence"])
    moved = _store_stops(route, times, len(done))
    if route.state != RouteState.DEPARTED:
        route.start_at, route.load = times.start_at, times.load
    route.end_at = times.end_at
    route.distance_m = times.distance_m + sum(stop.travel_m for stop in done)
    route.drive_s = times.drive_s + sum(stop.travel_s for stop in done)
    route.cost_cents = times.cost_cents if not done else _running_cost(route)
    route.violations, route.line, route.approximate = times.violations, line, times.approximate
    route.breaks = times.pauses
    route.save(
        update_fields=[
            *("start_at", "end_at", "load", "distance_m", "drive_s", "cost_cents"),
            *("violations", "line", "approximate", "breaks"),
        ]
    )
    return moved


def _store_stops(route: Route, times: RouteTimes, head: int) -> set[int]:
    planned = Stop.objects.filter(route=route, state=StopState.PLANNED).in_bulk()
    visits = {
        visit.order_id: visit
        for visit in StopOrder.objects.filter(order_id__in=times.order_ids, outcome=Outcome.PLANNED)
    }
    stops = []
    for index, visit in enumerate(times.stops, start=head + 1):
        known = (visits[pk].stop_id for pk in visit.order_ids if pk in visits)
        stop = next((planned.pop(pk) for pk in known if pk in planned), None) or Stop(route=route)
        _fill_stop(stop, index, visit)
        stops.append(stop)
    Stop.objects.bulk_update([stop for stop in stops if stop.pk], STOP_COLUMNS)
    Stop.objects.bulk_create([stop for stop in stops if not stop.pk])
    return _store_visits(stops, times, visits)


def _fill_stop(stop: Stop, sequence: int, visit: StopTimes) -> None:
    stop.sequence, stop.lat, stop.lng, stop.address = sequence, visit.lat, visit.lng, visit.address
    stop.window_start, stop.window_end = visit.window_start, visit.window_end
    stop.planned_arrival, stop.planned_start = visit.arrival, visit.start
    stop.planned_departure, stop.eta, stop.slack_s = visit.departure, visit.arrival, visit.slack_s
    stop.travel_s, stop.travel_m = visit.travel_s, visit.travel_m


def _store_visits(stops: list[Stop], times: RouteTimes, visits: dict[int, StopOrder]) -> set[int]:
    """Stand each order at its stop; an order's one planned visit moves, it is never there twice."""
    moved, fresh = [], []
    for stop, visit in zip(stops, times.stops, strict=True):
        for order_id in visit.order_ids:
            row = visits.get(order_id)
            if row is None:
                fresh.append(StopOrder(stop=stop, order_id=order_id))
            elif row.stop_id != stop.pk:
                row.stop = stop
                moved.append(row)
    StopOrder.objects.bulk_update(moved, ["stop"])
    StopOrder.objects.bulk_create(fresh)
    return {row.order_id for row in (*moved, *fresh)}


def drop_empty_stops(routes: Iterable[Route]) -> None:
    """Remove planned stops whose orders all went elsewhere."""
    Stop.objects.filter(route__in=list(routes), state=StopState.PLANNED, visits=None).delete()


def _running_cost(route: Route) -> int:
    """What a route costs whose first part is already driven: the same prices over all of it."""
    kind = route.vehicle.type
    hours = (route.end_at - route.start_at).total_seconds() / 3600 if route.end_at and route.start_at else 0.0
    return round(
        kind.cost_fixed_cents + kind.cost_km_cents * route.distance_m / 1000 + kind.cost_hour_cents * hours
    )
