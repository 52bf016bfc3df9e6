"""Planning runs: what one is about, start it, cancel it. The work is in plan_run, its outcome in proposals."""

from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction

from dispatch.lifecycle import OrderState, PlanState, RouteState
from dispatch.models import Order, Plan, Route, Shift, Station
from dispatch.models.stop import Outcome
from dispatch.services.roster import broken
from dispatch.services.station_days import require_open
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

SCOPES = ("all", "unassigned")


def start_plan(
    *, station: Station, day: date, scope: str, time_limit_s: int | None, seed: int, actor: str, now: datetime
) -> Plan:
    """Begin a planning run; the one already running for the same station, day and scope is returned instead."""
    if scope not in SCOPES:
        raise LastmileError(
            "bad_scope", f"{scope!r} is no scope.", f"Use one of {', '.join(SCOPES)}.", field="scope"
        )
    require_open(station, day)
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
                # A key of its own: the guard against a second run is the plan's constraint, and the job of the run
                # before may still be saying goodbye.
                key=f"plan:{plan.pk}",
                payload={"plan_id": plan.pk, "now": now.isoformat()},
                station_id=station.pk,
                actor=actor,
                now=now,
                max_attempts=2,
            )
            Plan.objects.filter(pk=plan.pk).update(job_id=job.pk)
            bus.publish(events.PlanStarted(station_id=station.pk, plan_id=plan.pk), actor=actor, at=now)
    except IntegrityError as error:
        found = running.first()
        if found is None:
            raise conflict("Another run has just ended.", "Press Optimize again.") from error
        return found
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


def planned_mark(shift: Shift) -> str:
    """What a plan takes from a shift: its van, hours and break. Another driver does not void a plan."""
    moments = (shift.start, shift.end, shift.break_from, shift.break_to)
    times = [round(moment.timestamp()) if moment else None for moment in moments]
    return f"{shift.vehicle_id} {shift.break_minutes} {times}"


def free_shifts(station: Station, day: date, *, keep_drafts: bool) -> Any:
    """Shifts without a route, or (with `keep_drafts`) with one that the optimizer may still change."""
    shifts = Shift.objects.filter(station=station, day=day, active=True, vehicle__active=True)
    shifts = shifts.exclude(vehicle__in=broken(day).values("vehicle"))
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
