"""Ours: the portfolio."""

from __future__ import annotations

from dispatch.planning.engines import portfolio
from dispatch.planning.model import Problem
from dispatch.planning.progress import Progress

from .base import Answer


def lastmile(problem: Problem, seconds: float, seed: int) -> Answer:
    """Everything included: checking the problem, the first plan, verifying, reasons for what is left out."""
    seen: list[Progress] = []
    solution = portfolio.solve(problem, time_limit_s=seconds, seed=seed, on_progress=seen.append)
    trail = tuple((round(p.elapsed_s, 3), p.cost) for p in seen)
    return Answer(solution.plan, trail[0][0] if trail else None, trail, solution.engine)
