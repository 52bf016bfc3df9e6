"""Looking over the roads: expectations brought up to date, alerts raised and resolved."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q
from django.utils import timezone

from dispatch.lifecycle import ExceptionState, OrderState, RouteState, StopState
from dispatch.models import DeliveryException, LivePosition, Route, Station, Stop, StopOrder
from dispatch.models.exception import ExceptionKind, Severity
from dispatch.models.stop import Outcome
from dispatch.services.exceptions import (
    raise_exception,
    resolve_exception,
    unresolved,
    wake_exceptions,
    with_orders,
)
from lastmile.kernel.errors import LastmileError
from tracking.engine import alarms
from tracking.services.etas import Expectations, refresh_etas

log = logging.getLogger(__name__)

ACTOR = "system:watch"
OF_ROUTES = (ExceptionKind.LATE, ExceptionKind.SILENT, ExceptionKind.STOPPED_LONG)
ON_THE_ROAD = Q(state__in=[RouteState.RELEASED, RouteState.DEPARTED])
LATE_START = timedelta(minutes=1)
CRITICAL_MIN = 30

_expectations = Expectations()


@dataclass(frozen=True, slots=True)
class Alarm:
    """What to raise for a route."""

    severity: int
    words: str
    stop: Stop | None
    order_ids: list[int]


Finding = Alarm | alarms.Keep | None


def watch_roads() -> int:
    """Every station with vans on the road or alerts open, once; returns the routes looked at."""
    open_rows = DeliveryException.objects.filter(station=OuterRef("pk")).exclude(
        state=ExceptionState.RESOLVED
    )
    running = Route.objects.filter(ON_THE_ROAD, station=OuterRef("pk"))
    stations = Station.objects.filter(Exists(running) | Exists(open_rows), active=True, sandbox_of=None)
    _expectations.forget(set(Route.objects.filter(ON_THE_ROAD).values_list("pk", flat=True)))
    wall = timezone.now()
    return sum(watch_station(station=station, now=station.clock.at(wall)) for station in stations)


def watch_station(*, station: Station, now: datetime, expectations: Expectations | None = None) -> int:
    """One station: a fixed number of queries to read, more only for what changed."""
    known = _expectations if expectations is None else expectations
    wake_exceptions(station=station, now=now)
    routes = _routes(station, now)
    if _expect(routes, now, known):
        routes = _routes(station, now)
    rows = {row.key: row for row in with_orders(unresolved(station).filter(kind__in=OF_ROUTES))}
    for route in routes:
        for kind, finding in _findings(station, route, now).items():
            _settle(station, route, kind, finding, rows, now)
    _resolve_ended(station, {route.pk for route in routes}, rows.values(), now)
    return len(routes)


def _routes(station: Station, now: datetime) -> list[Route]:
    """Routes on the road, or that should be, with everything the look needs."""
    visits = StopOrder.objects.filter(outcome=Outcome.PLANNED).order_by("id")
    stops = Stop.objects.order_by("sequence", "id").prefetch_related(
        Prefetch("visits", queryset=visits, to_attr="to_come")
    )
    late_start = Q(state=RouteState.RELEASED, start_at__lt=now - LATE_START)
    rows = Route.objects.filter(Q(state=RouteState.DEPARTED) | late_start, station=station)
    rows = rows.select_related("station", "shift", "vehicle__live_position")
    return list(rows.prefetch_related(Prefetch("stops", queryset=stops, to_attr="all_stops")))


def _expect(routes: list[Route], now: datetime, expectations: Expectations) -> bool:
    """Walk the routes whose expectations are due; whether any was stored."""
    changed = False
    for route in routes:
        live = _live(route)
        stops = _stops(route)
        if not expectations.due(route, stops, live, now):
            continue
        try:
            changed |= refresh_etas(route=route, stops=stops, live=live, now=now)
        except LastmileError as error:
            # One route without a way must not blind the watch to all others.
            log.warning("no expectation for route %s: %s", route.pk, error)
    return changed


def _live(route: Route) -> LivePosition | None:
    live: LivePosition | None = getattr(route.vehicle, "live_position", None)
    return live


def _findings(station: Station, route: Route, now: datetime) -> dict[ExceptionKind, Finding]:
    findings: dict[ExceptionKind, Finding] = {ExceptionKind.LATE: _late(station, route, now)}
    if route.state == RouteState.DEPARTED:
        findings[ExceptionKind.SILENT] = _silent(station, route, now)
        findings[ExceptionKind.STOPPED_LONG] = _stopped(station, route, now)
    return findings


def _late(station: Station, route: Route, now: datetime) -> Finding:
    stops: dict[int, Stop] = {stop.pk: stop for stop in _to_come(route) if stop.state == StopState.PLANNED}
    found = alarms.late(
        [_visit(stop) for stop in stops.values()],
        now=now,
        grace=timedelta(minutes=station.late_after_min),
    )
    if not isinstance(found, alarms.Late):
        return found
    severity = Severity.CRITICAL if found.minutes >= CRITICAL_MIN else Severity.WARNING
    words = alarms.late_words(route.name, found)
    return Alarm(severity, words, stops[found.worst.stop_id], found.order_ids)


def _visit(stop: Stop) -> alarms.Visit:
    """Service begins at window end less slack: slack knows the minutes of parking that the arrival does not."""
    expected = stop.eta or stop.planned_start
    if stop.window_end and stop.slack_s is not None:
        expected = stop.window_end - timedelta(seconds=stop.slack_s)
    return alarms.Visit(stop.pk, stop.address, expected, stop.window_end, tuple(_orders([stop])))


def _silent(station: Station, route: Route, now: datetime) -> Finding:
    live = _live(route)
    heard = [moment for moment in (route.departed_at, live.fix_at if live else None) if moment]
    after = timedelta(minutes=station.silent_after_min)
    minutes = alarms.silent(last_heard=max(heard), now=now, after=after) if heard else None
    if minutes is None:
        return None
    stops = _to_come(route)
    orders = _orders(stops)
    words = f"Route {route.name}: no position for {minutes} min; {_count(orders)} still to deliver"
    return Alarm(Severity.WARNING, words, stops[0] if stops else None, orders)


def _stopped(station: Station, route: Route, now: datetime) -> Finding:
    live = _live(route)
    if live is None or route.departed_at is None:
        return None
    shift, stops = route.shift, _to_come(route)
    pause = None
    if shift.break_minutes and shift.break_from and shift.break_to:
        pause = (shift.break_from, shift.break_to, timedelta(minutes=shift.break_minutes))
    every = _stops(route)
    since = max(live.still_since, route.departed_at) if live.still_since else None
    minutes = alarms.stopped_long(
        still_since=since,
        place=(live.lat, live.lng),
        allowed=[(station.lat, station.lng), *((stop.lat, stop.lng) for stop in every)],
        radius_m=station.stop_radius_m,
        # Where a phone fell silent nothing is known of later: that is the other alert.
        now=min(now, live.fix_at + timedelta(minutes=station.silent_after_min)),
        after=timedelta(minutes=station.stopped_after_min),
        pause=pause,
    )
    if minutes is None:
        return None
    orders = _orders(stops)
    where = f"before {stops[0].address}" if stops else "on the way back"
    words = f"Route {route.name} has stood for {minutes} min {where}; {_count(orders)} still to deliver"
    return Alarm(Severity.WARNING, words, stops[0] if stops else None, orders)


def _stops(route: Route) -> list[Stop]:
    stops: list[Stop] = route.all_stops  # type: ignore[attr-defined]
    return stops


def _to_come(route: Route) -> list[Stop]:
    return [stop for stop in _stops(route) if stop.state in (StopState.PLANNED, StopState.ARRIVED)]


def _orders(stops: Iterable[Stop]) -> list[int]:
    return [visit.order_id for stop in stops for visit in stop.to_come]  # type: ignore[attr-defined]


def _count(orders: list[int]) -> str:
    return "1 order" if len(orders) == 1 else f"{len(orders)} orders"


def _settle(
    station: Station,
    route: Route,
    kind: ExceptionKind,
    finding: Finding,
    rows: dict[str, DeliveryException],
    now: datetime,
) -> None:
    key = f"{kind}:route:{route.pk}"
    if isinstance(finding, Alarm):
        raise_exception(
            station=station,
            day=route.day,
            kind=kind,
            severity=finding.severity,
            key=key,
            words=finding.words,
            route=route,
            stop=finding.stop,
            order_ids=finding.order_ids,
            now=now,
            actor=ACTOR,
            known=rows.get(key),
        )
    elif finding is None and key in rows:
        resolve_exception(exception=rows[key], actor=ACTOR, now=now)


def _resolve_ended(
    station: Station, on_the_road: set[int], rows: Iterable[DeliveryException], now: datetime
) -> None:
    """Alerts of routes that left the road, and failed attempts whose orders somebody has taken care of."""
    ended = [row for row in rows if row.route_id not in on_the_road]
    failed = DeliveryException.orders.through.objects.filter(
        deliveryexception_id=OuterRef("pk"), order__state=OrderState.FAILED
    )
    cared_for = unresolved(station).filter(~Exists(failed), kind=ExceptionKind.ATTEMPT_FAILED)
    for row in [*ended, *cared_for]:
        resolve_exception(exception=row, actor=ACTOR, now=now)
