"""The turn of the night: a day is closed once, whole, and says what became of everything that was open.

One transaction: whatever stops it in the middle leaves the day as it was, and the next try does all of it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dispatch.lifecycle import ExceptionState, OrderState, PlanState, RouteState
from dispatch.models import DeliveryException, Order, Plan, Route, Station, StationDay, Stop
from dispatch.selectors.day_facts import freeze_facts
from dispatch.services.exceptions import resolve_exception
from dispatch.services.mapping import orders_of
from dispatch.services.rollover import (
    Carried,
    Fate,
    bring_back_parcels,
    carry_over,
    fate_of,
    next_day,
    tell_orders,
)
from dispatch.services.routes import close_route, set_order_states
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

PATIENCE = timedelta(hours=6)  # how long the automatic close waits for vans that are still out

Change = dict[str, Any]


@dataclass(frozen=True)
class Preview:
    """What closing the day would do."""

    vans_out: list[Route]
    undriven: list[Route]
    fate: Fate
    plans: int
    exceptions: int
    target: date | None  # where the orders would go; None: no order goes anywhere


@dataclass(frozen=True)
class Closed:
    """The closed day, and whether it had been closed before."""

    day: StationDay
    repeated: bool


def preview_close(*, station: Station, day: date, now: datetime) -> Preview:
    """Work out what `close_day` would do now; nothing is stored."""
    routes = list(_open_routes(station, day).select_related("driver", "vehicle"))
    fate = fate_of(station, day)
    return Preview(
        vans_out=[route for route in routes if route.state == RouteState.DEPARTED],
        undriven=[route for route in routes if route.state != RouteState.DEPARTED],
        fate=fate,
        plans=_live_plans(station, day).count(),
        exceptions=_unresolved(station, day).count(),
        target=next_day(station, day, now) if fate.carried else None,
    )


def close_day(
    *, station: Station, day: date, actor: str, now: datetime, vans_out_too: bool = False
) -> Closed:
    """Close a day that has begun. Asking twice, or two at once, is closing once.

    Raises LastmileError ``day_not_begun``; ``vans_out`` unless the caller means to close departed routes too;
    ``never_open`` where there is no opening day to carry orders to.
    """
    _require_begun(station, day, now)
    with transaction.atomic():
        Station.objects.select_for_update().get(pk=station.pk)  # two who close at once: the second waits here
        known = StationDay.objects.filter(station=station, day=day).first()
        if known is not None:
            return Closed(known, repeated=True)
        fate = fate_of(station, day)  # how each order stood when the day ended
        changes = [
            *_close_routes(station, day, actor, now, vans_out_too=vans_out_too),
            *_end_plans(station, day, actor, now),
        ]
        facts = freeze_facts(station, day, now)  # before the orders leave for another day
        changes += [
            *_settle_orders(station, day, fate, actor, now),
            *_resolve_exceptions(station, day, actor, now),
        ]
        row = StationDay.objects.create(
            station=station, day=day, closed_at=now, actor=actor[:80], changes=changes, facts=facts
        )
        event = events.DayChanged(station_id=station.pk, what="closed", day=day.isoformat())
        bus.publish(event, actor=actor, at=now)
    return Closed(row, repeated=False)


def _require_begun(station: Station, day: date, now: datetime) -> None:
    if day > now.astimezone(station.zone).date():
        raise LastmileError(
            "day_not_begun",
            f"{day} has not begun at {station.name}.",
            "Close a day when it is over.",
            status=409,
        )


def _open_routes(station: Station, day: date) -> Any:
    return Route.objects.filter(station=station, day=day).exclude(state=RouteState.CLOSED).order_by("pk")


def _live_plans(station: Station, day: date) -> Any:
    states = (PlanState.RUNNING, PlanState.PROPOSED)
    return Plan.objects.filter(station=station, day=day, state__in=states).order_by("pk")


def _unresolved(station: Station, day: date) -> Any:
    rows = DeliveryException.objects.filter(station=station, day=day)
    return rows.exclude(state=ExceptionState.RESOLVED).order_by("pk")


def _close_routes(
    station: Station, day: date, actor: str, now: datetime, *, vans_out_too: bool
) -> list[Change]:
    routes = list(_open_routes(station, day).select_for_update())
    out = [route.name for route in routes if route.state == RouteState.DEPARTED]
    if out and not vans_out_too:
        raise LastmileError(
            "vans_out",
            f"Still on the road: {', '.join(out)}.",
            "Wait until they are back, or confirm that these routes are to be closed.",
            status=409,
            data={"routes": out},
        )
    return [_end_route(route, actor, now) for route in routes]


def _end_route(route: Route, actor: str, now: datetime) -> Change:
    """A route that was shown to its driver is closed and stays; a draft nobody saw is dissolved."""
    was, left = route.state, len(orders_of(route))
    change = {"id": route.pk, "name": route.name, "orders": left, "was": was}
    if was == RouteState.DRAFT:
        _dissolve(route, actor, now)
        return change | {"what": "route_dissolved"}
    close_route(route=route, actor=actor, now=now)
    return change | {"what": "route_closed"}


def _dissolve(route: Route, actor: str, now: datetime) -> None:
    orders, pk = orders_of(route), route.pk
    Stop.objects.filter(route=route).delete()
    route.delete()
    set_order_states(orders, OrderState.OPEN)
    event = events.RoutesChanged(
        station_id=route.station_id, what="dissolved", route_ids=[pk], order_ids=orders
    )
    bus.publish(event, actor=actor, at=now)


def _end_plans(station: Station, day: date, actor: str, now: datetime) -> list[Change]:
    changes = []
    for plan in _live_plans(station, day):
        after = PlanState.CANCELLED if plan.state == PlanState.RUNNING else PlanState.DISCARDED
        rows = Plan.objects.filter(pk=plan.pk, state=plan.state)
        if rows.update(state=after, finished_at=plan.finished_at or timezone.now()):
            event = events.PlanEnded(station_id=station.pk, plan_id=plan.pk, state=after)
            bus.publish(event, actor=actor, at=now)
            changes.append({"what": f"plan_{after}", "id": plan.pk})
        if plan.job_id and after == PlanState.CANCELLED:
            jobs.cancel(job_id=plan.job_id)
    return changes


def _settle_orders(station: Station, day: date, fate: Fate, actor: str, now: datetime) -> list[Change]:
    rows = Order.objects.filter(station=station, day=day).exclude(state=OrderState.RETURNED)
    back = bring_back_parcels(
        rows.order_by("pk").values_list("pk", flat=True),
        key=f"close:{now.timestamp():.0f}",
        actor=actor,
        at=now,
    )
    changes: list[Change] = [{"what": "parcels_received", "count": back}] if back else []
    if fate.carried:
        target = next_day(station, day, now)
        carry_over(station=station, day=day, target=target, carried=fate.carried, actor=actor, now=now)
        changes += [_told("order_carried", order) | {"to": target.isoformat()} for order in fate.carried]
    if fate.waiting:
        tell_orders(station, "waits_for_decision", [order.order_id for order in fate.waiting], actor, now)
        changes += [_told("order_waits", order) for order in fate.waiting]
    return changes


def _told(what: str, order: Carried) -> Change:
    return {"what": what, "id": order.order_id, "name": order.number, "reason": order.reason}


def _resolve_exceptions(station: Station, day: date, actor: str, now: datetime) -> list[Change]:
    rows = list(_unresolved(station, day))
    for row in rows:
        resolve_exception(exception=row, actor=actor, now=now)
    return [{"what": "exception_resolved", "id": row.pk, "name": row.words} for row in rows]
