"""How every rule is tested: a plan on the straight road of ``worlds.line_matrix`` (from one place to the next it is
a minute and a kilometre), judged by the walker, and the independent checker must find the same.

The day starts at ``S``; ``van()`` costs 10.00 once, 0.50 a kilometre and a cent a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import HARD, OFF, Dial, Job, Plan, Problem, Vehicle, Window, soft
from dispatch.planning.solution import Route, Solution, Step, Violation
from dispatch.planning.validate import validate
from dispatch.planning.verify import verify

from ..worlds import DAY_SHIFT, HOUR, line, line_matrix, van

__all__ = ["DAY_SHIFT", "HOUR", "S", "line_matrix", "van"]

S = DAY_SHIFT.start

type Breach = tuple[str, str, str, int]
"""Code, route, job, amount."""


def world(jobs: Sequence[Job], vehicles: Sequence[Vehicle] = (), **fields: Any) -> Problem:
    """Jobs on the road of ten places; one default van unless vehicles are given."""
    return replace(line(list(jobs), list(vehicles) or None), **fields)


def points(step_m: int = 1000, size: int = 10) -> np.ndarray:
    """Places in a row to the east, so many metres apart."""
    return np.array([[i * step_m, 0] for i in range(size)], dtype=np.int32)


def keys(violations: Iterable[Violation]) -> list[Breach]:
    return sorted((v.code, v.route, v.job, v.amount) for v in violations)


def owed(solution: Solution) -> list[tuple[str, str, str, int, int]]:
    """Code, route, job, amount and cents of every soft rule that is broken."""
    return sorted((p.code, p.route, p.job, p.amount, p.cents) for p in solution.penalties)


def judged(problem: Problem, plan: Mapping[str, Sequence[str]] | Plan, leaves: int | None = None) -> Solution:
    """What the walker says of a plan; ``leaves`` fixes the departure of all. The checker must agree."""
    assert validate(problem) == ()
    departures = None if leaves is None else dict.fromkeys(plan, leaves)
    solution = evaluate(problem, plan, departures=departures)
    assert keys(verify(problem, solution)) == keys(solution.violations)
    return solution


def drive(problem: Problem, *items: str, leaves: int | None = None) -> Solution:
    """The same for one vehicle named van."""
    return judged(problem, {"van": items}, leaves)


def dialled(problem: Problem, code: str, dial: Dial) -> Problem:
    return replace(problem, dials={**problem.dials, code: dial})


def holds_as_dialled(
    problem: Problem,
    plan: Mapping[str, Sequence[str]],
    breach: Breach,
    *,
    price: int,
    cents: int,
    leaves: int | None = None,
) -> None:
    """The dial of a plan's only breach: hard it is a violation, soft it costs so much, off it is nothing."""
    code = breach[0]
    hard = judged(dialled(problem, code, HARD), plan, leaves)
    assert (keys(hard.violations), owed(hard), hard.cost.rules) == ([breach], [], 0)
    paid = judged(dialled(problem, code, soft(price)), plan, leaves)
    assert (keys(paid.violations), owed(paid), paid.cost.rules) == ([], [(*breach, cents)], cents)
    unseen = judged(dialled(problem, code, OFF), plan, leaves)
    assert (keys(unseen.violations), owed(unseen), unseen.cost.rules) == ([], [], 0)
    assert paid.cost.total == unseen.cost.total + cents


def always_hard(problem: Problem, code: str) -> None:
    """A rule without a dial: the checks refuse one."""
    for dial in (OFF, soft(1)):
        assert [error.code for error in validate(dialled(problem, code, dial))] == ["dial_fixed"]


def best(problem: Problem, *, iterations: int = 60, warm: Plan | None = None) -> Solution:
    """The planner's answer to a tiny problem: it breaks nothing, says the checker."""
    solution = solve(problem, iterations=iterations, seed=1, warm_start=warm)
    assert verify(problem, solution) == []
    assert solution.violations == ()
    return solution


def step(solution: Solution | Route, name: str) -> Step:
    routes = solution.routes if isinstance(solution, Solution) else (solution,)
    return next(s for route in routes for s in route.steps if s.id == name)


def only(solution: Solution) -> Route:
    assert len(solution.routes) == 1
    return solution.routes[0]


def window(opens: int, closes: int) -> Window:
    """Seconds after the day's start."""
    return Window(S + opens, S + closes)
