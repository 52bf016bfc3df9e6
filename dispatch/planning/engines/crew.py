"""The first part of a large problem's time: our search in parts, side by side.

While much is still to be won, a plan gains more from twice the turns than it loses by what cannot cross a cut. On
1,000 stops and two cores the first third in parts made plans 1 % cheaper than the whole time on the whole plan; all
of the time in parts made them no cheaper, or dearer (``bench/planning``). So the search goes on undivided afterwards.
"""

from __future__ import annotations

import os
import time

from ..model import Plan, Problem
from ..search.crew import Crew, may_divide
from ..search.hunt import Hunt
from .base import Cancelled, Limit, Report
from .search import turn, unit_of

FROM_JOBS = 400
SHARE = 0.3
_ROUNDS = 16
"""As many rounds would fill the whole time."""

_REPORT_S = 1.0
_CHUNK_S = 0.05


def worth_dividing(problem: Problem) -> bool:
    """Whether a problem is large enough for two, and nothing ties its routes together."""
    return len(problem.jobs) >= FROM_JOBS and len(_hands()) > 1 and may_divide(problem)


def _hands() -> range:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return range(min(cores, 4))


def run_crew(
    problem: Problem, plan: Plan, limit: Limit, began: float, seed: int, report: Report, cancelled: Cancelled
) -> None:
    """Search in parts from ``plan`` until ``SHARE`` of the limit is over; ``report`` hears of better plans."""

    def share() -> float:
        return (time.perf_counter() - began) / max(1e-6, limit.latest_s)

    crew = Crew(problem, plan, hands=len(_hands()), seed=seed)
    unit, told = unit_of(problem, crew.cost, crew.absent_price), time.perf_counter()
    news = True
    try:
        while share() < SHARE and not cancelled():
            ends = min(SHARE, share() + 1 / _ROUNDS)

            def lead(hunt: Hunt, ends: float = ends) -> None:
                chunk = 10
                while (done := share()) < ends and not cancelled():
                    before = time.perf_counter()
                    turn(hunt, chunk, unit, done)
                    took = max(1e-6, time.perf_counter() - before)
                    chunk = max(1, min(4 * chunk, int(chunk * _CHUNK_S / took)))

            news = crew.round(lead) or news
            if news and time.perf_counter() - told > _REPORT_S:
                report(crew.plan)
                news, told = False, time.perf_counter()
        if news:
            report(crew.plan)
    finally:
        crew.close()
