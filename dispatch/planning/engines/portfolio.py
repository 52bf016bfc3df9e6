"""Who runs, for how long, and how they hand over. Nothing leaves here unverified.

A constructed plan is there at once, and PyVRP searches from it. Where the problem has rules that it cannot
state (breaks, priced lateness), its routes are repaired, it starts again from the best of them, and OR-Tools
goes on where it is quick enough. Every plan that an engine reports is joined with the fixed
heads, repaired if it breaks anything, priced by the schedule walker, and, if it is cheaper than the best so
far, held against the independent checker. Whichever verified plan is cheapest wins.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field

from ..construct import construct
from ..errors import PlanningError
from ..evaluate import evaluate
from ..explain import explain
from ..heads import Headless, take_heads
from ..model import Plan, Problem
from ..progress import OnProgress, Progress
from ..repair import repair
from ..solution import Solution, Violation
from ..validate import check
from ..verify import verify
from .base import Cancelled, Engine, Limit
from .ortools import OrToolsEngine
from .pyvrp import PyVrpEngine

log = logging.getLogger(__name__)

EXPLAIN_S = 0.2
"""How long past the limit reasons may be looked for vehicle by vehicle."""

MEND_S = 0.4
"""How long a plan that comes at the limit or past it may still be mended, or its search was for nothing."""

FEW, MANY = 100, 500
"""Up to ``FEW`` jobs OR-Tools still finds what PyVRP cannot state; with ``MANY`` its model alone takes seconds."""


@dataclass(slots=True)
class Desk:
    """Where engines hand in plans: keeps the cheapest one that passes every check."""

    problem: Problem
    headless: Headless
    on_progress: OnProgress | None
    began: float
    deadline: float | None
    tolerated: dict[tuple[str, str, str], int] = field(default_factory=dict)
    best: Solution | None = None
    rejected: int = 0
    mend_until: float | None = None

    def __post_init__(self) -> None:
        """What the fixed heads break by themselves cannot be held against a plan."""
        heads = evaluate(self.problem, {v.id: v.first for v in self.problem.vehicles if v.first})
        self.tolerated = {(v.code, v.route, v.job): v.amount for v in heads.violations}

    def offer(self, plan: Plan, engine: str) -> None:
        """Look at a plan of the whole problem; keep it if it is better."""
        if self.deadline is not None:
            self.mend_until = max(self.deadline, time.perf_counter()) + MEND_S
        solution = evaluate(self.problem, plan, engine=engine)
        if self._broken(solution.violations) or self._could_take_more(solution):
            solution = evaluate(self.problem, repair(self.problem, plan, self._expired), engine=engine)
        if self.best is not None and solution.cost.total >= self.best.cost.total:
            return
        faults = self._broken(verify(self.problem, solution))
        if faults:
            self.rejected += 1
            log.warning("a plan of %s was refused: %s", engine, faults[0])
            return
        self.best = solution
        if self.on_progress is not None:
            elapsed = time.perf_counter() - self.began
            self.on_progress(Progress(elapsed, solution.cost.total, engine, solution))

    def offer_headless(self, plan: Plan, engine: str) -> None:
        """The same for a plan of the problem without heads."""
        self.offer(self.headless.join(plan), engine)

    def _broken(self, violations: tuple[Violation, ...] | list[Violation]) -> list[Violation]:
        return [v for v in violations if v.amount > self.tolerated.get((v.code, v.route, v.job), 0)]

    def _could_take_more(self, solution: Solution) -> bool:
        """Only a plan that may become the best is worth the trouble of filling it up."""
        if not solution.unassigned:
            return False
        reachable = solution.cost.total - solution.cost.unassigned
        return self.best is None or reachable < self.best.cost.total

    def _expired(self) -> bool:
        return self.mend_until is not None and time.perf_counter() > self.mend_until


def states_all(problem: Problem) -> bool:
    """Whether PyVRP can state every rule of this problem."""
    return not any(v.breaks for v in problem.vehicles) and not any(
        job.late_price_per_min is not None for job in problem.jobs
    )


def solve(
    problem: Problem,
    *,
    time_limit_s: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    warm_start: Plan | None = None,
    on_progress: OnProgress | None = None,
    should_cancel: Cancelled | None = None,
) -> Solution:
    """The best verified plan within the limit; jobs left out carry their reasons.

    One of ``time_limit_s`` and ``iterations`` must be given; with iterations alone the result repeats for a
    seed.
    ``should_cancel`` is asked often; the best plan so far is then returned. Raises ``InvalidProblemError``,
    and
    ``PlanningError`` ``no_limit`` or ``no_verified_plan``.
    """
    check(problem)
    if time_limit_s is None and iterations is None:
        raise PlanningError("no_limit", "Neither time nor iterations are limited.", "Give one of the two.")
    began = time.perf_counter()
    cancelled = should_cancel or (lambda: False)
    headless = take_heads(problem)
    deadline = None if time_limit_s is None else began + time_limit_s
    desk = Desk(problem, headless, on_progress, began, deadline)
    if warm_start:
        desk.mend_until = deadline
        desk.offer(repair(problem, warm_start, desk._expired), "warm_start")
    if desk.best is None:
        desk.offer_headless(construct(headless.problem), "construction")
    for turn, (engine, limit) in enumerate(_runs(headless.problem, time_limit_s, iterations)):
        if not headless.problem.jobs or not headless.problem.vehicles or cancelled():
            break
        if turn and _too_late(limit, deadline):
            break
        start = headless.cut(desk.best.plan) if desk.best is not None else None
        _run(engine, headless.problem, _rest(limit, deadline), seed + turn, start, desk, cancelled)
    if desk.best is None:
        desk.offer({v.id: v.first for v in problem.vehicles if v.first}, "none")
    if desk.best is None:
        raise PlanningError(
            "no_verified_plan",
            "No plan passed the independent checker.",
            "Report this with the problem: it is a fault of the planner, not of the input.",
        )
    ends = None if deadline is None else max(deadline, time.perf_counter()) + EXPLAIN_S
    return explain(problem, desk.best, lambda: ends is not None and time.perf_counter() > ends)


def _run(
    engine: Engine,
    problem: Problem,
    limit: Limit,
    seed: int,
    start: Plan | None,
    desk: Desk,
    cancelled: Cancelled,
) -> None:
    def report(plan: Plan) -> None:
        desk.offer_headless(plan, engine.name)

    engine.run(problem, limit=limit, seed=seed, start=start, report=report, cancelled=cancelled)


def _runs(problem: Problem, time_s: float | None, iterations: int | None) -> list[tuple[Engine, Limit]]:
    """The engines in their order, each with its limit.

    What PyVRP cannot state it finds better in rounds, each from the best plan after repair.
    """
    if states_all(problem):
        return [(PyVrpEngine(), Limit(time_s, iterations))]
    if time_s is None:
        return [(PyVrpEngine(), Limit(None, iterations)), (OrToolsEngine(), Limit(None, iterations))]
    shares = (0.2, 0.2) if len(problem.jobs) <= FEW else (0.33, 0.33, 0.33)
    priced = any(job.late_price_per_min is not None for job in problem.jobs)
    if priced and FEW < len(problem.jobs) <= MANY:
        shares = (0.4, 0.4)
    runs: list[tuple[Engine, Limit]] = [
        (PyVrpEngine(), Limit(time_s * share, iterations)) for share in shares
    ]
    if len(problem.jobs) <= FEW or (priced and len(problem.jobs) <= MANY):
        runs.append((OrToolsEngine(), Limit(time_s, iterations)))
    return runs


def _too_late(limit: Limit, deadline: float | None) -> bool:
    """A further round needs half of its time at least, or it would end before it has begun."""
    if deadline is None or limit.time_s is None:
        return False
    return deadline - time.perf_counter() < min(limit.time_s / 2, 1.0)


def _rest(limit: Limit, deadline: float | None) -> Limit:
    """No engine may run past the deadline of all."""
    if deadline is None or limit.time_s is None:
        return limit
    left = max(0.01, deadline - time.perf_counter())
    return Limit(min(limit.time_s, left), limit.iterations)
