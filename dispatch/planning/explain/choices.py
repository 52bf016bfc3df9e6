"""Why this driver, and why not that one: one job held against every vehicle of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..looks import Judge, Looks, no_worse
from ..model import Problem
from ..rules.codes import NUMBER
from ..rules.registry import rule_of
from ..solution import Solution, Violation
from ..sweep import COST, PLACE, SECOND, START
from .reasons import reason_of

_TRIED = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """One vehicle for a job. ``cents``: what the plan costs more to drive with the job at its best position there,
    ``None`` where a rule bars it; then ``code``, ``rule`` (its name in the registry) and ``words`` say which.
    ``current``: it is on this route now; ``position`` and ``start`` are those of the best position all the same.
    """

    vehicle: str
    current: bool
    cents: int | None = None
    position: int = -1
    start: int = -1
    code: str = ""
    rule: str = ""
    words: str = ""


def why(problem: Problem, solution: Solution, job: str) -> tuple[Choice, ...]:
    """Every vehicle for ``job``, the cheapest first, those that a rule bars last, each as if the plan had the job
    nowhere yet. Raises ``PlanningError`` ``unknown_job``.
    """
    if not problem.vehicles:
        return ()
    plan = solution.plan
    looks = Looks(problem, plan, job)
    judge = Judge(problem, looks.plan) if looks.tied else None
    found = [_choice(looks, judge, k, job) for k in range(len(problem.vehicles))]
    now = next((vehicle for vehicle, items in plan.items() if job in items), "")
    marked = [replace(choice, current=choice.vehicle == now) for choice in found]
    return tuple(sorted(marked, key=lambda c: (c.cents is None, c.cents or 0, not c.current, c.vehicle)))


def _choice(looks: Looks, judge: Judge | None, k: int, job: str) -> Choice:
    vehicle = looks.c.vehicles[k]
    rows = looks.clean(k, looks.rows(k, prune=False))
    ranked = sorted(rows.tolist(), key=lambda row: (row[COST], row[PLACE], row[SECOND]))
    if judge is not None:
        return _judged(looks, judge, k, job, ranked[:_TRIED])
    if not ranked:
        return _barred(looks, k, job)
    row = ranked[0]
    return Choice(vehicle.id, False, row[COST], row[PLACE], row[START])


def _judged(looks: Looks, judge: Judge, k: int, job: str, ranked: list[list[int]]) -> Choice:
    """Where routes are tied to each other, the likeliest positions are evaluated."""
    found: list[Choice] = []
    broken: Violation | None = None
    for row in ranked:
        cents, after = judge.marginal(looks.problem, looks.plan_with(k, row[PLACE], row[SECOND]))
        if cents is None:
            broken = next(v for v in after.violations if not no_worse(judge.before.violations, [v]))
        else:
            start = next(s.start for route in after.routes for s in route.steps if s.id == job)
            found.append(Choice(looks.c.vehicles[k].id, False, cents, row[PLACE], start))
    return min(found, key=lambda choice: choice.cents or 0) if found else _barred(looks, k, job, broken)


def _barred(looks: Looks, k: int, job: str, broken: Violation | None = None) -> Choice:
    """Which rule stands in the way."""
    vehicle = looks.c.vehicles[k]
    if broken is None:
        reason = reason_of(looks.c, vehicle, looks.routes[k], looks.c.job_number[job])
        code, words = reason.code, reason.words
    else:
        code, words = broken.code, broken.words
    rule = rule_of(code).name if code in NUMBER else ""
    return Choice(vehicle.id, False, code=code, rule=rule, words=words)
