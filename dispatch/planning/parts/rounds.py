"""Rounds: cut, solve side by side, join, and cut anew across the seams."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from ..engines.base import Cancelled
from ..errors import PlanningError
from ..model import Plan, Problem
from ..progress import OnProgress, Progress
from ..solution import Route, Solution
from .cut import Part, cut, parts_for
from .join import faults, join
from .layout import Spots, spots_of
from .task import RunAll, Task, task_of
from .ways import Ways, priced

log = logging.getLogger(__name__)

SIZE = 1000
"""Jobs to a part: at 500 what cannot cross a seam costs 5 %; larger ones gain no more."""

FIRST_S = 0.05
"""Limit of a part's first plan: what is constructed is the answer."""

TURN_S = 4.0
"""Usual seconds of one part in one round; longer limits have more rounds, not longer ones, up to"""

MOST_ROUNDS = 12

LEAST_S = 0.2
"""No part is searched for less."""

LATE_S = 1.0
"""Parts may come back so much past the limit."""

TELL_S = 2.0
"""Within a round plans are joined and shown so often."""

REPEATABLE_ROUNDS = 3
"""Rounds where there is no clock."""

ENGINE = "parts"


type Found = dict[int, tuple[tuple[Route, ...], Solution]]
"""By number of the part its routes, at the places of the whole, and its solution."""


@dataclass(slots=True)
class _Day:
    """What is being planned, and the best plan so far."""

    problem: Problem
    spots: Spots
    run_all: RunAll
    count: int
    waves: int
    seed: int
    cancelled: Cancelled
    on_progress: OnProgress | None
    began: float
    turn: int = 0
    overhead_s: float = 0.0
    best: Solution | None = None

    def begin(self, plan: Plan | None, *, repeatable: bool) -> None:
        """A first plan of each part, or the given one mended."""
        parts, tasks = self._deal(plan, *((None, 1) if repeatable else (FIRST_S, None)))
        found: Found = {}
        for _ in range(2):  # a worker may have died: its part is asked for once more
            left = [number for number in range(len(tasks)) if number not in found]
            for at, solution in self.run_all([tasks[number] for number in left], self.cancelled):
                found[left[at]] = tasks[left[at]].placed(solution), solution
            if len(found) == len(tasks) or self.cancelled():
                break
        if found or not tasks:  # a plan that leaves all orders is no answer to workers that all died
            self._keep(parts, dict(sorted(found.items())))
        self.overhead_s = (time.perf_counter() - self.began) / self.waves

    def share(self, time_limit_s: float) -> float:
        """Seconds for each part in the next round, as many rounds as there is time for. What a part takes besides its
        search, its ways above all, makes rounds longer and fewer.
        """
        left = self.began + time_limit_s - time.perf_counter()
        usual = self.waves * (max(TURN_S, 2 * self.overhead_s) + self.overhead_s)
        rounds = max(1, min(MOST_ROUNDS + 1 - self.turn, round(left / usual)))
        return left / rounds / self.waves - self.overhead_s

    def round(self, time_s: float | None, iterations: int | None, ends: float | None) -> None:
        """All parts once, cut along other seams than before. Those that have no plan when it ``ends`` (a moment of
        the clock) keep what they have.
        """
        began = time.perf_counter()
        parts, tasks = self._deal(self.best.plan if self.best else None, time_s, iterations)
        new: Found = {}
        came, told = 0, began
        for number, solution in self.run_all(tasks, self._until(ends)):
            came += 1
            new[number] = tasks[number].placed(solution), solution
            if ends is not None and time.perf_counter() - told >= TELL_S:
                self._offer(parts, new)
                new, told = {}, time.perf_counter()
        self._offer(parts, dict(sorted(new.items())))
        if time_s is not None:
            self._learn(time.perf_counter() - began, time_s, came, len(tasks))

    def _until(self, ends: float | None) -> Cancelled:
        return lambda: self.cancelled() or (ends is not None and time.perf_counter() > ends)

    def _learn(self, took_s: float, time_s: float, came: int, asked: int) -> None:
        """How long a part takes besides its search, and how many times the workers must take one each."""
        if came < asked:
            self.waves = ceil(self.waves * asked / max(1, came))
        else:
            self.overhead_s = max(0.0, took_s / self.waves - time_s)

    def _deal(
        self, plan: Plan | None, time_s: float | None, iterations: int | None
    ) -> tuple[list[Part], list[Task]]:
        parts = [p for p in cut(self.problem, self.spots, self.count, plan=plan, turn=self.turn) if p.jobs]
        seed = self.seed + 1000 * self.turn
        self.turn += 1
        return parts, [
            task_of(
                self.problem, part, docks=len(parts), share=number, plan=plan,
                time_s=time_s, iterations=iterations, seed=seed + number,
            )
            for number, part in enumerate(parts)
        ]  # fmt: skip

    def _offer(self, parts: Sequence[Part], new: Found) -> None:
        """Keep what has come, all of it or each part that does good by itself."""
        if new and not self._keep(parts, new) and len(new) > 1:
            for number, one in new.items():
                self._keep(parts, {number: one})

    def _keep(self, parts: Sequence[Part], new: Found) -> bool:
        """Join what has come with what stands; the best plan if it is better and nothing is wrong with it."""
        vans = {self.problem.vehicles[v].id for number in new for v in parts[number].vehicles}
        stands = self.best.routes if self.best is not None else ()
        routes = [route for route in stands if route.vehicle not in vans]
        routes += [route for placed, _ in new.values() for route in placed]
        told = [*(self.best.unassigned if self.best is not None else ())]
        told += [reason for _, solution in new.values() for reason in solution.unassigned]
        joined = join(self.problem, routes, {reason.job: reason for reason in told}, ENGINE)
        if self.best is not None and joined.cost.total >= self.best.cost.total:
            return False
        broken = faults(self.problem, joined, [*self._stand(), *(solution for _, solution in new.values())])
        if broken:
            log.warning("a joined plan was refused: %s", broken[0])
            return False
        self.best = joined
        if self.on_progress is not None:
            elapsed = time.perf_counter() - self.began
            self.on_progress(Progress(elapsed, joined.cost.total, ENGINE, joined))
        return True

    def _stand(self) -> list[Solution]:
        return [self.best] if self.best is not None else []


