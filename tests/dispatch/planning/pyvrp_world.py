"""What PyVRP finds for a tiny problem, and what it would say that costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dispatch.planning.engines.base import Limit
from dispatch.planning.engines.pyvrp import PyVrpEngine
from dispatch.planning.engines.pyvrp_data import state, to_pyvrp
from dispatch.planning.model import Job, Plan, Problem, Vehicle

from .worlds import line_matrix


def road(jobs: Sequence[Job], vehicles: Sequence[Vehicle], size: int = 10, **changes: Any) -> Problem:
    """A problem on the road of ``line_matrix``: places 1 km and 60 s apart."""
    terms: dict[str, Any] = {"matrices": {"van": line_matrix(size)}, "load_names": ("kg",), **changes}
    return Problem(tuple(jobs), tuple(vehicles), **terms)


def found(
    problem: Problem, start: Plan | None = None, iterations: int = 300
) -> Mapping[str, tuple[str, ...]]:
    """The last plan that PyVRP reports."""
    plans: list[Plan] = []
    PyVrpEngine().run(
        problem,
        limit=Limit(iterations=iterations),
        seed=1,
        start=start,
        report=plans.append,
        cancelled=lambda: False,
    )
    return plans[-1] if plans else {}


def cents(problem: Problem, plan: Plan) -> float:
    """What PyVRP thinks the plan costs, what it leaves out not counted."""
    statement = state(problem)
    assert statement is not None
    solution = to_pyvrp(problem, statement, plan)
    assert solution.is_feasible()
    units = solution.distance_cost() + solution.duration_cost() + solution.fixed_vehicle_cost()
    return units / statement.scale.per_cent
