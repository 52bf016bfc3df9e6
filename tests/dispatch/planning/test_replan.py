"""Planning again in the middle of the day: nothing that has happened may be undone."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Job, Plan, Problem, Window
from dispatch.planning.replan import Level, freeze
from dispatch.planning.solution import Solution

from .strategies import tried
from .worlds import HOUR, line, van, worlds

SLOW = settings(suppress_health_check=list(HealthCheck))
S = 8 * HOUR
PLAN = {"v1": ("a", "b", "c"), "v2": ("d",)}
LEVELS: tuple[Level, ...] = get_args(Level.__value__)


def day() -> Problem:
    """v1 leaves at eight and is at km 1, 2 and 3 at 8:01, 8:03 and 8:05 for a minute; v2 leaves at ten."""
    jobs = [Job(name, k + 1, service_s=60, delivery=(1,)) for k, name in enumerate("abc")]
    jobs[0] = Job("a", 1, service_s=60, delivery=(1,), windows=(Window(S, S + 60),))
    late = Job("d", 4, delivery=(1,), windows=(Window(10 * HOUR, 11 * HOUR),))
    new = Job("new", 2, delivery=(1,))
    return line([*jobs, late, new], [van("v1"), van("v2"), van("v3")])


def at(level: Level, now: int = S + 150) -> Problem:
    return freeze(day(), PLAN, level, now)


def heads(problem: Problem) -> list[tuple[str, ...]]:
    return [vehicle.first for vehicle in problem.vehicles]


def breaks(problem: Problem, plan: Plan) -> set[str]:
    return {violation.code for violation in evaluate(problem, plan).violations}


def test_nothing_is_the_problem_as_it_is() -> None:
    """The same object: no clock, no heads."""
    problem = day()
    assert freeze(problem, PLAN, "nothing", S) is problem


def test_what_is_fixed_by_level() -> None:
    """At 8:02:30 the van has left a and is on its way to b."""
    assert heads(at("departed stops")) == [("a",), (), ()]
    assert heads(at("next stop")) == [("a", "b"), (), ()]
    assert heads(at("routes")) == [("a", "b"), (), ()]
    assert heads(at("times")) == [("a", "b", "c"), ("d",), ()]
    assert heads(at("next stop", S - 600)) == [(), (), ()]


def test_what_is_on_board_stays_on_board() -> None:
    """c cannot change over to a van at the depot; d, which is still there, can."""
    problem = at("next stop")
    assert breaks(problem, {"v1": ("a", "b"), "v2": ("c", "d")}) == {"pinned_elsewhere"}
    assert breaks(problem, {"v1": ("a", "b", "c"), "v3": ("d",)}) == set()
    assert breaks(at("routes"), {"v1": ("a", "b", "c"), "v3": ("d",)}) == {"pinned_elsewhere"}


def test_what_is_new_does_not_join_a_van_that_has_left() -> None:
    """Its goods are at the depot: v2 and v3 can take it, not before now."""
    problem = at("order")
    assert "late_start" in breaks(problem, {"v1": ("a", "b", "c", "new")})
    route = evaluate(problem, {"v3": ("new",)}).routes[0]
    assert (route.departure >= S + 150, route.violations) == (True, ())
    assert breaks(problem, {"v1": ("a", "b", "c"), "v2": ("new", "d")}) == set()
    assert breaks(at("times"), {**PLAN, "v3": ("new",)}) == {"locked_changed"}


def test_the_order_holds() -> None:
    """At ten past eight everything on v1 is done; early in the day b and c may turn round, unless the order holds."""
    turned = {"v1": ("a", "c", "b"), "v2": ("d",)}
    assert breaks(freeze(day(), PLAN, "routes", S + 30), turned) == set()
    assert "out_of_sequence" in breaks(freeze(day(), PLAN, "order", S + 30), turned)
    assert breaks(at("routes"), turned) == {"frozen_moved"}


def test_the_van_left_when_it_left() -> None:
    """Told that it left five minutes late, its stops are not moved back to eight."""
    problem = freeze(day(), PLAN, "next stop", S + 400, {"v1": S + 300})
    assert evaluate(problem, PLAN).routes[0].departure == S + 300


def test_a_van_that_no_longer_may_leave_stays_at_home() -> None:
    """After its shift, and after its latest start."""
    problem = line([Job("a", 1)], [van("v1", latest_start=9 * HOUR), van("v2")])
    assert [v.locked for v in freeze(problem, {}, "routes", 10 * HOUR).vehicles] == [True, False]
    assert [v.locked for v in freeze(problem, {}, "routes", 19 * HOUR).vehicles] == [True, True]


def test_names_that_are_unknown() -> None:
    """A plan of another day is refused."""
    with pytest.raises(PlanningError, match="unknown_vehicle"):
        freeze(day(), {"v9": ("a",)}, "routes", S)


def test_a_new_plan_holds_what_is_frozen() -> None:
    """The planner itself, told to keep the routes: the new order goes where it may."""
    solution: Solution = solve(at("routes"), iterations=30, seed=1)
    assert solution.feasible
    assert solution.plan["v1"] == ("a", "b", "c")
    assert any("new" in items for vehicle, items in solution.plan.items() if vehicle != "v1")


@given(worlds(), st.integers(0, 9000), st.sampled_from(LEVELS))
@settings(SLOW, max_examples=tried(60).max_examples, deadline=None)
def test_a_plan_is_still_possible_when_it_is_frozen(
    world: tuple[Problem, Plan], now: int, level: Level
) -> None:
    """Whatever the rules: a plan that breaks nothing breaks nothing when frozen at any moment, its vans leave and
    arrive as before.
    """
    problem, plan = world
    before = evaluate(problem, plan)
    assume(not before.violations)
    after = evaluate(freeze(problem, plan, level, now), plan)
    assert after.violations == ()
    for old, new in zip(before.routes, after.routes, strict=True):
        if old.begin <= now:
            assert (old.departure, old.end) == (new.departure, new.end)
