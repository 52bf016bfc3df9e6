"""What happens at a stop. The field is the truth: what a driver reports is taken, once per event id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dispatch.floor import ABOARD
from dispatch.lifecycle import OrderState, ParcelState, RouteState, StopState
from dispatch.models import Attempt, Driver, Order, Parcel, Route, Stop, StopOrder
from dispatch.models.attempt import AttemptOutcome, FailureReason
from dispatch.models.exception import ExceptionKind, Severity
from dispatch.models.order import OrderKind
from dispatch.models.stop import Outcome
from dispatch.services.exceptions import raise_exception
from dispatch.services.late_reports import note_late, take_back
from dispatch.services.routes import set_order_states
from dispatch.services.scans import move_parcels
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, not_found

EVENT_ID_LENGTH = 64


@dataclass(frozen=True, slots=True)
class Report:
    """What a phone says of a moment at the door, in business time; the same `event_id` is the same report."""

    event_id: str
    at: datetime
    lat: float | None = None
    lng: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Visited:
    """The stop as it stands now, the attempts of this report, and whether it had been taken before."""

    stop: Stop
    attempts: list[Attempt]
    repeated: bool


def arrive_stop(*, stop: Stop, at: datetime, actor: str, now: datetime) -> Stop:
    """The van stands at the address. Saying so twice, or after the visit, changes nothing."""
    with transaction.atomic():
        fresh = _held(stop, at)
        if fresh.route.state == RouteState.CLOSED:
            Stop.objects.filter(pk=stop.pk, arrived_at=None).update(arrived_at=min(at, now))
            fresh.refresh_from_db()
            return fresh
        moved = Stop.objects.filter(pk=stop.pk, state=StopState.PLANNED).update(
            state=StopState.ARRIVED, arrived_at=min(at, now)
        )
        if moved:
            _tell(fresh, "arrived", _planned(fresh), actor, now)
        elif fresh.state == StopState.CANCELLED:
            raise _refused(
                "stop_cancelled", "This stop was taken off the route.", "Drive on to the next stop."
            )
        fresh.refresh_from_db()
    return fresh


def complete_stop(
    *,
    stop: Stop,
    report: Report,
    order_ids: Sequence[int] | None,
    driver: Driver | None,
    actor: str,
    now: datetime,
) -> Visited:
    """Orders (all that are left, unless named) were handed over; the last one done completes the stop."""
    return _visit(stop, report, order_ids, driver, actor, now, AttemptOutcome.DELIVERED, "")


def fail_stop(
    *,
    stop: Stop,
    report: Report,
    reason: str,
    order_ids: Sequence[int] | None,
    driver: Driver | None,
    actor: str,
    now: datetime,
) -> Visited:
    """Orders could not be handed over: they are `failed`, and an exception asks a dispatcher what follows."""
    if reason not in FailureReason.values:
        raise LastmileError(
            "bad_reason",
            f"{reason!r} is not a known reason.",
            f"Give one of {', '.join(FailureReason.values)}.",
            field="reason",
        )
    with transaction.atomic():
        visited = _visit(stop, report, order_ids, driver, actor, now, AttemptOutcome.FAILED, reason)
        if not visited.repeated:
            _raise_failed(visited, FailureReason(reason), actor, now)
    return visited


def _visit(
    stop: Stop,
    report: Report,
    order_ids: Sequence[int] | None,
    driver: Driver | None,
    actor: str,
    now: datetime,
    outcome: AttemptOutcome,
    reason: str,
) -> Visited:
    _require_event_id(report.event_id)
    with transaction.atomic():
        known = list(Attempt.objects.filter(stop=stop, client_event_id=report.event_id).order_by("id"))
        if known:
            stop.refresh_from_db()
            return Visited(stop, known, repeated=True)
        fresh = _held(stop, report.at)
        late = fresh.route.state == RouteState.CLOSED
        ids = _take(fresh, order_ids, Outcome(outcome.value), Outcome.MISSED if late else Outcome.PLANNED)
        carried = ids if not late else []
        if not late:
            _move_orders(ids, outcome)
        elif outcome == AttemptOutcome.DELIVERED:
            carried = _deliver_late(fresh, ids, actor, now)
        _move_parcels(fresh, carried, report, actor, delivered=outcome == AttemptOutcome.DELIVERED)
        attempts = _attempts(fresh, ids, report, driver, outcome, reason, now)
        _finish(fresh, min(report.at, now))
        if late:
            note_late(fresh, ids, actor=actor, now=now)
        _tell(fresh, "completed" if outcome == AttemptOutcome.DELIVERED else "failed", ids, actor, now)
    return Visited(fresh, attempts, repeated=False)


def _require_event_id(event_id: str) -> None:
    if not event_id or len(event_id) > EVENT_ID_LENGTH:
        raise LastmileError(
            "bad_event_id",
            "The report has no usable event_id.",
            f"Give each report an id of its own, up to {EVENT_ID_LENGTH} characters.",
            field="event_id",
        )


def _held(stop: Stop, at: datetime) -> Stop:
    """The stop, read again under its route's lock, if its van is on the road, or was at that moment.

    A phone that was offline tells of a visit after its route was closed: what was done at the door counts.
    """
    route = Route.objects.select_for_update().filter(pk=stop.route_id).first()
    fresh = Stop.objects.select_related("route__station").filter(pk=stop.pk).first()
    if route is None or fresh is None:
        raise not_found("The stop")
    if route.state == RouteState.DEPARTED:
        return fresh
    if route.state == RouteState.CLOSED:
        if route.departed_at and route.closed_at and route.departed_at <= at <= route.closed_at:
            return fresh
        raise _refused(
            "route_closed", f"Route {route.name} is closed.", "Tell your dispatcher what happened."
        )
    raise _refused("route_not_departed", f"Route {route.name} has not departed.", "Start the route first.")


def _take(stop: Stop, order_ids: Sequence[int] | None, outcome: Outcome, before: Outcome) -> list[int]:
    """Claim the orders for this report; only one of two that report at once gets them."""
    ids = _planned(stop, before) if order_ids is None else list(dict.fromkeys(order_ids))
    stands = set(StopOrder.objects.filter(stop=stop, order_id__in=ids).values_list("order_id", flat=True))
    if set(ids) - stands:
        raise LastmileError(
            "not_at_this_stop",
            "An order named does not stand at this stop.",
            "Load the route again and name orders of this stop.",
            field="orders",
        )
    taken = StopOrder.objects.filter(stop=stop, order_id__in=ids, outcome=before).update(outcome=outcome)
    if not ids or taken != len(ids):
        raise _refused(
            "already_recorded",
            "The outcome of this stop is already recorded.",
            "Load the route again; nothing more is needed here.",
        )
    return ids


def _planned(stop: Stop, outcome: Outcome = Outcome.PLANNED) -> list[int]:
    rows = StopOrder.objects.filter(stop=stop, outcome=outcome).order_by("id")
    return list(rows.values_list("order_id", flat=True))


def _move_orders(ids: list[int], outcome: AttemptOutcome) -> None:
    delivered = outcome == AttemptOutcome.DELIVERED
    state = OrderState.DELIVERED if delivered else OrderState.FAILED
    # Put aboard after the van had left: what is handed over at a door was out.
    Order.objects.filter(pk__in=ids, state=OrderState.PLANNED).update(state=OrderState.OUT)
    out = Order.objects.filter(pk__in=ids, state=OrderState.OUT)
    moved = out.update(state=state, version=F("version") + 1)
    if moved != len(ids):
        states = dict(Order.objects.filter(pk__in=ids).values_list("number", "state"))
        other = ", ".join(
            f"{number} is {state}" for number, state in states.items() if state != OrderState.OUT
        )
        raise _refused(
            "order_not_out", f"Not on this van: {other}.", "Call your dispatcher before handing over."
        )


def _deliver_late(stop: Stop, ids: list[int], actor: str, now: datetime) -> list[int]:
    """Orders that wait somewhere else by now are delivered; those that had another end go to a dispatcher."""
    free, elsewhere = take_back(stop.route.station, ids, actor=actor, now=now)
    for state in (OrderState.OPEN, OrderState.PLANNED, OrderState.OUT):
        set_order_states(free, state)
    _move_orders(free, AttemptOutcome.DELIVERED)
    if elsewhere:
        _raise_elsewhere(stop, elsewhere, actor, now)
    return free


def _raise_elsewhere(stop: Stop, order_ids: list[int], actor: str, now: datetime) -> None:
    states = Order.objects.filter(pk__in=order_ids).order_by("pk").values_list("number", "state")
    said = ", ".join(f"{number} is {state.replace('_', ' ')}" for number, state in states[:5])
    raise_exception(
        station=stop.route.station,
        day=_today(stop, now),
        kind=ExceptionKind.ATTEMPT_FAILED,
        severity=Severity.CRITICAL,
        key=f"late_report:stop:{stop.pk}",
        words=f"Route {stop.route.name} reported after its close that it had delivered at {stop.address}: {said}"[
            :300
        ],
        route=stop.route,
        stop=stop,
        order_ids=order_ids,
        now=now,
        actor=actor,
    )


def _today(stop: Stop, now: datetime) -> date:
    """Where a dispatcher looks: the day of an open route, today for one that was closed."""
    route = stop.route
    return now.astimezone(route.station.zone).date() if route.state == RouteState.CLOSED else route.day


def _move_parcels(stop: Stop, ids: list[int], report: Report, actor: str, *, delivered: bool) -> None:
    """What reached a door was on the van: parcels nobody scanned aboard are loaded first."""
    trail: dict[str, Any] = {"key": f"door:{stop.pk}:{report.event_id}"[:40], "actor": actor, "at": report.at}
    carried = Parcel.objects.filter(order_id__in=ids, order__kind=OrderKind.DELIVERY)
    move_parcels(carried, ParcelState.LOADED, activity="load", **trail)
    after = ParcelState.DELIVERED if delivered else ParcelState.UNDELIVERED
    move_parcels(carried.filter(state=ParcelState.LOADED), after, activity="door", **trail)
    if delivered:
        collected = Parcel.objects.filter(order_id__in=ids, order__kind=OrderKind.COLLECTION)
        move_parcels(collected, ParcelState.LOADED, activity="door", **trail)
    Parcel.objects.filter(order_id__in=ids, state__in=ABOARD).update(aboard=stop.route_id)


def _attempts(
    stop: Stop,
    ids: list[int],
    report: Report,
    driver: Driver | None,
    outcome: AttemptOutcome,
    reason: str,
    now: datetime,
) -> list[Attempt]:
    return [
        Attempt.objects.create(
            order_id=order_id,
            stop=stop,
            driver=driver or stop.route.driver,
            outcome=outcome,
            reason=reason,
            note=report.note[:500],
            at=min(report.at, now),
            lat=report.lat,
            lng=report.lng,
            client_event_id=report.event_id,
        )
        for order_id in ids
    ]


def _finish(stop: Stop, at: datetime) -> None:
    """With every outcome known, one delivered makes the stop completed; until then the van is there."""
    outcomes = set(StopOrder.objects.filter(stop=stop).values_list("outcome", flat=True))
    state = StopState.COMPLETED if Outcome.DELIVERED in outcomes else StopState.FAILED
    arrived_at = min(stop.arrived_at or at, at)
    fields: dict[str, object] = {"state": state, "arrived_at": arrived_at, "departed_at": at}
    if Outcome.PLANNED in outcomes or Outcome.MISSED in outcomes:
        if stop.state == StopState.CANCELLED:
            return  # some of its orders are still said to be not reached
        fields = {"state": StopState.ARRIVED, "arrived_at": arrived_at}
    Stop.objects.filter(pk=stop.pk).update(**fields)
    stop.refresh_from_db()


def _raise_failed(visited: Visited, reason: FailureReason, actor: str, now: datetime) -> None:
    stop, count = visited.stop, len(visited.attempts)
    failed = StopOrder.objects.filter(stop=stop, outcome=Outcome.FAILED).values_list("order_id", flat=True)
    orders, why = "1 order" if count == 1 else f"{count} orders", reason.value.replace("_", " ")
    raise_exception(
        station=stop.route.station,
        day=_today(stop, now),
        kind=ExceptionKind.ATTEMPT_FAILED,
        severity=Severity.WARNING,
        key=f"attempt_failed:stop:{stop.pk}",
        words=f"Route {stop.route.name} could not hand over {orders} at {stop.address}: {why}",
        route=stop.route,
        stop=stop,
        order_ids=list(failed),
        now=now,
        actor=actor,
    )


def _refused(code: str, cause: str, action: str) -> LastmileError:
    return LastmileError(code, cause, action, status=409)


def _tell(stop: Stop, what: str, order_ids: list[int], actor: str, now: datetime) -> None:
    event = events.StopChanged(
        station_id=stop.route.station_id,
        what=what,
        stop_id=stop.pk,
        route_id=stop.route_id,
        order_ids=order_ids,
    )
    bus.publish(event, actor=actor, at=now)
