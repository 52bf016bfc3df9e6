"""What pod does when something happened elsewhere: nudge the pages of the drivers it concerns."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from dispatch.lifecycle import RouteState
from dispatch.models import Driver, Route, Stop
from lastmile import bus, live
from lastmile.kernel import events
from lastmile.models import Event
from pod.views.live import topic_of

SEEN = (RouteState.RELEASED, RouteState.DEPARTED, RouteState.CLOSED)
CHUNK = 500
NEWS = timedelta(minutes=5)


def nudge(event: Event) -> None:
    """One word to each page concerned, in a few queries however much an event names.

    Old events (a publisher that was away, a ledger read from its beginning) ring nobody: pages look for themselves when
    they come back.
    """
    if timezone.now() - event.recorded_at > NEWS:
        return
    word = {"eta.changed": "eta", "driver_message.changed": "messages"}.get(event.name, "route")
    for driver_id in sorted(drivers_of(event)):
        live.push(topic_of(driver_id), {"type": "live", "name": word, "data": {}})


def drivers_of(event: Event) -> set[int]:
    """The drivers whose page shows what the event is about."""
    data = event.data
    if event.name == "driver_message.changed":
        return {data["driver_id"]}
    if event.name == "orders.changed":
        return set() if data["what"] == "created" else _with_orders(data["order_ids"])
    if event.name == "stop.changed":
        return _of_routes([data["route_id"]])
    if data.get("what") == "assigned":  # the row no longer says who had it before
        return _of_stations_with(data["route_ids"])
    # A route that was taken back is a draft again, and a draft concerns nobody else.
    return _of_routes(data["route_ids"], drafts=data.get("what") == "recalled")


def _of_routes(route_ids: list[int], *, drafts: bool = False) -> set[int]:
    routes = Route.objects.filter(pk__in=route_ids, driver__isnull=False)
    if not drafts:
        routes = routes.filter(state__in=SEEN)
    return {pk for pk in routes.values_list("driver_id", flat=True) if pk is not None}


def _of_stations_with(route_ids: list[int]) -> set[int]:
    stations = Route.objects.filter(pk__in=route_ids, state__in=SEEN).values("station_id")
    drivers = Driver.objects.filter(station_id__in=stations, active=True, user__isnull=False)
    return set(drivers.values_list("pk", flat=True))


def _with_orders(order_ids: list[int]) -> set[int]:
    found: set[int] = set()
    for chunk in _chunks(order_ids):
        stops = Stop.objects.filter(
            visits__order_id__in=chunk, route__state__in=SEEN[:2], route__driver__isnull=False
        )
        found.update(stops.values_list("route__driver_id", flat=True).distinct())
    return found


def _chunks(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def register() -> None:
    """Called once, when Django is ready."""
    from dispatch.services import holders
    from pod.services import holder, invariants  # noqa: F401  (registers what the checker asks)

    holders.register("pod", holder.HOLDER)
    bus.subscribe(
        "driver pages",
        {
            events.RoutesChanged,
            events.StopChanged,
            events.EtaChanged,
            events.OrdersChanged,
            events.DriverMessageChanged,
        },
        nudge,
    )
