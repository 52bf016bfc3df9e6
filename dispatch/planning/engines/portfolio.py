"""Who runs, for how long, and how they hand over. Nothing leaves here unverified.

A constructed plan is there at once. A large problem is first searched in parts (``crew.py``). Then two engines
work side by side on two cores: PyVRP, which is strong where it can state the rules, and our own search, which knows
all of them and runs without the interpreter lock. PyVRP runs in rounds, each from the best plan of both; the search
goes over to a plan of PyVRP that is better than its own. Every plan that an engine reports is joined with the fixed
heads, repaired if it breaks anything, priced by the schedule walker, and, if it is cheaper than the best so far, held
against the independent checker. Whichever verified plan is cheapest wins.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ..construct import construct
from ..errors import PlanningError
from ..evaluate import evaluate
from ..explain import explain
from ..heads import Headless, take_heads, unforgiven
from ..model import Plan, Problem
from ..progress import OnProgress, Progress
from ..repair import repair
from ..search.hunt import Hunt
from ..solution import Solution, Violation
from ..validate import check
from ..verify import verify
from .base import Cancelled, Limit
from .crew import run_crew, worth_dividing
from .pyvrp import PyVrpEngine
from .search import Annealing, SearchEngine

log = logging.getLogger(__name__)

EXPLAIN_S = 0.2
"""How long past the limit reasons may be looked for vehicle by vehicle."""

MEND_S = 0.4
"""How long a plan that comes at the limit or past it may still be mended, or its search was for nothing."""

ROUNDS = (0.4, 0.35, 0.25)
"""Shares of the time of PyVRP's rounds."""

TAKE_OVER = 0.002
"""The search goes over to a plan that is better than its own by this share, and looks for one so often: """

LOOK_EVERY_S = 0.5


@dataclass(slots=True)
class Desk:
    """Where engines hand in plans: keeps the cheapest one that passes every check."""

    problem: Problem
    headless: Headless
    on_progress: OnProgress | None
    began: float
    deadline: float | None
    best: Solution | None = None
    rejected: int = 0
    mend_until: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)
    _broken: Callable[[Iterable[Violation]], list[Violation]] = field(init=False)

    def __post_init__(self) -> None:
        self._broken = unforgiven(self.problem)

    def offer(self, plan: Plan, engine: str) -> None:
        """Look at a plan of the whole problem; keep it if it is better. One thread at a time."""
        with self.lock:
            self._look(plan, engine)

    def _look(self, plan: Plan, engine: str) -> None:
        if self.deadline is not None:
            self.mend_until = max(self.deadline, time.perf_counter()) + MEND_S
        solution = evaluate(self.problem, plan, engine=engine)
        broken = self._broken(solution.violations)
        if broken or self._could_take_more(solution):
            mended = evaluate(self.problem, repair(self.problem, plan, self._expired), engine=engine)
            if self._keep(mended) or broken:
                return
        self._keep(solution)

    def _keep(self, solution: Solution) -> bool:
        """Whether this plan is the best so far, and passes the checker."""
        if self.best is not None and solution.cost.total >= self.best.cost.total:
            return False
        faults = self._broken(verify(self.problem, solution))
        if faults:
            self.rejected += 1
            log.warning("a plan of %s was refused: %s", solution.engine, faults[0])
            return False
        self.best = solution
        if self.on_progress is not None:
            elapsed = time.perf_counter() - self.began
            self.on_progress(Progress(elapsed, solution.cost.total, solution.engine, solution))
        return True

    def offer_headless(self, plan: Plan, engine: str) -> None:
        """The same for a plan of the problem without heads."""
        self.offer(self.headless.join(plan), engine)

    def _could_take_more(self, solution: Solution) -> bool:
        """Only a plan that may become the best is worth the trouble of filling it up."""
        if not solution.unassigned:
            return False
        reachable = solution.cost.total - solution.cost.unassigned
        return self.best is None or reachable < self.best.cost.total

    def _expired(self) -> bool:
        return self.mend_until is not None and time.perf_counter() > self.mend_until


