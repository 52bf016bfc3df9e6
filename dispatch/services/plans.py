"""Planning runs: what one is about, start it, cancel it. The work is in plan_run, its outcome in proposals."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from dispatch.lifecycle import PlanState
from dispatch.models import Plan, Shift
from dispatch.services.plan_scopes import About, require_work
from dispatch.services.station_days import require_open
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import conflict


def start_plan(
    *,
    about: About,
    goals: Mapping[str, Any] | None = None,
    time_limit_s: int | None,
    seed: int,
    actor: str,
    now: datetime,
) -> Plan:
    """Begin a planning run; the one already running for the same station, day and scope is returned instead."""
    station, day, scope = about.station, about.day, about.scope
    require_open(station, day)
    running = Plan.objects.filter(station=station, day=day, scope=scope, state=PlanState.RUNNING)
    if found := running.first():
        return found
    require_work(about)
    try:
        with transaction.atomic():
            plan = Plan.objects.create(
                station=station,
                day=day,
                scope=scope,
                about={"route_ids": about.route_ids, "order_ids": about.order_ids},
                goals=goals or {},
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


def planned_mark(shift: Shift) -> str:
    """What a plan takes from a shift: its van, hours and break. Another driver does not void a plan."""
    moments = (shift.start, shift.end, shift.break_from, shift.break_to)
    times = [round(moment.timestamp()) if moment else None for moment in moments]
    return f"{shift.vehicle_id} {shift.break_minutes} {times}"


def cancel_plan(*, plan: Plan) -> Plan:
    """Ask a running plan to stop; a finished one is left as it is."""
    if plan.state == PlanState.RUNNING and plan.job_id:
        jobs.cancel(job_id=plan.job_id)
        plan.refresh_from_db()
    return plan
