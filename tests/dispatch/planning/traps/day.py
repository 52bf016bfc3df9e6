"""How every trap is tested: a day worked out by hand, planned by the whole portfolio, held against every plan there
is, and found in order by the checker.

Places lie on a straight road, a minute and a kilometre apart; a van costs 10.00 once, 0.50 a kilometre and a cent a
second. Windows are seconds after the day's start.
"""

from __future__ import annotations

from dispatch.planning.model import Plan, Problem
from dispatch.planning.solution import Solution, Unassigned

from ..every_plan import cheapest
from ..rules.day import best


def best_of_all(problem: Problem, cents: int, warm: Plan | None = None) -> Solution:
    """The planner's answer costs what was worked out by hand, and of all plans none that breaks nothing is cheaper."""
    solution = best(problem, warm=warm)
    assert (solution.cost.total, cheapest(problem).cost.total) == (cents, cents)
    return solution


def served(solution: Solution) -> set[str]:
    return {job for route in solution.routes for job in route.jobs}


def reasons(solution: Solution) -> dict[str, str]:
    """Code by job that was left out."""
    return {out.job: out.code for out in solution.unassigned}


def reason(solution: Solution, job: str) -> Unassigned:
    return next(out for out in solution.unassigned if out.job == job)
