"""Which of the windows that are offered fit into a plan, and what the order would cost in each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .looks import Judge, Looks
from .model import Plan, Problem, Window
from .sweep import COST, OPTION, PLACE, SECOND, START, WAIT

_TRIED = 6
"""Where routes are tied to each other, so many of the likeliest places are evaluated for each window."""


@dataclass(frozen=True, slots=True)
class WindowSlot:
    """The cheapest place for a job in one window. ``cost``: marginal cents of the whole plan; ``start``: when the
    service would begin. ``position`` in the vehicle's items, and ``second`` that of a shipment's delivery (-1:
    none), both counted in the route without the order.
    """

    window: Window
    vehicle: str
    position: int
    cost: int
    start: int
    second: int = -1


def slots(
    problem: Problem, plan: Plan, job: str, windows: Sequence[Window], limit: int = 12
) -> tuple[WindowSlot, ...]:
    """The cheapest place for ``job`` in each of ``windows`` that breaks nothing, the cheapest window first, at most
    ``limit`` of them. A window in which it fits nowhere is not among them.

    ``job`` is a job of the problem; if the plan has it already, it is looked at as if it had not, and its own
    windows count for nothing. Of a shipment the window is that of the pickup. Raises ``PlanningError``.
    """
    if not windows or not problem.vehicles:
        return ()
    looks = Looks(problem, plan, job, windows)
    found = [_found(looks, k) for k in range(len(problem.vehicles))]
    rows = np.vstack([part for part in found if len(part)] or [np.zeros((0, 15), dtype=np.int64)])
    rows = rows[np.lexsort((rows[:, PLACE], rows[:, -1], rows[:, WAIT], rows[:, COST], rows[:, OPTION]))]
    judge = Judge(problem, looks.plan) if looks.tied else None
    offered = [_slot(looks, judge, rows[rows[:, OPTION] == k], window) for k, window in enumerate(windows)]
    return tuple(
        sorted((slot for slot in offered if slot), key=lambda s: (s.cost, s.start, s.window))[:limit]
    )


def _found(looks: Looks, k: int) -> np.ndarray:
    """Clean looks at one vehicle, with its number as the last column."""
    if looks.barred(k):
        return np.zeros((0, 15), dtype=np.int64)
    rows = looks.clean(k, looks.rows(k, prune=not looks.tied))
    return np.column_stack([rows, np.full(len(rows), k)])


def _slot(looks: Looks, judge: Judge | None, rows: np.ndarray, window: Window) -> WindowSlot | None:
    """The best of the looks at one window, which are in order."""
    if judge is None:
        return _as_looked(looks, rows[0].tolist(), window) if len(rows) else None
    number = looks.request.job
    jobs = looks.problem.jobs
    wanted = replace(jobs[number], windows=(window,))
    problem = replace(looks.problem, jobs=(*jobs[:number], wanted, *jobs[number + 1 :]))
    best: WindowSlot | None = None
    for row in rows[:_TRIED].tolist():
        likely = _as_looked(looks, row, window)
        cents, after = judge.marginal(problem, looks.plan_with(row[-1], row[PLACE], row[SECOND]))
        if cents is not None and (best is None or cents < best.cost):
            starts = {step.id: step.start for route in after.routes for step in route.steps}
            best = replace(likely, cost=cents, start=starts[wanted.id])
    return best


def _as_looked(looks: Looks, row: list[int], window: Window) -> WindowSlot:
    second = row[SECOND] if looks.request.mate >= 0 else -1
    return WindowSlot(window, looks.c.vehicles[row[-1]].id, row[PLACE], row[COST], row[START], second)
