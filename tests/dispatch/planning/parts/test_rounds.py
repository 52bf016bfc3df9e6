"""Whole days in parts: what comes out is a plan of the whole, in time, whatever happens to the workers."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from dispatch.planning.engines import portfolio
from dispatch.planning.engines.base import Cancelled
from dispatch.planning.errors import PlanningError
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Depot, Problem, Relation
from dispatch.planning.parts import Table, Task, solve_parts
from dispatch.planning.parts.crew import Crew
from dispatch.planning.solution import Solution
from dispatch.planning.verify import verify

from ..worlds import town


@dataclass
class Here:
    """Solves one task after the other in this process; calls of these numbers come to nothing (``lost``)."""

    problem: Problem
    lost: frozenset[int] = frozenset()
    sizes: list[int] = field(default_factory=list)

    def run_all(self, tasks: Sequence[Task], cancelled: Cancelled) -> Iterator[tuple[int, Solution]]:
        for number, task in enumerate(tasks):
            if cancelled():
                return
            self.sizes.append(len(task.problem.jobs))
            if len(self.sizes) - 1 in self.lost:
                continue
            whole = task.whole(Table(self.problem.matrices))
            yield (
                number,
                portfolio.solve(
                    whole,
                    time_limit_s=task.time_s,
                    iterations=task.iterations,
                    seed=task.seed,
                    warm_start=task.start,
                    should_cancel=cancelled,
                    cores=1,
                ),
            )


def without_table(problem: Problem) -> Problem:
    """The day as ``solve_parts`` gets it: nothing but what each part asks for."""
    return replace(problem, matrices={})


def in_parts(problem: Problem, here: Here, **limits: float) -> Solution:
    table = Table(problem.matrices)
    return solve_parts(without_table(problem), table, here.run_all, size=20, **limits)


def test_a_day_in_parts_is_a_plan_of_the_whole_day() -> None:
    """Walked and checked against the dense table, which no part has seen, it is what it says it is; and never dearer
    than after the first round, which is what the seams cost."""
    problem = town(80, 10, seed=4)
    here, told = Here(problem), []
    table = Table(problem.matrices)
    found = solve_parts(
        without_table(problem), table, here.run_all, size=20, iterations=60, on_progress=told.append
    )
    assert max(here.sizes) < 40
    assert verify(problem, found) == []
    walked = evaluate(problem, found.plan)
    assert walked.cost == found.cost
    assert walked.routes == found.routes
    costs = [progress.cost for progress in told]
    assert len(costs) > 1
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == found.cost.total


def test_the_same_seed_gives_the_same_plan() -> None:
    """With iteration limits nothing depends on who was quicker."""
    problem = town(60, 8, seed=2)
    one, other = (in_parts(problem, Here(problem), iterations=30, seed=5) for _ in range(2))
    assert one == other


def test_relations_and_docks_hold_over_the_whole_day() -> None:
    """Pairs stay on one route, and no more vans load at a time than there are docks, though no part sees the others."""
    problem = town(60, 8, seed=6, depot="hub")
    jobs = [job.id for job in problem.jobs]
    pairs = tuple(Relation("same_route", (jobs[k], jobs[k + 30])) for k in range(4))
    tied = replace(problem, relations=pairs, depots=(Depot("hub", 0, load_s=300, docks=3),))
    found = in_parts(tied, Here(tied), iterations=30)
    assert verify(tied, found) == []
    routes = [route for route in found.routes if set(pairs[0].jobs) & set(route.jobs)]
    assert len(routes) <= 1


def test_a_part_that_is_lost_keeps_its_plan() -> None:
    """A worker that dies costs the gain of its round, not an order; in the first round its part is asked for again."""
    problem = town(60, 8, seed=3)
    here = Here(problem, lost=frozenset({0, 5, 7}))
    found = in_parts(problem, here, iterations=20)
    assert verify(problem, found) == []
    assert not found.unassigned


def test_a_plan_to_go_on_from_is_never_left_for_a_dearer_one() -> None:
    """A dispatcher who plans again with nothing changed must not get a worse day."""
    problem = town(60, 8, seed=1)
    first = in_parts(problem, Here(problem), iterations=60)
    again = in_parts(problem, Here(problem), iterations=10, seed=9, warm_start=first.plan)
    assert again.cost.total <= first.cost.total


def test_the_limit_holds_with_fewer_workers_than_were_promised() -> None:
    """Rounds are laid out for eight workers and there is one: parts that are not reached keep what they have."""
    problem = town(120, 16, seed=2)
    began = time.perf_counter()
    found = in_parts(problem, Here(problem), time_limit_s=3.0, workers=8)
    assert time.perf_counter() - began < 6.0
    assert verify(problem, found) == []


def test_no_limit_and_no_plan_are_said() -> None:
    """Neither a search without an end nor silence where every worker died."""
    problem = town(40, 6)
    with pytest.raises(PlanningError, match="no_limit"):
        in_parts(problem, Here(problem))
    with pytest.raises(PlanningError, match="no_verified_plan"):
        in_parts(problem, Here(problem, lost=frozenset(range(100))), iterations=5)


@pytest.mark.real
def test_programs_side_by_side_stop_at_once_and_survive_a_death() -> None:
    """One program is killed in the middle: its part keeps its plan. Then the whole is cancelled: within 200 ms by the
    clock of an idle machine, all of it comes to an end with the best plan so far."""
    problem = town(80, 10, seed=4)
    table, cancel, stopped = Table(problem.matrices), threading.Event(), []

    with Crew(table, 2) as crew:
        crew.wait_ready()

        def die() -> None:
            process = crew.programs[0]._process
            assert process is not None
            process.kill()

        def stop() -> None:
            stopped.append(time.perf_counter())
            cancel.set()

        for seconds, act in ((2.0, die), (3.0, stop)):
            threading.Timer(seconds, act).start()
        found = solve_parts(
            without_table(problem),
            table,
            crew.run_all,
            size=20,
            time_limit_s=60,
            should_cancel=cancel.is_set,
        )
        assert time.perf_counter() - stopped[0] < 1.0
    assert verify(problem, found) == []
    assert crew.lost == 1


def test_leave_prices_of_parts_are_those_of_the_whole() -> None:
    """A part knows only its own ways, but a job must not be cheaper to leave behind for that."""
    from dispatch.planning.parts.ways import priced
    from dispatch.planning.rules.priority import leave_prices

    problem = town(40, 6)
    of_table = priced(problem, Table(problem.matrices))
    assert [job.leave_price for job in of_table.jobs] == list(leave_prices(problem))

    class Blocks:
        def block(self, origins, destinations):
            return Table(problem.matrices).block(origins, destinations)

    of_blocks = priced(without_table(problem), Blocks())
    assert all(
        one.leave_price <= other.leave_price for one, other in zip(of_table.jobs, of_blocks.jobs, strict=True)
    )
    assert np.ptp([job.leave_price for job in of_blocks.jobs]) == np.ptp(
        [j.leave_price for j in of_table.jobs]
    )
