"""Solving, and the traps: each of these has made some planner drop an order, break a rule or crash."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.errors import InvalidProblemError, PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import UNREACHABLE, Break, Job, Matrix, Plan, Problem, Vehicle, Window
from dispatch.planning.progress import Progress
from dispatch.planning.solution import Solution
from dispatch.planning.validate import validate
from dispatch.planning.verify import verify

from .strategies import problems, tried
from .worlds import HOUR, line, town, van

LUNCH = (Break("lunch", 1800, (Window(12 * HOUR, 13 * HOUR),)),)


def plan(problem: Problem, *, iterations: int = 60, seed: int = 1, warm: Plan | None = None) -> Solution:
    """Solve under an iteration limit; whatever comes out must pass the checker."""
    solution = solve(problem, iterations=iterations, seed=seed, warm_start=warm)
    assert verify(problem, solution) == []
    return solution


def left(solution: Solution) -> dict[str, str]:
    return {u.job: u.code for u in solution.unassigned}


@given(problems())
@tried(25)
def test_any_valid_problem_gets_a_verified_plan(problem: Problem) -> None:
    """Whatever rules meet in one problem, the result breaks none, and each job left out says why."""
    assume(not validate(problem))
    solution = plan(problem, iterations=20)
    assert all(u.code != "left_out" and u.words for u in solution.unassigned)


def test_a_day_with_breaks_has_a_first_plan_at_once() -> None:
    """300 orders and 15 vans with a break each: a verified plan within half a second of processor time, and
    what follows is never worse.
    """
    problem, seen = town(300, 15, capacity=(140,), breaks=LUNCH), list[tuple[float, Progress]]()
    problem.compiled.durations(problem.vehicles[0])
    began = time.process_time()
    solve(
        problem,
        time_limit_s=1,
        on_progress=lambda progress: seen.append((time.process_time() - began, progress)),
        should_cancel=lambda: bool(seen),
    )
    spent, first = seen[0]
    assert spent < 0.5
    assert verify(problem, first.solution) == []
    costs = [progress.cost for _, progress in seen]
    assert costs == sorted(set(costs), reverse=True)


def test_the_time_limit_holds_on_a_day_with_breaks() -> None:
    """Repair, pricing and reasons must not run on after the search: one second is one second of two threads, and
    a little.
    """
    began = time.process_time()
    solution = solve(town(300, 15, capacity=(140,), breaks=LUNCH), time_limit_s=1)
    assert time.process_time() - began < 2 + 1
    assert {u.code for u in solution.unassigned}.isdisjoint({"left_out"})


def test_everything_is_served_where_there_is_room() -> None:
    """The plain case: no job may stay behind to save money."""
    solution = plan(town(40, 5))
    assert solution.unassigned == ()
    assert solution.engine == "pyvrp"


def test_the_same_seed_gives_the_same_plan() -> None:
    """Determinism under an iteration limit, with both engines in play."""
    problem = town(25, 3, breaks=LUNCH)
    first, second = plan(problem, iterations=150, seed=7), plan(problem, iterations=150, seed=7)
    assert first == second


def test_more_search_is_never_worse() -> None:
    """The incumbent only ever improves; progress tells so, cent by cent, each with a verified plan."""
    problem, seen = town(40, 5), list[Progress]()
    solution = solve(problem, iterations=600, seed=3, on_progress=seen.append)
    costs = [progress.cost for progress in seen]
    assert costs == sorted(set(costs), reverse=True)
    assert costs[-1] == solution.cost.total
    assert all(verify(problem, progress.solution) == [] for progress in seen)


def test_breaks_are_kept_although_pyvrp_knows_none() -> None:
    """Every van that is out over lunch has its half hour."""
    solution = plan(town(16, 1, breaks=LUNCH), iterations=100)
    out = [r for r in solution.routes if r.departure <= 13 * HOUR < r.end]
    assert out
    assert all(route.break_s == 1800 for route in out)


def test_priced_lateness_is_used_when_it_pays() -> None:
    """Two jobs at the far end close together: one van and a few cents beat a second van."""
    window = (Window(8 * HOUR, 8 * HOUR + 600),)
    jobs = [Job(n, 9, windows=window, service_s=300, late_price_per_min=1) for n in ("a", "b")]
    solution = plan(line(jobs, [van("v1"), van("v2")]))
    assert len(solution.routes) == 1
    assert solution.cost.lateness == 4


def test_priced_lateness_with_two_windows_and_a_break() -> None:
    """Soft windows and several windows and breaks at once: every combination is legal here."""
    windows = (Window(9 * HOUR, 9 * HOUR + 600), Window(12 * HOUR, 12 * HOUR + 600))
    jobs = [Job(f"j{i}", 1 + i, windows=windows, service_s=600, late_price_per_min=10) for i in range(4)]
    assert plan(line(jobs, [van(breaks=LUNCH)])).unassigned == ()


def test_several_windows_reach_pyvrp() -> None:
    """One client per window in a group: exactly one of them is visited."""
    windows = (Window(9 * HOUR, 9 * HOUR + 60), Window(15 * HOUR, 15 * HOUR + 60))
    jobs = [Job(f"j{i}", 1 + i, windows=windows, service_s=900) for i in range(4)]
    solution = plan(line(jobs, [van("v1"), van("v2")]), iterations=300)
    assert solution.unassigned == ()


def test_skills_pins_allowed_and_locks_together() -> None:
    """Cold goods need the fridge, one order is pinned, one is barred from a van, one route is locked."""
    jobs = [
        Job("cold", 1, skills=frozenset({"fridge"})),
        Job("pinned", 2, pinned_to="b"),
        Job("barred", 3, vehicles=frozenset({"a"})),
        Job("done", 4),
        Job("free", 5),
    ]
    fleet = [van("a", skills=frozenset({"fridge"})), van("b"), van("c", first=("done",), locked=True)]
    solution = plan(line(jobs, fleet))
    assert solution.unassigned == ()
    where = {job: route.vehicle for route in solution.routes for job in route.jobs}
    assert (where["cold"], where["pinned"], where["barred"], where["done"]) == ("a", "b", "a", "c")
    assert solution.plan["c"] == ("done",)


def test_a_frozen_head_stays_and_the_rest_goes_behind_it() -> None:
    """The driver is on the way to j3 and j1; the planner may only add behind them."""
    problem = town(12, 2)
    fleet = (replace(problem.vehicles[0], first=("j3", "j1")), problem.vehicles[1])
    solution = plan(replace(problem, vehicles=fleet), iterations=200)
    assert solution.plan["v0"][:2] == ("j3", "j1")
    assert solution.unassigned == ()


def test_a_head_that_is_broken_by_itself_is_not_the_planners_fault() -> None:
    """A dispatcher released a late stop on purpose: the rest is planned, and only that one is named."""
    jobs = [Job("late", 5, windows=(Window(0, HOUR),)), Job("x", 6), Job("y", 7)]
    problem = line(jobs, [van(first=("late",))])
    solution = solve(problem, iterations=50)
    assert [(v.code, v.job) for v in solution.violations] == [("late", "late")]
    assert set(solution.plan["van"]) == {"late", "x", "y"}


def test_priority_decides_who_stays() -> None:
    """Room for two of three: the one with the lowest priority stays, although it is the cheapest to serve."""
    jobs = [Job("near", 1, delivery=(5,), priority=10)]
    jobs += [Job(n, 9, delivery=(5,), priority=90) for n in ("far1", "far2")]
    assert set(left(plan(line(jobs, [van(capacity=(10,))])))) == {"near"}


def test_priority_is_not_traded_for_cost() -> None:
    """Even a priority of 0 is served when there is room, however dear the way."""
    assert plan(line([Job("a", 9, priority=0)], [van(fixed_cost=50_000)])).unassigned == ()


def test_an_optional_job_is_served_only_if_it_pays() -> None:
    """A carrier takes it for 5.00: the van goes only where that is cheaper."""
    fleet = [van(fixed_cost=0, cost_per_km=100, cost_per_hour=0)]
    jobs = [Job("near", 2, leave_price=500), Job("far", 9, leave_price=500)]
    assert left(plan(line(jobs, fleet))) == {"far": "dearer_than_leaving"}


def test_too_large_outside_every_shift_unreachable_unskilled() -> None:
    """Four that cannot be done: each with its own reason, and the fifth is done all the same."""
    table = line([]).matrices["van"]
    way = table.durations.copy()
    way[:, 7] = way[7, :] = UNREACHABLE
    way[7, 7] = 0
    jobs = (
        Job("heavy", 1, delivery=(900,)),
        Job("night", 2, windows=(Window(2 * HOUR, 3 * HOUR),)),
        Job("island", 7),
        Job("cold", 3, skills=frozenset({"fridge"})),
        Job("fine", 4),
    )
    problem = Problem(jobs, (van(capacity=(500,)),), {"van": Matrix(way, table.distances)}, ("kg",))
    solution = plan(problem)
    assert left(solution) == {"heavy": "overload", "night": "late", "island": "unreachable", "cold": "skill"}
    words = {u.job: u.words for u in solution.unassigned}
    assert "900 kg against 500 kg" in words["heavy"]
    assert "02:00-03:00 lies outside every shift" in words["night"]
    assert words["cold"] == "No vehicle has skill 'fridge'."


@pytest.mark.parametrize(("jobs", "vans"), [(0, 0), (0, 2), (3, 0), (1, 1)])
def test_nothing_to_do_or_nobody_to_do_it(jobs: int, vans: int) -> None:
    """Zero orders, zero vehicles, one of each."""
    solution = plan(town(jobs, vans))
    assert len(solution.unassigned) == (0 if vans else jobs)
    assert {u.code for u in solution.unassigned} <= {"no_vehicles"}


def test_all_orders_at_one_address() -> None:
    """All distances are zero between them; setup is paid once."""
    jobs = [Job(f"j{i}", 3, service_s=60, setup_s=300) for i in range(8)]
    solution = plan(line(jobs))
    assert [(r.setup_s, r.service_s) for r in solution.routes] == [(300, 480)]


def test_zero_and_asymmetric_ways() -> None:
    """A matrix with zeros off the diagonal and one-way streets."""
    dice = np.random.default_rng(5)
    way = (dice.integers(0, 900, (12, 12)) * dice.integers(0, 2, (12, 12))).astype(np.int32)
    jobs = tuple(Job(f"j{i}", i + 1) for i in range(11))
    assert plan(Problem(jobs, (van(),), {"van": Matrix(way, way)})).unassigned == ()


def test_deliveries_and_pickups_in_one_route() -> None:
    """Full out, full back: the van is never over 10, so both engines must keep the order of loads."""
    jobs = [Job(f"d{i}", 1 + i, delivery=(5,)) for i in range(2)] + [
        Job(f"p{i}", 1 + i, pickup=(5,)) for i in range(2)
    ]
    for breaks in ((), LUNCH):
        solution = plan(line(jobs, [van(capacity=(10,), breaks=breaks)]), iterations=200)
        assert solution.unassigned == ()


def test_release_limits_open_ends_and_profiles() -> None:
    """Kinds of vehicle side by side: a bike with its own matrix and pace, an open end, few stops, late parcels."""
    base = town(16, 2)
    slow = base.matrices["van"]
    bike = Vehicle(
        "bike", 0, None, Window(8 * HOUR, 16 * HOUR), profile="bike", service_percent=80, max_stops=3
    )
    jobs = tuple(replace(j, release_s=9 * HOUR if i % 5 == 0 else 0) for i, j in enumerate(base.jobs))
    matrices = {"van": slow, "bike": Matrix(slow.durations * 2, slow.distances)}
    fleet = (*(replace(v, max_distance_m=60_000, max_duration_s=6 * HOUR) for v in base.vehicles), bike)
    for pauses in ((), LUNCH):
        crew = tuple(replace(v, breaks=pauses) for v in fleet)
        plan(Problem(jobs, crew, matrices, ("kg",)), iterations=150)


def test_a_warm_start_is_never_made_worse() -> None:
    """Going on from a plan: the result is at least as good, and like vans keep their routes."""
    problem = town(30, 4)
    good = plan(problem, iterations=800)
    again = plan(problem, iterations=5, seed=9, warm=good.plan)
    assert again.cost.total <= good.cost.total


def test_a_broken_or_stale_warm_start_is_repaired() -> None:
    """Yesterday's plan names jobs that are gone and puts too much into one van."""
    problem = town(30, 4)
    stale = {"v0": (*(job.id for job in problem.jobs), "gone"), "sold": ("j1",)}
    assert plan(problem, iterations=5, warm=stale).unassigned == ()


def test_a_cancelled_search_returns_what_it_has() -> None:
    """Cancelled at once: still a verified plan, even if an empty one."""
    problem = town(10, 2)
    solution = solve(problem, iterations=100_000, should_cancel=lambda: True)
    assert verify(problem, solution) == []


def test_bad_input_and_no_limit_are_refused() -> None:
    """The planner never starts on nonsense, nor without knowing when to stop."""
    with pytest.raises(InvalidProblemError):
        solve(line([Job("a", 99)]), iterations=1)
    with pytest.raises(PlanningError) as caught:
        solve(line([Job("a", 1)]))
    assert caught.value.code == "no_limit"


def test_what_is_returned_is_what_evaluate_says() -> None:
    """One walker for all: the board re-evaluating the plan must see the very same numbers."""
    problem = town(20, 3, breaks=LUNCH)
    solution = plan(problem)
    assert evaluate(problem, solution.plan).routes == solution.routes
