"""Several hunts over parts of one plan."""

from collections import Counter
from dataclasses import replace

import pytest

from dispatch.planning.construct import construct
from dispatch.planning.engines import crew as first_part
from dispatch.planning.engines.base import Limit
from dispatch.planning.engines.crew import run_crew
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Depot, Plan, Problem, Relation, Weights
from dispatch.planning.search.crew import Crew, may_divide
from dispatch.planning.search.hunt import Hunt
from dispatch.planning.verify import verify
from tests.dispatch.planning.worlds import town


def _turns(count: int) -> object:
    def lead(hunt: Hunt) -> None:
        hunt.anneal(count, 50.0, 50.0, 8)

    return lead


def _placed(problem: Problem, plan: Plan) -> Counter[str]:
    jobs = {job.id for job in problem.jobs}
    return Counter(item for row in plan.values() for item in row if item in jobs)


def test_no_job_is_lost_or_served_twice_however_the_plan_is_cut() -> None:
    """Every round cuts elsewhere; what is put together again has each job at most once, and passes the checker."""
    problem = town(60, 6)
    crew = Crew(problem, construct(problem), hands=2, seed=3)
    try:
        start = crew.cost
        for _ in range(12):
            crew.round(_turns(60))  # type: ignore[arg-type]
            names = [job.id for job in problem.jobs]
            standing = Counter(names[item] for row in crew.rows for item in row if item < len(names))
            assert max(standing.values()) == 1
        plan = crew.plan
    finally:
        crew.close()
    solution = evaluate(problem, plan)
    assert max(_placed(problem, plan).values()) == 1
    assert verify(problem, solution) == []
    assert solution.cost.total == crew.cost
    assert crew.cost < start


def test_a_part_leaves_the_routes_of_the_others_alone() -> None:
    """Two hunts work at the same moment: what is not one's own must stand as it stood."""
    problem = town(40, 4)
    crew = Crew(problem, construct(problem), hands=2, seed=5)
    seen: list[tuple[list[int], list[list[int]], list[list[int]]]] = []

    def lead(hunt: Hunt) -> None:
        before = hunt.rows()
        hunt.anneal(80, 50.0, 50.0, 8)
        seen.append((hunt.state.own.tolist(), before, hunt.rows()))

    try:
        crew.round(lead)
    finally:
        crew.close()
    assert len(seen) == 2
    assert [a + b for a, b in zip(seen[0][0], seen[1][0], strict=True)] == [1] * len(problem.vehicles)
    for own, before, after in seen:
        assert all(was == now for mine, was, now in zip(own, before, after, strict=True) if not mine)


def test_an_absent_job_is_looked_after_by_one_hunt_only() -> None:
    """Two hunts that both put the same absent job in would serve it twice."""
    problem = town(60, 2)  # far too few vans
    crew = Crew(problem, construct(problem), hands=2, seed=1)
    try:
        for _ in range(10):
            crew.round(_turns(40))  # type: ignore[arg-type]
        plan = crew.plan
    finally:
        crew.close()
    placed = _placed(problem, plan)
    assert 0 < len(placed) < len(problem.jobs)
    assert max(placed.values()) == 1
    assert verify(problem, evaluate(problem, plan)) == []


@pytest.mark.parametrize(
    ("tie", "divides"),
    [
        ({}, True),
        ({"weights": Weights(vehicle=500, compact_per_km=3)}, True),
        ({"weights": Weights(balance_per_hour=100)}, False),
        ({"weights": Weights(balance_per_stop=100)}, False),
        ({"weights": Weights(finish_per_hour=100)}, False),
        ({"relations": (Relation("together", ("j0", "j1"), tolerance_s=60),)}, False),
        ({"relations": (Relation("same_route", ("j0", "j1")),)}, True),
        ({"depots": (Depot("station", 0, docks=2),)}, False),
        ({"depots": (Depot("station", 0),)}, True),
    ],
)
def test_what_ties_routes_to_each_other_is_not_divided(tie: dict[str, object], divides: bool) -> None:
    """A part cannot see the routes of another: what is judged over both must be searched whole."""
    assert may_divide(replace(town(4, 2), **tie)) is divides  # type: ignore[arg-type]


def test_small_problems_and_single_cores_are_not_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    """Below some hundreds of jobs a cut costs more than the second pair of hands brings."""
    monkeypatch.setattr(first_part, "_hands", lambda: range(2))
    assert first_part.worth_dividing(town(first_part.FROM_JOBS, 2))
    assert not first_part.worth_dividing(town(first_part.FROM_JOBS - 1, 2))
    monkeypatch.setattr(first_part, "_hands", lambda: range(1))
    assert not first_part.worth_dividing(town(first_part.FROM_JOBS, 2))


def test_the_last_report_of_the_divided_time_is_its_best_plan() -> None:
    """Reports are spaced out; what was found after the last one must not be lost at the end."""
    problem = town(50, 5)
    told: list[Plan] = []
    began = first_part.time.perf_counter()
    run_crew(problem, construct(problem), Limit(2.0, None), began, 1, told.append, lambda: False)
    costs = [evaluate(problem, plan).cost.total for plan in told]
    assert costs
    assert costs[-1] == min(costs)


def test_a_cancelled_crew_ends() -> None:
    """Whoever presses Cancel does not wait for the divided part to be over."""
    problem = town(50, 5)
    asked = 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    began = first_part.time.perf_counter()
    run_crew(problem, construct(problem), Limit(1e6, None), began, 1, lambda plan: None, cancelled)
