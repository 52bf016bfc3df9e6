"""Planning runs: start, work, cancel, accept, discard. Search itself happens in a warm solver program."""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from dispatch.lifecycle import OrderState, PlanState, RouteState
from dispatch.models import Order, Plan, Route, Shift, Station, Stop, StopOrder
from dispatch.models.stop import Outcome
from dispatch.planning.program import Progress, SolveCancelledError, SolverProgram
from dispatch.planning.solution import Solution
from dispatch.planning.verify import verify
from dispatch.services import mapping
from dispatch.services.cities import open_city
from dispatch.services.mapping import Frame, RouteTimes, orders_of
from dispatch.services.routes import (
    colour_of,
    free_number,
    names_taken,
    new_route,
    set_order_states,
    store_times,
)
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict
from lastmile.models import Job, JobState

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
    if not _wanted(station, day, scope).exists():
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


def _drafts(station: Station, day: date) -> list[Route]:
    return list(Route.objects.filter(station=station, day=day, state=RouteState.DRAFT, locked=False))


def _wanted(station: Station, day: date, scope: str) -> Any:
    """Orders the run is about: the pool, and what unlocked draft routes hold."""
    pool = Order.objects.filter(station=station, day=day, state=OrderState.OPEN)
    if scope == "unassigned":
        return pool
    drafts = Order.objects.filter(
        visits__outcome=Outcome.PLANNED,
        visits__stop__route__in=[route.pk for route in _drafts(station, day)],
        state=OrderState.PLANNED,
    )
    return (pool | drafts.filter(station=station)).distinct()


def build_frame(plan: Plan, now: datetime) -> Frame:
    """The day's problem as it stands: free shifts, wanted orders, and what must stay with whom."""
    station, day = plan.station, plan.day
    sequences = {route.shift_id: orders_of(route) for route in _drafts(station, day)}
    wanted = {order.pk: order for order in _wanted(station, day, "all")}
    today = now.astimezone(station.zone).date() == day
    return Frame(
        station=station,
        day=day,
        roads=open_city(station).roads,
        shifts=[s for s in free_shifts(station, day, keep_drafts=True) if not today or s.end > now],
        orders=sorted(wanted.values(), key=lambda order: order.pk),
        earliest=now if today else None,
        sequences={shift: [pk for pk in ids if pk in wanted] for shift, ids in sequences.items()},
        fixed=frozenset(sequences) if plan.scope == "unassigned" else frozenset(),
    )


_program: SolverProgram | None = None


def solver() -> SolverProgram:
    """This worker process's warm solver program."""
    global _program
    if _program is None:
        _program = SolverProgram()
    return _program


def plan_ended(job: Job) -> None:
    """The run stopped without a proposal: say so on the plan."""
    state = PlanState.CANCELLED if job.state == JobState.CANCELLED else PlanState.FAILED
    plan_id = job.payload["plan_id"]
    ended = Plan.objects.filter(pk=plan_id, state=PlanState.RUNNING).update(
        state=state, error=job.error, finished_at=timezone.now()
    )
    if ended:
        event = events.PlanEnded(station_id=job.station_id, plan_id=plan_id, state=state)
        bus.publish(event, actor=job.actor, at=timezone.now())