def solve_parts(
    problem: Problem,
    ways: Ways,
    run_all: RunAll,
    *,
    workers: int = 2,
    size: int = SIZE,
    time_limit_s: float | None = None,
    iterations: int | None = None,
    seed: int = 0,
    warm_start: Plan | None = None,
    on_progress: OnProgress | None = None,
    should_cancel: Cancelled | None = None,
) -> Solution:
    """The best plan of a problem that is too large for one search; what is left out carries its reasons.

    ``problem.matrices`` is not looked at: each part asks ``ways`` for its own square. ``run_all`` solves the parts
    side by side, ``workers`` at a time. A warm start is mended in its parts. With ``iterations`` (of each part
    in each round) alone the result repeats for a seed. ``should_cancel`` is asked often; the best plan so far is then
    returned. Raises ``InvalidProblemError`` and ``PlanningError`` ``no_limit``, ``no_verified_plan``.

    Every plan that is shown was verified, route by route in the parts, and as a whole in what concerns several
    routes. That is exact: no rule spans parts but those below, and these are judged, and priced to the cent, on the
    joined plan, which counts only if it is better. The *search* within a part is what sees less of them:

    - docks are dealt out to the parts, so that plans of parts never need more together than there are; a fleet
      that could share them better in time does not;
    - a carrier's minimum, and the prices of balance and of an early finish, are minded within each part, not between
      parts;
    - reasons and changes for a job that is left out speak of the vehicles of its part.
    """
    if time_limit_s is None and iterations is None:
        raise PlanningError("no_limit", "Neither time nor iterations are limited.", "Give one of the two.")
    began = time.perf_counter()
    whole = priced(problem, ways)
    count = parts_for(whole, size, workers)
    day = _Day(whole, spots_of(whole, ways), run_all, count, ceil(count / workers), seed,
               should_cancel or (lambda: False), on_progress, began)  # fmt: skip
    day.begin(warm_start, repeatable=time_limit_s is None)
    if time_limit_s is None:
        for _ in range(REPEATABLE_ROUNDS if count > 1 else 1):
            day.round(None, iterations, None)
    else:
        while (seconds := day.share(time_limit_s)) >= LEAST_S and not day.cancelled():
            day.round(seconds, iterations, _ends(began + time_limit_s, seconds, day))
    if day.best is None:
        cause = "No part came back with a plan."
        raise PlanningError("no_verified_plan", cause, "Try again; the log of the workers tells more.")
    return day.best


def _ends(deadline: float, seconds: float, day: _Day) -> float:
    """When a round is over in any case: a fifth past its time, and not after the limit."""
    return min(deadline + LATE_S, time.perf_counter() + 1.2 * day.waves * (seconds + day.overhead_s) + LATE_S)