def solve(
    problem: Problem,
    *,
    time_limit_s: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    warm_start: Plan | None = None,
    on_progress: OnProgress | None = None,
    should_cancel: Cancelled | None = None,
    cores: int = 2,
) -> Solution:
    """The best verified plan within the limit; jobs left out carry their reasons. With one core
    only our own search runs.

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
    if headless.problem.jobs and headless.problem.vehicles and not cancelled():
        if time_limit_s is None:
            _in_turn(desk, headless, iterations or 0, seed, cancelled)
        elif cores == 1:
            _alone(desk, Limit(time_limit_s, iterations), seed, cancelled)
        else:
            _side_by_side(desk, headless, Limit(time_limit_s, iterations), seed, cancelled)
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


def _in_turn(desk: Desk, headless: Headless, iterations: int, seed: int, cancelled: Cancelled) -> None:
    """One engine after the other, the same every time: for limits without a clock."""
    limit = Limit(None, iterations)

    def report(plan: Plan) -> None:
        desk.offer_headless(plan, PyVrpEngine.name)

    start = headless.cut(desk.best.plan) if desk.best is not None else None
    PyVrpEngine().run(
        headless.problem, limit=limit, seed=seed, start=start, report=report, cancelled=cancelled
    )
    if cancelled():
        return

    def tell(plan: Plan) -> None:
        desk.offer(plan, SearchEngine.name)

    best = desk.best.plan if desk.best is not None else {}
    SearchEngine().run(desk.problem, limit=limit, seed=seed, start=best, report=tell, cancelled=cancelled)


def _alone(desk: Desk, limit: Limit, seed: int, cancelled: Cancelled) -> None:
    """On one core: our search. Some of the time for PyVRP first made plans of 500 jobs 1 to 3 % dearer."""
    if time.perf_counter() - desk.began < limit.latest_s:
        _hunt(desk, limit, seed, cancelled)


def _side_by_side(desk: Desk, headless: Headless, limit: Limit, seed: int, cancelled: Cancelled) -> None:
    """The search in a thread of its own, PyVRP here."""
    faults: list[BaseException] = []
    over = threading.Event()

    def stop() -> bool:
        return over.is_set() or cancelled()

    def hunt() -> None:
        try:
            _hunt(desk, limit, seed, stop)
        except BaseException as fault:  # noqa: BLE001 - raised again below, in the thread that is waited for
            faults.append(fault)

    _crew(desk, limit, seed, cancelled)
    thread = threading.Thread(target=hunt, name="search", daemon=True)
    thread.start()
    try:
        _rounds(desk, headless, limit, seed, stop)
    except BaseException:
        over.set()
        raise
    finally:
        thread.join()
    if faults:
        raise faults[0]


def _crew(desk: Desk, limit: Limit, seed: int, cancelled: Cancelled) -> None:
    """The beginning of a large problem."""
    if not worth_dividing(desk.problem):
        return

    def report(plan: Plan) -> None:
        desk.offer(plan, SearchEngine.name)

    start = desk.best.plan if desk.best is not None else {}
    run_crew(replace(desk.problem), start, limit, desk.began, seed, report, cancelled)


def _hunt(desk: Desk, limit: Limit, seed: int, stop: Cancelled) -> None:
    """Our search over the whole problem, taking over what is better than its own."""
    problem = replace(desk.problem)  # with compiled tables of its own: a walker serves one thread
    best = desk.best
    hunt = Hunt(problem, best.plan if best is not None else {}, seed=seed)
    hunt.fill()

    def report(plan: Plan) -> None:
        desk.offer(plan, SearchEngine.name)

    looked = time.perf_counter()

    def take_over() -> None:
        nonlocal looked
        if time.perf_counter() - looked > LOOK_EVERY_S:
            looked, best = time.perf_counter(), desk.best
            if best is not None and best.cost.total < hunt.cost * (1 - TAKE_OVER):
                hunt.load(best.plan)

    Annealing(hunt, limit, desk.began, report, stop).run(take_over)


def _rounds(desk: Desk, headless: Headless, limit: Limit, seed: int, stop: Cancelled) -> None:
    """PyVRP from the best plan, again and again."""
    problem = replace(headless.problem)
    whole = desk.began + limit.latest_s - time.perf_counter()

    def report(plan: Plan) -> None:
        desk.offer_headless(plan, PyVrpEngine.name)

    for turn, share in enumerate(ROUNDS):
        left = desk.began + limit.latest_s - time.perf_counter()
        if stop() or left <= 0.02:
            return
        seconds = min(whole * share, left) if turn < len(ROUNDS) - 1 else left
        start = headless.cut(desk.best.plan) if desk.best is not None else None
        PyVrpEngine().run(
            problem,
            limit=Limit(seconds, limit.iterations),
            seed=seed + turn,
            start=start,
            report=report,
            cancelled=stop,
        )