@jobs.kind("plan.run", ended=plan_ended)
def run_plan(claim: jobs.Claim) -> dict[str, Any]:
    """The work of a planning job: build, solve, verify, propose."""
    plan = Plan.objects.select_related("station").get(pk=claim.job.payload["plan_id"])
    now = datetime.fromisoformat(claim.job.payload["now"])
    began = time.monotonic()
    frame = build_frame(plan, now)
    show = _Screen(plan, frame, claim)
    try:
        solution = solver().solve(
            frame.problem,
            time_limit_s=plan.time_limit_s,
            seed=plan.seed,
            warm_start={str(shift): tuple(map(str, ids)) for shift, ids in frame.sequences.items() if ids}
            or None,
            on_progress=show.progress,
            should_cancel=claim.cancelled.is_set,
        )
    except SolveCancelledError as error:
        raise jobs.Lost from error
    broken = verify(frame.problem, solution)
    if broken:
        raise LastmileError(
            "plan_not_verified",
            f"The plan breaks a rule the planner did not see: {broken[0].words}",
            "Report this; the plan was thrown away.",
        )
    proposal = _proposal(frame, solution)
    with transaction.atomic():
        claim.guard()
        done = Plan.objects.filter(pk=plan.pk, state=PlanState.RUNNING).update(
            state=PlanState.PROPOSED,
            proposal=proposal,
            cost_cents=proposal["totals"]["cost_cents"],
            first_plan_ms=show.first_ms,
            finished_at=timezone.now(),
        )
        if not done:
            raise jobs.Lost
        event = events.PlanCompleted(station_id=plan.station_id, plan_id=plan.pk)
        bus.publish(event, actor=plan.actor, at=plan.station.now())
    return {"plan_id": plan.pk, "seconds": round(time.monotonic() - began, 2)}


class _Screen:
    """Shows the improving plan to the board, a few times a second at most."""

    def __init__(self, plan: Plan, frame: Frame, claim: jobs.Claim) -> None:
        self.plan, self.frame, self.claim = plan, frame, claim
        self.first_ms: int | None = None
        self.due = 0.0

    def progress(self, progress: Progress) -> None:
        if self.first_ms is None:
            waited = timezone.now() - self.plan.started_at
            self.first_ms = int(waited / timedelta(milliseconds=1))
        if time.monotonic() < self.due or self.claim.cancelled.is_set():
            return
        self.due = time.monotonic() + FRAME_EVERY_S
        event = events.PlanProgressed(
            station_id=self.plan.station_id,
            plan_id=self.plan.pk,
            elapsed_s=round(progress.elapsed_s, 2),
            limit_s=self.plan.time_limit_s,
            cost_cents=_route_cost(progress.solution),
            unassigned=len(progress.solution.unassigned),
            engine=progress.engine,
            routes=_cards(self.frame, progress.solution),
        )
        bus.publish(event, actor=self.plan.actor, at=self.plan.started_at)


def _route_cost(solution: Solution) -> int:
    """What driving costs; the price of leaving orders behind is the planner's own currency."""
    return solution.cost.total - solution.cost.unassigned


def _cards(frame: Frame, solution: Solution) -> list[dict[str, Any]]:
    """A solution's routes as ProposalRoute cards, lines along streets included."""
    names = _names(frame)
    cards = []
    for route in solution.routes:
        times = frame.read(route)
        name, colour = names(times.shift_id)
        cards.append(route_card(frame, times, name, colour))
    return cards


def _names(frame: Frame) -> Callable[[int], tuple[str, int]]:
    """Names and colours routes will have: those the shift's draft has now, else the next free ones."""
    drafts = {route.shift_id: (route.name, route.colour) for route in _drafts(frame.station, frame.day)}
    taken = names_taken(frame.station, frame.day)

    def name(shift_id: int) -> tuple[str, int]:
        if shift_id not in drafts:
            free = f"R{free_number(taken)}"
            taken.add(free)
            drafts[shift_id] = (free, colour_of(free))
        return drafts[shift_id]

    return name


def route_card(frame: Frame, times: RouteTimes, name: str, colour: int) -> dict[str, Any]:
    shift = frame.shift_by_id[times.shift_id]
    return {
        "shift_id": times.shift_id,
        "vehicle_id": shift.vehicle_id,
        "driver_id": shift.driver_id,
        "name": name,
        "colour": colour,
        "start_at": times.start_at.isoformat(),
        "end_at": times.end_at.isoformat(),
        "distance_m": times.distance_m,
        "drive_s": times.drive_s,
        "cost_cents": times.cost_cents,
        "load": times.load,
        "violations": times.violations,
        "approximate": times.approximate,
        "line": frame.line(times.shift_id, times),
        "stops": [
            {
                "order_ids": stop.order_ids,
                "lat": stop.lat,
                "lng": stop.lng,
                "address": stop.address,
                "arrival": stop.arrival.isoformat(),
                "start": stop.start.isoformat(),
                "departure": stop.departure.isoformat(),
                "window_start": stop.window_start and stop.window_start.isoformat(),
                "window_end": stop.window_end and stop.window_end.isoformat(),
            }
            for stop in times.stops
        ],
    }


