"""The work of a planning job: build the problem, search in a warm solver program, verify, propose."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from dispatch.lifecycle import PlanState
from dispatch.models import Plan, Route, StopOrder
from dispatch.models.stop import Outcome
from dispatch.planning.heads import unforgiven
from dispatch.planning.model import Plan as Sequences
from dispatch.planning.program import SolveCancelledError
from dispatch.planning.progress import OnProgress, Progress
from dispatch.planning.solution import Change, Solution
from dispatch.planning.verify import verify
from dispatch.services.cities import open_city
from dispatch.services.mapping import Frame, orders_of, pk_of
from dispatch.services.part_files import remove_of
from dispatch.services.plan_goals import in_usual_prices, with_goals
from dispatch.services.plan_parts import is_large, search_parts
from dispatch.services.plan_scopes import about_of
from dispatch.services.planning_jobs import order_key
from dispatch.services.planning_policy import weights_of
from dispatch.services.planning_vehicles import shift_key
from dispatch.services.plans import planned_mark
from dispatch.services.route_times import RouteTimes
from dispatch.services.routes import colour_of, free_number, names_taken
from dispatch.services.solvers import solver
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job, JobState

FRAME_EVERY_S = 0.5
LARGE_FRAME_EVERY_S = 5.0


def build_frame(plan: Plan, now: datetime) -> Frame:
    """The day's problem as it stands: free shifts, wanted orders, and what must stay with whom."""
    about = about_of(plan)
    station, day = with_goals(plan.station, plan.goals), plan.day
    drafts = about.drafts()
    sequences = {route.shift_id: orders_of(route) for route in drafts}
    wanted = {order.pk: order for order in about.planned()}
    today = now.astimezone(station.zone).date() == day
    return Frame(
        station=station,
        day=day,
        roads=open_city(station).roads,
        shifts=[s for s in about.shifts() if not today or s.end > now],
        orders=sorted(wanted.values(), key=lambda order: order.pk),
        earliest=now if today else None,
        sequences={shift: [pk for pk in ids if pk in wanted] for shift, ids in sequences.items()},
        keep=about.keep,
        loose=about.loose,
        starts=_starts(drafts) if weights_of(station).moved_per_min else {},
        drivers={route.shift_id: route.driver for route in drafts},
        drafts=drafts,  # as they are now: whoever edits one while the search runs must not be overwritten
    )


def _starts(drafts: Sequence[Route]) -> dict[int, datetime]:
    """When each order of these routes is served by the plan that people know."""
    visits = StopOrder.objects.filter(stop__route__in=drafts, outcome=Outcome.PLANNED)
    return dict(visits.values_list("order_id", "stop__planned_start"))


def plan_ended(job: Job) -> None:
    """The run stopped without a proposal: say so on the plan."""
    state = PlanState.CANCELLED if job.state == JobState.CANCELLED else PlanState.FAILED
    plan_id = job.payload["plan_id"]
    remove_of(plan_id)
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
    start = {shift_key(shift): tuple(map(order_key, ids)) for shift, ids in frame.sequences.items() if ids}
    search = search_parts if is_large(frame) else _search
    solution = search(frame, plan, claim, start or None, show.progress)
    if plan.goals and not is_large(frame):
        frame, solution = in_usual_prices(frame, solution, plan.station)
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


def _search(
    frame: Frame, plan: Plan, claim: jobs.Claim, start: Sequences | None, on_progress: OnProgress
) -> Solution:
    """The day as one problem, verified once more on this side."""
    try:
        solution = solver().solve(
            frame.problem,
            time_limit_s=plan.time_limit_s,
            seed=plan.seed,
            warm_start=start,
            on_progress=on_progress,
            should_cancel=claim.cancelled.is_set,
        )
    except SolveCancelledError as error:
        raise jobs.Lost from error
    # What a route that stays as it is breaks by itself is shown, and is nobody's new fault.
    broken = unforgiven(frame.problem)(verify(frame.problem, solution))
    if broken:
        raise LastmileError(
            "plan_not_verified",
            f"The plan breaks a rule the planner did not see: {broken[0].words}",
            "Report this; the plan was thrown away.",
        )
    return solution


class _Screen:
    """Shows the improving plan to the board: a few times a second at most, a large one every few seconds."""

    def __init__(self, plan: Plan, frame: Frame, claim: jobs.Claim) -> None:
        self.plan, self.frame, self.claim = plan, frame, claim
        self.first_ms: int | None = None
        self.due, self.every_s = 0.0, LARGE_FRAME_EVERY_S if is_large(frame) else FRAME_EVERY_S

    def progress(self, progress: Progress) -> None:
        if self.first_ms is None:
            waited = timezone.now() - self.plan.started_at
            self.first_ms = int(waited / timedelta(milliseconds=1))
        if time.monotonic() < self.due or self.claim.cancelled.is_set():
            return
        self.due = time.monotonic() + self.every_s
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
        "breaks": times.pauses,
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
            "changes": [_change(frame, change) for change in left.changes],
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
        **_cost_parts(solution),
        "before": _totals_now(frame.drafts, len(frame.orders)),
        "base": {str(route.pk): route.version for route in frame.drafts},
        "shifts": {str(shift.pk): planned_mark(shift) for shift in frame.shifts},
        "engine": solution.engine,
    }


def _change(frame: Frame, change: Change) -> dict[str, Any]:
    """What would let an order in: the sentence, and what a button needs to do it."""
    return {
        "words": frame.say(change.words),
        "kind": change.kind,
        "shift_id": pk_of(change.vehicle),
        "amount": change.amount,
        "cents": change.cents,
    }


def _cost_parts(solution: Solution) -> dict[str, dict[str, int]]:
    """The shown cost by component, and that of rules at a price by their code."""
    costs = {name: cents for name, cents in asdict(solution.cost).items() if cents}
    for hidden in ("unassigned", "rules"):
        costs.pop(hidden, None)
    prices = Counter[str]()
    for penalty in solution.penalties:
        prices[penalty.code] += penalty.cents
    return {"costs": costs, "prices": {code: cents for code, cents in prices.items() if cents}}


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
