"""Why this driver, why not that one, and what the rules cost."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.explain import rule_costs, why
from dispatch.planning.looks import served
from dispatch.planning.model import Job, Plan, Problem, Relation, Window, soft
from dispatch.planning.rules.registry import rules

from ..strategies import tried
from ..worlds import HOUR, line, van, worlds

SLOW = settings(suppress_health_check=list(HealthCheck))


def test_every_driver_with_price_or_rule() -> None:
    """b is on v1's way; v2 would come for it alone, v3 lacks the skill and v4 has no room."""
    cold = frozenset({"cold"})
    fleet = [van("v1", skills=cold), van("v2", skills=cold), van("v3"), van("v4", skills=cold, capacity=(2,))]
    jobs = [Job("a", 4), Job("b", 2, skills=cold, delivery=(5,)), Job("c", 3, delivery=(2,))]
    problem = line(jobs, fleet)
    told = why(problem, evaluate(problem, {"v1": ("b", "a"), "v4": ("c",)}), "b")
    assert [(c.vehicle, c.current, c.cents, c.code, c.rule) for c in told] == [
        ("v1", True, 0, "", ""),
        ("v2", False, 1000 + 200 + 240, "", ""),
        ("v3", False, None, "skill", "skills"),
        ("v4", False, None, "overload", "capacity"),
    ]
    assert all(choice.words for choice in told[2:])


def test_a_rule_between_routes_bars_too() -> None:
    """a and b must not meet: with a on v1, v1 is no choice for b, whatever its room."""
    problem = line([Job("a", 4), Job("b", 2)], [van("v1"), van("v2")])
    apart = (Relation("different_routes", ("a", "b")),)
    problem = Problem(problem.jobs, problem.vehicles, problem.matrices, ("kg",), relations=apart)
    told = why(problem, evaluate(problem, {"v1": ("a",), "v2": ("b",)}), "b")
    assert [(c.vehicle, c.current, c.code) for c in told] == [("v2", True, ""), ("v1", False, "not_apart")]
    with pytest.raises(PlanningError, match="unknown_job"):
        why(problem, evaluate(problem, {}), "z")


def test_what_each_rule_costs() -> None:
    """The way is the rule of costs, lateness at 1.00 a minute that of windows."""
    jobs = [Job("a", 4, windows=(Window(8 * HOUR, 8 * HOUR + 60),))]
    problem = line(jobs)
    problem = Problem(problem.jobs, problem.vehicles, problem.matrices, ("kg",), dials={"late": soft(100)})
    assert rule_costs(evaluate(problem, {"van": ("a",)})) == {"costs": 1000 + 400 + 480, "windows": 300}


@given(worlds())
@settings(SLOW, max_examples=tried(40).max_examples, deadline=None)
def test_a_choice_costs_what_the_plan_costs_more(world: tuple[Problem, Plan]) -> None:
    """The price of a driver is the difference of two evaluations; and rules make up the whole cost of a plan."""
    problem, plan = world
    solution = evaluate(problem, plan)
    costs = rule_costs(solution)
    assert sum(costs.values()) == solution.cost.total
    assert set(costs) <= {rule.name for rule in rules()}
    shipped = {job for s in problem.shipments for job in (s.pickup, s.delivery)}
    job = next((j.id for j in problem.jobs if j.id not in shipped), None)
    if job is None:
        return
    names = {j.id for j in problem.jobs} - {job}
    rest = {v: tuple(i for i in items if i != job) for v, items in plan.items() if names & set(items)}
    before = evaluate(problem, rest)
    for choice in why(problem, solution, job):
        assert choice.current == (job in plan.get(choice.vehicle, ()))
        assert (choice.cents is None) == bool(choice.code)
        if choice.cents is not None:
            items = rest.get(choice.vehicle, ())
            wider = (*items[: choice.position], job, *items[choice.position :])
            assert served(evaluate(problem, {**rest, choice.vehicle: wider})) - served(before) == choice.cents
