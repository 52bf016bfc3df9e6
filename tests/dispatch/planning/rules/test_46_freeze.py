"""Rule 46: freeze levels when replanning."""

from __future__ import annotations

import pytest

from dispatch.planning.errors import PlanningError
from dispatch.planning.model import Job, Problem, soft
from dispatch.planning.rules.freeze import freeze

from .day import best, dialled, judged, van, world

PLAN = {"v1": ("c", "a"), "v2": ("d",)}


def morning(new: bool = True) -> Problem:
    """Four jobs in a plan that is not the shortest, one that is new, and a van at home."""
    jobs = [Job("a", 1), Job("b", 2), Job("c", 3), Job("d", 4)]
    return world(jobs if new else [j for j in jobs if j.id != "b"], [van("v1"), van("v2"), van("v3")])


def test_times_only() -> None:
    """Every route stays as it is, b is left out, v3 stays at home."""
    problem = freeze(morning(), PLAN, "times")
    solution = best(problem)
    assert solution.plan == PLAN
    assert [left.job for left in solution.unassigned] == ["b"]
    broken = judged(problem, {**PLAN, "v3": ("b",)}).violations
    assert [(v.code, v.route) for v in broken] == [("locked_changed", "v3")]


def test_order() -> None:
    """c stays before a on v1, d on v2; b comes in somewhere."""
    problem = freeze(morning(), PLAN, "order")
    solution = best(problem)
    first = [item for item in solution.plan["v1"] if item != "b"]
    assert (first, solution.unassigned) == (["c", "a"], ())
    assert "d" in solution.plan["v2"]
    turned = judged(problem, {"v1": ("a", "c"), "v2": ("d",)}).violations
    assert [v.code for v in turned] == ["out_of_sequence"]


def test_assignment() -> None:
    """Drivers keep their jobs, in any order; another driver is a breach."""
    problem = freeze(morning(), PLAN, "assignment")
    assert judged(problem, {"v1": ("a", "c"), "v2": ("d",)}).violations == ()
    moved = judged(problem, {"v1": ("a",), "v2": ("c", "d")}).violations
    assert [(v.code, v.job) for v in moved] == [("pinned_elsewhere", "c")]
    assert {len(route.jobs) for route in best(problem).routes} <= {1, 2, 3}


def test_free() -> None:
    """The problem as it is, and so the cheapest plan: one van."""
    problem = morning()
    assert freeze(problem, PLAN, "free") is problem
    assert len(best(problem).routes) == 1


def test_as_hard_as_the_dials_of_its_codes() -> None:
    """Drivers may change at 2.00 each: moving d onto v1 saves a whole van."""
    problem = dialled(freeze(morning(new=False), PLAN, "assignment"), "pinned_elsewhere", soft(200))
    solution = best(problem)
    assert (len(solution.routes), solution.cost.rules) == (1, 200)


def test_a_plan_of_another_day_is_refused() -> None:
    """Names that do not exist."""
    with pytest.raises(PlanningError, match="unknown_vehicle"):
        freeze(morning(), {"v9": ("a",)}, "order")
    with pytest.raises(PlanningError, match="unknown_job"):
        freeze(morning(), {"v1": ("z",)}, "times")
