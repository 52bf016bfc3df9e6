"""Planning runs: start, work, cancel, accept, discard. Search itself happens in a warm solver program."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from dispatch.lifecycle import OrderState, PlanState, RouteState
from dispatch.models import Order, Plan, Route, Shift, Station, Stop
from dispatch.models.stop import Outcome
from dispatch.services import mapping
from dispatch.services.mapping import Frame, orders_of
from dispatch.services.routes import (
    new_route,
    set_order_states,
    store_times,
)
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

SCOPES = ("all", "unassigned")
FRAME_EVERY_S = 0.5


def start_plan(
    *, station: Station, day: date, scope: str, time_limit_s: int | None, seed: int, actor: str, now: datetime
) -> Plan:
    """Begin a planning run; the one already running for the same station, day and scope is returned instead."""
    if scope not in SCOPES:
        raise LastmileError(
            "bad_scope", f"{scope!r} is no scope.", f"Use one of {', '.join(SCOPES)}.", field="scope"
        )
    running = Plan.objects.filter(station=station, day=day, scope=scope, state=PlanState.RUNNING)
    if found := running.first():
        return found
    _require_work(station, day, scope)
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                station=station,
                day=day,
                scope=scope,
                time_limit_s=time_limit_s or station.plan_limit_s,
                seed=seed,
                actor=actor,
            )
            job = jobs.enqueue(
                kind="plan.run",
                key=f"{station.pk}:{day}:{scope}",
                payload={"plan_id": plan.pk, "now": now.isoformat()},
                station_id=station.pk,
                actor=actor,
                now=now,
                max_attempts=2,
            )
            Plan.objects.filter(pk=plan.pk).update(job_id=job.pk)
            bus.publish(events.PlanStarted(station_id=station.pk, plan_id=plan.pk), actor=actor, at=now)
    except IntegrityError:
        return running.get()
    plan.refresh_from_db()
    return plan


def _require_work(station: Station, day: date, scope: str) -> None:
    if not free_shifts(station, day, keep_drafts=True).exists():
        raise LastmileError(
            "no_shifts",
            f"No driver and vehicle is free on {day}.",
            "Add shifts for the day, or close or recall routes.",
            status=409,
        )
    if not wanted_orders(station, day, scope).exists():
        raise LastmileError(
            "nothing_to_plan",
            f"There is no order to plan on {day}.",
            "Import orders, or give those without a place a location.",
            status=409,
        )


def free_shifts(station: Station, day: date, *, keep_drafts: bool) -> Any:
    """Shifts without a route, or (with `keep_drafts`) with one that the optimizer may still change."""
    shifts = Shift.objects.filter(station=station, day=day, active=True, vehicle__active=True)
    taken = Route.objects.filter(station=station, day=day).exclude(state=RouteState.CLOSED)
    if keep_drafts:
        taken = taken.exclude(state=RouteState.DRAFT, locked=False)
    return shifts.exclude(routes__in=taken).select_related("vehicle__type", "driver")


def drafts_of(station: Station, day: date) -> list[Route]:
    return list(Route.objects.filter(station=station, day=day, state=RouteState.DRAFT, locked=False))


def wanted_orders(station: Station, day: date, scope: str) -> Any:
    """Orders the run is about: the pool, and what unlocked draft routes hold."""
    pool = Order.objects.filter(station=station, day=day, state=OrderState.OPEN)
    if scope == "unassigned":
        return pool
    drafts = Order.objects.filter(
        visits__outcome=Outcome.PLANNED,
        visits__stop__route__in=[route.pk for route in drafts_of(station, day)],
        state=OrderState.PLANNED,
    )
    return (pool | drafts.filter(station=station)).distinct()


def cancel_plan(*, plan: Plan) -> Plan:
    """Ask a running plan to stop; a finished one is left as it is."""
    if plan.state == PlanState.RUNNING and plan.job_id:
        jobs.cancel(job_id=plan.job_id)
        plan.refresh_from_db()
    return plan


def discard_plan(*, plan: Plan, actor: str, now: datetime) -> Plan:
    """Throw a proposal away; nothing else changes."""
    with transaction.atomic():
        _end(plan, PlanState.DISCARDED, actor, now)
    return plan


def _end(plan: Plan, state: PlanState, actor: str, now: datetime) -> None:
    if not Plan.objects.filter(pk=plan.pk, state=PlanState.PROPOSED).update(state=state):
        plan.refresh_from_db()
        raise LastmileError(
            "illegal_move", f"This plan is {plan.state}.", "Reload to see what became of it.", status=409
        )
    plan.refresh_from_db()
    event = events.PlanEnded(station_id=plan.station_id, plan_id=plan.pk, state=state)
    bus.publish(event, actor=actor, at=now)


def accept_plan(*, plan: Plan, actor: str, now: datetime) -> dict[str, Any]:
    """Make a proposal the day's routes.

    Draft routes it was made from must be unchanged. Orders cancelled or taken elsewhere meanwhile are dropped
    and every timetable is walked afresh, so nothing stale is stored. Returns the number of dropped orders.
    """
    cards = {card["shift_id"]: card for card in plan.proposal.get("routes", [])}
    sequences = {shift_id: _order_ids(card) for shift_id, card in cards.items()}
    wanted = [pk for ids in sequences.values() for pk in ids]
    with transaction.atomic():
        _end(plan, PlanState.ACCEPTED, actor, now)
        released = _replace_drafts(plan)
        fit = set(
            Order.objects.filter(
                station=plan.station, day=plan.day, state=OrderState.OPEN, pk__in=wanted
            ).values_list("pk", flat=True)
        )
        kept = {shift: [pk for pk in ids if pk in fit] for shift, ids in sequences.items()}
        kept = {shift: ids for shift, ids in kept.items() if ids}
        frame = mapping.frame_of(plan.station, plan.day, kept)
        routes = [_make_route(plan, frame, shift, ids, cards[shift]) for shift, ids in kept.items()]
        planned = [pk for ids in kept.values() for pk in ids]
        set_order_states(planned, OrderState.PLANNED)
        left = _mark_left_out(plan)
        event = events.RoutesChanged(
            station_id=plan.station_id,
            what="planned",
            route_ids=sorted({*(route.pk for route in routes), *map(int, plan.proposal.get("base", {}))}),
            order_ids=sorted({*planned, *released, *left}),
        )
        bus.publish(event, actor=actor, at=now)
    return {"dropped": len(wanted) - len(planned)}


def _order_ids(card: dict[str, Any]) -> list[int]:
    return [pk for stop in card["stops"] for pk in stop["order_ids"]]


def _replace_drafts(plan: Plan) -> list[int]:
    """Take the drafts the proposal replaces away and put their orders back into the pool."""
    base = {int(pk): version for pk, version in plan.proposal.get("base", {}).items()}
    drafts = drafts_of(plan.station, plan.day)
    if {route.pk: route.version for route in drafts} != base:
        raise conflict(
            "Routes were edited since this plan was made.", "Discard it and optimize again.", plan_id=plan.pk
        )
    released = [pk for route in drafts for pk in orders_of(route)]
    Stop.objects.filter(route__in=drafts).delete()
    Route.objects.filter(pk__in=[route.pk for route in drafts]).delete()
    set_order_states(released, OrderState.OPEN)
    return released


def _make_route(plan: Plan, frame: Frame, shift_id: int, ids: list[int], card: dict[str, Any]) -> Route:
    route = new_route(
        station=plan.station,
        day=plan.day,
        shift=frame.shift_by_id[shift_id],
        plan=plan,
        wish=card["name"],
    )
    times = frame.times(shift_id, ids)
    unchanged = ids == _order_ids(card)
    store_times(route, times, card["line"] if unchanged else frame.line(shift_id, times))
    return route


def _mark_left_out(plan: Plan) -> list[int]:
    """Write each left-out order's reason on it, where the board and the order page find it."""
    reasons = {left["order_id"]: left for left in plan.proposal.get("left_out", [])}
    orders = list(Order.objects.filter(pk__in=reasons, state=OrderState.OPEN))
    for order in orders:
        order.left_out = {"code": reasons[order.pk]["code"], "words": reasons[order.pk]["words"]}
    Order.objects.bulk_update(orders, ["left_out"])
    return [order.pk for order in orders]
