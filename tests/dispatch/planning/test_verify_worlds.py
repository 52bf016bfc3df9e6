"""The walker and the checker share no code: over every rule of the model, each is the other's test."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Plan, Problem
from dispatch.planning.verify import verify

from .strategies import tried
from .test_verify import keys
from .worlds import RULES, worlds

SLOW = settings(suppress_health_check=list(HealthCheck))

TOGETHER = {
    "soft window and several": ("windows", "late_price", "early_price", "preferred", "dials"),
    "break and reload": ("breaks", "depots", "reloads", "windows"),
    "break and load aboard": ("breaks", "shipments", "max_aboard", "lifo", "goods"),
    "relations and soft rules": ("relations", "dials", "position", "windows"),
    "skills, zones and locks": ("skills", "zones", "names", "pins", "head", "types"),
    "periods and breaks": ("periods", "breaks", "driving_rules", "unreachable"),
    "parking and setup": ("parking", "setup", "breaks", "periods"),
    "battery and reload": ("battery", "reloads", "depots", "breaks"),
}


@given(worlds())
@settings(SLOW, max_examples=tried(80).max_examples, deadline=None)
def test_both_find_the_same(world: tuple[Problem, Plan]) -> None:
    """Of any plan, broken or not: the same rules, routes, jobs and amounts, and no false claim."""
    problem, plan = world
    solution = evaluate(problem, plan)
    assert keys(verify(problem, solution)) == keys(solution.violations)


@pytest.mark.parametrize("name", TOGETHER)
@given(data=st.data())
@settings(SLOW, max_examples=tried(20).max_examples, deadline=None)
def test_both_find_the_same_where_rules_meet(name: str, data: st.DataObject) -> None:
    """Where others forbid that two rules meet, ours must be walked and checked alike."""
    assert set(TOGETHER[name]) <= set(RULES)
    problem, plan = data.draw(worlds(TOGETHER[name]))
    solution = evaluate(problem, plan)
    assert keys(verify(problem, solution)) == keys(solution.violations)


@given(worlds(), st.integers(0, 9000))
@settings(SLOW, max_examples=tried(30).max_examples, deadline=None)
def test_a_false_sum_of_any_plan_is_found(world: tuple[Problem, Plan], cents: int) -> None:
    """A plan that is dearer or cheaper by any sum than it says is found, whatever else it breaks."""
    problem, plan = world
    solution = evaluate(problem, plan)
    cost = replace(solution.cost, finish=solution.cost.finish + cents + 1)
    assert "wrong_cost" in {v.code for v in verify(problem, replace(solution, cost=cost))}