def _proposal(frame: Frame, solution: Solution) -> dict[str, Any]:
    cards = _cards(frame, solution)
    drafts = _drafts(frame.station, frame.day)
    left = [
        {"order_id": int(left.job), "code": left.code, "words": _say(frame, left.words)}
        for left in solution.unassigned
    ]
    totals = {
        "cost_cents": _route_cost(solution),
        "distance_m": sum(card["distance_m"] for card in cards),
        "drive_s": sum(card["drive_s"] for card in cards),
        "routes": len(cards),
        "orders": sum(len(stop["order_ids"]) for card in cards for stop in card["stops"]),
        "left_out": len(left),
        "late": sum(v["code"] == "late" for card in cards for v in card["violations"]),
    }
    return {
        "routes": cards,
        "left_out": left,
        "totals": totals,
        "before": _totals_now(drafts, len(frame.orders)),
        "base": {str(route.pk): route.version for route in drafts},
        "engine": solution.engine,
    }


def _say(frame: Frame, words: str) -> str:
    """The planner speaks of shifts by number; people know vans by name."""
    for shift in frame.shifts:
        words = words.replace(f"vehicle '{shift.pk}'", str(shift.vehicle))
    return words


def _totals_now(drafts: list[Route], wanted: int) -> dict[str, int]:
    orders = StopOrder.objects.filter(stop__route__in=drafts, outcome=Outcome.PLANNED).count()
    return {
        "cost_cents": sum(route.cost_cents for route in drafts),
        "distance_m": sum(route.distance_m for route in drafts),
        "drive_s": sum(route.drive_s for route in drafts),
        "routes": len(drafts),
        "orders": orders,
        "left_out": wanted - orders,
        "late": sum(v["code"] == "late" for route in drafts for v in route.violations),
    }


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

    Draft routes it was made from must be unchanged. Orders cancelled or taken elsewhere meanwhile are dropped and every
    timetable is walked afresh, so nothing stale is stored. Returns the number of dropped orders.
    """
    sequences = {
        card["shift_id"]: [pk for stop in card["stops"] for pk in stop["order_ids"]]
        for card in plan.proposal.get("routes", [])
    }
    names = {card["shift_id"]: card for card in plan.proposal.get("routes", [])}
    with transaction.atomic():
        _end(plan, PlanState.ACCEPTED, actor, now)
        released = _replace_drafts(plan)
        fit = set(
            Order.objects.filter(
                station=plan.station, day=plan.day, state=OrderState.OPEN, pk__in=sum(sequences.values(), [])
            ).values_list("pk", flat=True)
        )
        kept = {shift: [pk for pk in ids if pk in fit] for shift, ids in sequences.items()}
        kept = {shift: ids for shift, ids in kept.items() if ids}
        frame = mapping.frame_of(plan.station, plan.day, kept)
        routes = [_make_route(plan, frame, shift, ids, names[shift]) for shift, ids in kept.items()]
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
    return {"dropped": sum(map(len, sequences.values())) - len(planned)}


def _replace_drafts(plan: Plan) -> list[int]:
    """Take the drafts the proposal replaces away and put their orders back into the pool."""
    base = {int(pk): version for pk, version in plan.proposal.get("base", {}).items()}
    drafts = _drafts(plan.station, plan.day)
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
    unchanged = ids == [pk for stop in card["stops"] for pk in stop["order_ids"]]
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
