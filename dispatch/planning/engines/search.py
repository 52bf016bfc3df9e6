"""Our own search as an engine: it knows every rule of the walker, so what it reports needs no repair."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..model import Plan, Problem
from ..search.hunt import Hunt
from .base import Cancelled, Limit, Report

_WARM, _COOL = 3.0, 0.05
"""Temperatures against the cost of one job, at the beginning and at the end."""

_CHUNK_S = 0.1
_REPEATABLE_TURNS = 200

_PATIENCE = 9
"""Between two reports the search goes on for so many times as long as the last one took to look at."""

_AVERAGE = 15


def turn(hunt: Hunt, turns: int, unit: float, done: float) -> None:
    """So many turns at the temperature of a search that is through with this share of its time. ``unit``: cents of
    one job.
    """
    heat = max(1.0, unit * _WARM * (_COOL / _WARM) ** done)
    hunt.anneal(turns, heat, heat, min(_AVERAGE, 1 + len(hunt.problem.jobs) // 4))


def unit_of(problem: Problem, cost: int, absent_price: int) -> float:
    """What one job costs in a plan, its leave prices aside."""
    return max(1, cost - absent_price) / max(1, len(problem.jobs))


class SearchEngine:
    """Ruin and recreate under simulated annealing."""

    name = "search"

    def run(
        self,
        problem: Problem,
        *,
        limit: Limit,
        seed: int,
        start: Plan | None,
        report: Report,
        cancelled: Cancelled,
    ) -> None:
        """See ``Engine.run``. An iteration is one turn of ruin and recreate."""
        if not problem.jobs or not problem.vehicles:
            return
        began = time.perf_counter()
        hunt = Hunt(problem, start or {}, seed=seed)
        hunt.fill()
        Annealing(hunt, limit, began, report, cancelled).run()


class Annealing:
    """Leads one hunt through its temperatures until the limit."""

    def __init__(self, hunt: Hunt, limit: Limit, began: float, report: Report, cancelled: Cancelled) -> None:
        self.hunt, self.limit, self.began = hunt, limit, began
        self.report, self.cancelled = report, cancelled
        self.seen = -1
        self.chunk = _REPEATABLE_TURNS if limit.repeatable else 20
        self.unit = unit_of(hunt.problem, hunt.cost, hunt.absent_price)
        self.look_s, self.next_look = 0.0, 0.0

    def run(self, between: Callable[[], None] = lambda: None) -> None:
        """Anneal until the time or the turns are over; ``between`` is called after each chunk."""
        self.tell()
        while (done := self.share_done()) < 1.0 and not self.cancelled():
            self.step(done)
            if self.limit.repeatable or time.perf_counter() >= self.next_look:
                self.tell()
            between()
        self.tell()

    def step(self, done: float) -> None:
        """One chunk of turns at the temperature of this moment."""
        before = time.perf_counter()
        turn(self.hunt, self.chunk, self.unit, done)
        if not self.limit.repeatable:
            took = max(1e-6, time.perf_counter() - before)
            self.chunk = max(1, min(4 * self.chunk, int(self.chunk * _CHUNK_S / took)))

    def share_done(self) -> float:
        """How much of the limit is used up, 0 to 1."""
        if self.limit.repeatable:
            return self.hunt.turns / max(1, self.limit.iterations or 0)
        return (time.perf_counter() - self.began) / max(1e-6, self.limit.latest_s - self.look_s)

    def tell(self) -> None:
        """Report the best plan if it is new."""
        if self.hunt.improved != self.seen:
            began, self.seen = time.perf_counter(), self.hunt.improved
            self.report(self.hunt.plan())
            now = time.perf_counter()
            self.look_s = min(max(self.look_s, now - began), self.limit.latest_s / 4)
            self.next_look = now + _PATIENCE * (now - began)
