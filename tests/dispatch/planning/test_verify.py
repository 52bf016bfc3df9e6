"""The walker and the checker share no code: each is the other's test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dispatch.planning.evaluate import evaluate, evaluate_route
from dispatch.planning.model import Job, Plan, Problem, Window
from dispatch.planning.solution import Cost, Solution, Violation
from dispatch.planning.validate import validate
from dispatch.planning.verify import verify

from .strategies import problems_with_plans, tried
from .worlds import HOUR, line, town, van


def keys(violations: Iterable[Violation]) -> list[tuple[str, str, str, int]]:
    return sorted((v.code, v.route, v.job, v.amount) for v in violations)


@given(problems_with_plans())
@tried(70)
def test_walker_and_checker_find_the_same(world: tuple[Problem, Plan]) -> None:
    """Of any plan, broken or not, both must name the same rules, routes, jobs and amounts, and no false
    claim.
    """
    problem, plan = world
    assume(not validate(problem))
    solution = evaluate(problem, plan)
    assert keys(solution.violations) == keys(verify(problem, solution))


@given(problems_with_plans(), st.integers(0, 9000))
@tried(30)
def test_they_agree_on_given_departures_too(world: tuple[Problem, Plan], leaves: int) -> None:
    """The board may fix a departure, even a forbidden one; it must be judged the same by both."""
    problem, plan = world
    solution = evaluate(problem, plan, departures={v.id: leaves for v in problem.vehicles})
    assert keys(solution.violations) == keys(verify(problem, solution))


@given(problems_with_plans())
@tried(30)
def test_leaving_late_delays_nothing(world: tuple[Problem, Plan]) -> None:
    """A route left to itself must not be later at any stop's end of window than one that leaves at once."""
    problem, plan = world
    for vehicle in problem.vehicles:
        if plan.get(vehicle.id) and not vehicle.breaks:
            route = evaluate_route(problem, vehicle.id, plan[vehicle.id])
            numbers = problem.compiled.numbers(plan[vehicle.id])
            releases = [problem.jobs[j].release_s for j in numbers]
            at_once = evaluate_route(
                problem, vehicle.id, plan[vehicle.id], departure=max(vehicle.shift.start, *releases)
            )
            assert route.duration_s <= at_once.duration_s
            mine, theirs = keys(route.violations), keys(at_once.violations)
            hard = {"late", "shift_end"}
            assert sum(v[3] for v in mine if v[0] in hard) <= sum(v[3] for v in theirs if v[0] in hard)


def good() -> tuple[Problem, Solution]:
    problem = town(12, 2)
    names = [job.id for job in problem.jobs]
    return problem, evaluate(problem, {"v0": names[:5], "v1": names[5:10]})


def changed_step(solution: Solution, **changes: int) -> Solution:
    route = solution.routes[0]
    steps = list(route.steps)
    steps[2] = replace(steps[2], **changes)
    return replace(solution, routes=(replace(route, steps=tuple(steps)), *solution.routes[1:]))


@pytest.mark.parametrize(
    "field", ["arrival", "start", "departure", "travel_s", "distance_m", "setup_s", "waiting_s"]
)
def test_a_false_number_in_the_timetable_is_seen(field: str) -> None:
    """The checker must believe no number of a timetable: one second or metre off is a finding."""
    problem, solution = good()
    clean = keys(verify(problem, solution))
    false = changed_step(solution, **{field: getattr(solution.routes[0].steps[2], field) + 1})
    assert keys(verify(problem, false)) != clean


@pytest.mark.parametrize("field", ["fixed", "distance", "time", "lateness", "unassigned"])
def test_a_false_cent_is_seen(field: str) -> None:
    """Plans are compared by cost, so no component may be wrong by one cent."""
    problem, solution = good()
    false = replace(solution, cost=replace(solution.cost, **{field: getattr(solution.cost, field) - 1}))
    assert "wrong_cost" in {v.code for v in verify(problem, false)}


def test_a_false_load_is_seen() -> None:
    """Loads are what the floor loads by."""
    problem, solution = good()
    step = solution.routes[0].steps[2]
    false = changed_step(solution, load=(step.load[0] - 1,))  # type: ignore[arg-type]
    assert "wrong_load" in {v.code for v in verify(problem, false)}


def test_lost_doubled_and_foreign_jobs_are_seen() -> None:
    """Every order is in exactly one route or left out: anything else loses a parcel."""
    problem, solution = good()
    lost = replace(solution, unassigned=solution.unassigned[1:])
    assert [v.code for v in verify(problem, lost)] == ["job_missing"]
    doubled = replace(solution, unassigned=solution.unassigned + solution.unassigned[:1])
    assert [v.code for v in verify(problem, doubled)] == ["job_twice"]
    smaller = Problem(problem.jobs[:-1], problem.vehicles, problem.matrices, problem.load_names)
    assert [v.code for v in verify(smaller, solution)] == ["unknown_job"]
    fewer = Problem(problem.jobs, problem.vehicles[:1], problem.matrices, problem.load_names)
    assert [v.code for v in verify(fewer, solution)] == ["unknown_vehicle"]


def test_a_service_between_two_windows_is_seen() -> None:
    """With several windows the gap between them is as forbidden as the time after the last."""
    problem = line(
        [Job("a", 1, windows=(Window(9 * HOUR, 10 * HOUR), Window(14 * HOUR, 15 * HOUR)))], [van()]
    )
    solution = evaluate(problem, {"van": ("a",)}, departures={"van": 11 * HOUR})
    assert verify(problem, solution) == []
    narrowed = line(
        [replace(problem.jobs[0], windows=(Window(9 * HOUR, 10 * HOUR), Window(15 * HOUR, 16 * HOUR)))]
    )
    assert "wrong_time" in {v.code for v in verify(narrowed, solution)}


def test_the_empty_plan_is_fine() -> None:
    """Zero orders or zero vehicles are problems like others."""
    assert verify(line([]), evaluate(line([]), {})) == []
    alone = line([Job("a", 1)], [])
    solution = evaluate(alone, {})
    assert verify(alone, solution) == []
    assert solution.cost == Cost(unassigned=alone.compiled.out_price[0])
