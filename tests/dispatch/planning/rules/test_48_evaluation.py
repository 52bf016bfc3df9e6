"""Rule 48: exactly this plan: times, cost, every violation with its code."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate, evaluate_route, walk
from dispatch.planning.model import Job
from dispatch.planning.verify import verify

from .day import S, drive, judged, keys, step, van, window, world

JOBS = [
    Job("a", 1, delivery=(60,), windows=(window(0, 30),), skills=frozenset({"lift"}), service_s=60),
    Job("b", 2, delivery=(60,), service_s=60),
]


def test_every_breach_of_a_bad_plan() -> None:
    """A wrong driver, too much on board, half a minute late, and out of the shift: all four, and the plan has its
    times and its cost all the same.
    """
    problem = world(JOBS, [van(capacity=(100,), shift=window(0, 300))])
    solution = drive(problem, "a", "b")
    assert keys(solution.violations) == [
        ("late", "van", "a", 30), ("overload", "van", "", 20), ("shift_end", "van", "", 60),
        ("skill", "van", "a", 1),
    ]  # fmt: skip
    assert all(violation.words.endswith(".") for violation in solution.violations)
    assert solution.cost.total == 1000 + 200 + 360


def test_one_route_is_the_same_alone() -> None:
    """Drag-and-drop asks for one route: it must be what the whole plan says."""
    problem = world(JOBS, [van(), van("v2")])
    whole = judged(problem, {"van": ("a",), "v2": ("b",)})
    assert evaluate_route(problem, "v2", ("b",)) == whole.route_of("v2")


def test_the_rest_of_a_route_on_the_road() -> None:
    """100 s after the start the van stands at 1, having done a: at b after 60 s more, home 120 s after that."""
    route = walk(world(JOBS), "van", ("b",), now=S + 100, at=1, after="a")
    assert (step(route, "b").arrival, route.end) == (S + 160, S + 340)
    assert route.cost.fixed == 0


def test_the_checker_believes_nothing() -> None:
    """A solution that claims a cent less is found out."""
    problem = world(JOBS, [van(skills=frozenset({"lift"}))])
    solution = evaluate(problem, {"van": ("b",)})
    cheaper = replace(solution, cost=replace(solution.cost, time=solution.cost.time - 1))
    assert {violation.code for violation in verify(problem, cheaper)} == {"wrong_cost"}


def test_names_that_do_not_exist() -> None:
    """Refused with a code, not a traceback."""
    for plan, code in (
        ({"x": ("a",)}, "unknown_vehicle"),
        ({"van": ("z",)}, "unknown_job"),
        ({"van": ("a", "a")}, "job_twice"),
    ):
        with pytest.raises(PlanningError) as refused:
            evaluate(world(JOBS), plan)
        assert refused.value.code == code
