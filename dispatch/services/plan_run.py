"""The work of a planning job: build the problem, search in a warm solver program, verify, propose."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dispatch.lifecycle import PlanState
from dispatch.models import Plan, Route, StopOrder
from dispatch.models.stop import Outcome
from dispatch.planning.program import Progress, SolveCancelledError, SolverProgram
from dispatch.planning.solution import Solution
from dispatch.planning.verify import verify
from dispatch.services.cities import open_city
from dispatch.services.mapping import Frame, RouteTimes, order_key, orders_of, pk_of, shift_key
from dispatch.services.plans import drafts_of, free_shifts, planned_mark, wanted_orders
from dispatch.services.routes import colour_of, free_number, names_taken
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job, JobState

FRAME_EVERY_S = 0.5


def build_frame(plan: Plan, now: datetime) -> Frame:
    """The day's problem as it stands: free shifts, wanted orders, and what must stay with whom."""
    station, day = plan.station, plan.day
    drafts = drafts_of(station, day)
    sequences = {route.shift_id: orders_of(route) for route in drafts}
    wanted = {order.pk: order for order in wanted_orders(station, day, "all")}
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
        drivers={route.shift_id: route.driver for route in drafts},
        drafts=drafts,  # as they are now: whoever edits one while the search runs must not be overwritten
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
            warm_start={
                shift_key(shift): tuple(map(order_key, ids)) for shift, ids in frame.sequences.items() if ids
            }
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
    drafts = {route.shift_id: (route.name, route.colour) for route in frame.drafts}
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
    driver = frame.drivers.get(shift.pk, shift.driver)
    return {
        "shift_id": times.shift_id,
        "vehicle_id": shift.vehicle_id,
        "driver_id": driver.pk if driver else None,
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
    left = [
        {
            "order_id": pk_of(left.job),
            "code": left.code,
            "words": frame.say(left.words),
            "changes": [frame.say(change.words) for change in left.changes],
        }
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
        "before": _totals_now(frame.drafts, len(frame.orders)),
        "base": {str(route.pk): route.version for route in frame.drafts},
        "shifts": {str(shift.pk): planned_mark(shift) for shift in frame.shifts},
        "engine": solution.engine,
    }


def _totals_now(drafts: Sequence[Route], wanted: int) -> dict[str, int]:
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
