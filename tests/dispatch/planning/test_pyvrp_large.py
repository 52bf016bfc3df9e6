"""Problems too large for one descent: cut into parts that lose nothing, and searched within their time."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from dispatch.planning.construct import construct
from dispatch.planning.engines import pyvrp, pyvrp_parts, pyvrp_profiles
from dispatch.planning.engines.base import Limit
from dispatch.planning.engines.pyvrp_data import state, to_pyvrp
from dispatch.planning.engines.pyvrp_parts import Cutter, dealt, tours_of, whole
from dispatch.planning.model import Depot, Group, Job, Plan, Problem, Shipment, Window

from .pyvrp_world import cents, found, road
from .worlds import HOUR, town, van


def mixed(jobs: int, vans: int) -> Problem:
    """A town with shipments, alternatives, several windows, jobs that nobody reaches in time, and reloads."""
    problem = town(jobs, vans, max_trips=2, reloads=("hub",))
    work = list(problem.jobs)
    for k in (0, 2, 4):
        work[k] = Job(work[k].id, work[k].place)
        work[k + 1] = Job(work[k + 1].id, work[k + 1].place)
    for k in (6, 7):
        work[k] = replace(work[k], windows=(Window(8 * HOUR, 9 * HOUR), Window(15 * HOUR, 17 * HOUR)))
    pairs = tuple(Shipment(f"j{k}", f"j{k + 1}", (2,)) for k in (0, 2, 4))
    return replace(
        problem,
        jobs=tuple(work),
        shipments=pairs,
        groups=(Group("g", ("j8", "j9", "j10"), (0, 5, 10)),),
        depots=(Depot("hub", 0, load_s=300),),
    )


def test_parts_together_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every stop, route and vehicle is in exactly one part, and the routes of the parts are those of the whole."""
    monkeypatch.setattr(pyvrp_parts, "PART", 40)
    problem = mixed(150, 14)
    statement = state(problem)
    assert statement is not None
    plan = found(problem, iterations=60)
    plan = {name: items for name, items in plan.items() if name not in list(plan)[:2]}
    solution = to_pyvrp(problem, statement, plan)
    tours, cutter = tours_of(solution), Cutter(statement.data, 1)
    cuts = list(cutter.cut(tours))
    assert len(cuts) > 2
    assert sorted(k for part in cuts for k in part) == list(range(len(tours)))
    loose, spare = cutter.left_out(tours, cuts), dealt(cutter.spare(tours), len(cuts))
    parts = [
        cutter.part([tours[k] for k in members], stops, rest)
        for members, stops, rest in zip(cuts, loose, spare, strict=True)
    ]
    clients = sorted(i for part in parts if part for i in part.clients)
    shipments = sorted(i for part in parts if part for i in part.shipments)
    assert clients == list(range(statement.data.num_clients))
    assert shipments == list(range(statement.data.num_shipments))
    assert sum(part.data.num_vehicles for part in parts if part) == statement.data.num_vehicles
    again = [tour for part in parts if part for tour in part.tours(part.start)]
    assert sorted(map(str, whole(statement.data, again).routes())) == sorted(map(str, solution.routes()))
    assert sum(part.start.distance() for part in parts if part) == solution.distance()


def test_the_search_in_parts_improves_and_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    """Iterations alone give the same plan twice, a feasible one, and a cheaper one than the start."""
    monkeypatch.setattr(pyvrp_parts, "PART", 50)
    monkeypatch.setattr(pyvrp, "SMALL", 100)
    problem = mixed(200, 16)
    start = construct(problem)
    one, other = found(problem, start, 200), found(problem, start, 200)
    assert one == other
    assert cents(problem, one) < cents(problem, start)
    served = [item for items in one.values() for item in items if item != "hub"]
    alternatives = {"j8", "j9", "j10"}
    assert len(served) == len(set(served)) == 198
    assert len(alternatives.intersection(served)) == 1


@pytest.mark.parametrize("limit_s", [0.5, 5.0])
def test_a_large_problem_ends_in_time(limit_s: float) -> None:
    """3,000 stops: no descent that nothing can interrupt may hold up the answer."""
    problem = town(3000, 170)
    start = construct(problem)
    assert problem.compiled.able.any()
    plans: list[Plan] = []
    began = time.perf_counter()
    assert state(problem) is not None
    stating = time.perf_counter() - began  # the yardstick of this machine, as busy as it is now
    began = time.perf_counter()
    pyvrp.PyVrpEngine().run(
        problem,
        limit=Limit(time_s=limit_s),
        seed=1,
        start=start,
        report=plans.append,
        cancelled=lambda: False,
    )
    took = time.perf_counter() - began
    assert took < limit_s + 4 * stating + 1.0
    assert plans
    if limit_s > 1:
        assert cents(problem, plans[-1]) < cents(problem, start)


def test_cancelling_ends_the_search_in_parts() -> None:
    """Within a descent of one part."""
    problem, asked = town(1200, 70), [0]

    def cancelled() -> bool:
        asked[0] += 1
        return asked[0] > 3

    began = time.perf_counter()
    pyvrp.PyVrpEngine().run(
        problem, limit=Limit(60.0), seed=1, start=None, report=lambda plan: None, cancelled=cancelled
    )
    assert time.perf_counter() - began < 30


def test_memory_bounds_the_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room for a matrix per driver, load dimensions say who may do what: pinned jobs stay with theirs."""
    monkeypatch.setattr(pyvrp_profiles, "MEMORY", 2000)
    jobs = [Job(f"j{i}", i, pinned_to=f"v{i % 3}") for i in range(1, 10)]
    problem = road(jobs, [van(f"v{k}") for k in range(3)])
    statement = state(problem)
    assert statement is not None
    assert statement.data.num_profiles == 1
    plan = found(problem)
    assert {name: set(items) for name, items in plan.items()} == {
        f"v{k}": {f"j{i}" for i in range(1, 10) if i % 3 == k} for k in range(3)
    }


def test_stating_is_quick() -> None:
    """1,000 jobs for less than one empty loop over pairs of jobs takes; 0.3 s on a machine of its own."""
    problem = town(1000, 60)
    assert problem.compiled.able.any()
    began = time.thread_time()
    statement = state(problem)
    took = time.thread_time() - began
    assert statement is not None
    began = time.thread_time()
    pairs = [(i, j) for i in range(1000) for j in range(1000)]
    assert took < 5 * (time.thread_time() - began)
    assert len(pairs) == 1_000_000
    assert np.array_equal(np.diag(statement.data.duration_matrix(0)), np.zeros(1001))
