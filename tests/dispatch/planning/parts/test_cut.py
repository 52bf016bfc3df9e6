"""The cut: everything in exactly one part, what belongs together in one, and each part a problem that can be solved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dispatch.planning.construct import construct
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Job, Plan, Problem, Relation, Window
from dispatch.planning.parts import Part, Table, cut, join
from dispatch.planning.parts.cut import parts_for
from dispatch.planning.parts.layout import spots_of
from dispatch.planning.parts.task import Task, task_of
from dispatch.planning.parts.ways import priced
from dispatch.planning.validate import validate
from dispatch.planning.verify import verify, verify_joined

from ..strategies import tried
from ..worlds import HOUR, line, problems, town, van, worlds


def parts_of(problem: Problem, count: int, plan: Plan | None = None, turn: int = 0) -> tuple[Part, ...]:
    return cut(problem, spots_of(problem, Table(problem.matrices)), count, plan=plan, turn=turn)


def task(problem: Problem, part: Part, parts: int = 1, share: int = 0) -> Task:
    return task_of(
        problem, part, docks=parts, share=share, plan=None, time_s=None, iterations=1, seed=0
    )  # fmt: skip


def owner(parts: tuple[Part, ...]) -> tuple[dict[int, int], dict[int, int]]:
    """Part by job and by vehicle."""
    return (
        {job: k for k, part in enumerate(parts) for job in part.jobs},
        {van: k for k, part in enumerate(parts) for van in part.vehicles},
    )


@given(worlds(), st.integers(1, 4), st.integers(0, 5), st.booleans())
@tried(60)
def test_everything_is_in_exactly_one_part_with_what_it_is_tied_to(
    world: tuple[Problem, dict[str, tuple[str, ...]]], count: int, turn: int, planned: bool
) -> None:
    """A job in no part would never be driven, one in two twice; a pair in two parts could not be kept together."""
    problem, plan = world
    parts = parts_of(problem, count, plan if planned else None, turn)
    assert Counter(j for part in parts for j in part.jobs) == Counter(range(len(problem.jobs)))
    assert Counter(v for part in parts for v in part.vehicles) == Counter(range(len(problem.vehicles)))
    job_in, van_in = owner(parts)
    at = {job.id: k for k, job in enumerate(problem.jobs)}
    vans = {vehicle.id: k for k, vehicle in enumerate(problem.vehicles)}
    ties = [r.jobs for r in problem.relations if r.kind != "different_routes"]
    ties += [g.jobs for g in problem.groups] + [(s.pickup, s.delivery) for s in problem.shipments]
    for tie in ties:
        assert len({job_in[at[name]] for name in tie}) == 1
    for job in problem.jobs:
        if job.pinned_to is not None:
            assert job_in[at[job.id]] == van_in[vans[job.pinned_to]]
    for vehicle in problem.vehicles:
        assert {job_in[at[i]] for i in vehicle.first if i in at} <= {van_in[vans[vehicle.id]]}
    for name, items in plan.items() if planned else ():
        assert {job_in[at[i]] for i in items if i in at} <= {van_in[vans[name]]}


@given(worlds(), st.integers(1, 3), st.integers(0, 3))
@tried(60)
def test_parts_mean_what_the_whole_means(
    world: tuple[Problem, dict[str, tuple[str, ...]]], count: int, turn: int
) -> None:
    """Any plan, broken ones too, judged in parts and joined is the plan judged as a whole, to the cent and second."""
    whole, plan = world
    problem, ways = priced(whole, Table(whole.matrices)), Table(whole.matrices)
    parts = parts_of(problem, count, plan, turn)
    routes = []
    for number, part in enumerate(parts):
        own = task(problem, part, len(parts), number)
        narrow = own.whole(ways)
        assert validate(narrow) == () or not part.vehicles
        mine = {v.id: plan.get(v.id, ()) for v in narrow.vehicles}
        routes += own.placed(evaluate(narrow, mine))
    expected = evaluate(whole, plan)
    joined = join(problem, routes, {})
    assert joined == expected
    in_routes = {
        (v.code, v.route, v.job) for route in joined.routes for v in verify_of(whole, route.vehicle, plan)
    }
    of_all = {(v.code, v.route, v.job) for v in verify(whole, expected)}
    of_joined = {(v.code, v.route, v.job) for v in verify_joined(problem, joined)}
    assert of_joined <= of_all
    assert of_all - of_joined <= in_routes


def verify_of(problem: Problem, vehicle: str, plan: Plan) -> list:
    return [v for v in verify(problem, evaluate(problem, plan)) if v.route == vehicle]


@given(problems(), st.data())
@tried(30)
def test_a_block_is_the_table_s_own_entries(problem: Problem, data: st.DataObject) -> None:
    """A part drives the same ways as the whole, at every time of day; blocks need not be square."""
    size = len(problem.matrices["van"].durations)
    some = st.lists(st.integers(0, size - 1), max_size=4).map(lambda rows: np.array(rows, dtype=np.intp))
    rows, columns = data.draw(some), data.draw(some)
    for name, block in Table(problem.matrices).block(rows, columns).items():
        whole = problem.matrices[name]
        assert (block.durations == whole.durations[np.ix_(rows, columns)]).all()
        assert (block.distances == whole.distances[np.ix_(rows, columns)]).all()
        assert block.durations.dtype == block.distances.dtype == np.int32
        for mine, its in zip(block.periods, whole.periods, strict=True):
            assert mine.start == its.start
            assert (mine.durations == its.durations[np.ix_(rows, columns)]).all()


def test_neighbours_share_a_part_and_seams_move() -> None:
    """The first cut is by angle; a cut of the plan's routes in another turn puts together what a seam divided."""
    problem = town(120, 12)
    parts = parts_of(problem, 4)
    assert all(24 <= len(part.jobs) <= 36 and len(part.vehicles) == 3 for part in parts)
    plan = construct(problem)
    turns = {frozenset(frozenset(p.vehicles) for p in parts_of(problem, 4, plan, turn)) for turn in range(6)}
    assert len(turns) > 2


def test_places_without_points_lie_where_travel_times_put_them() -> None:
    """A cut by geography needs no coordinates: places on a map are found again from times, up to turn and scale."""
    dice = np.random.default_rng(3)
    true = dice.uniform(0, 9000, (60, 2))
    metres = np.rint(np.hypot(*(true[:, None] - true[None]).transpose(2, 0, 1))).astype(np.int32)
    problem = town(59, 3)
    matrix = replace(problem.matrices["van"], durations=metres, distances=metres)
    found = spots_of(problem, Table({"van": matrix}))
    apart = np.hypot(*(found[:, None] - found[None]).transpose(2, 0, 1))
    assert np.abs(apart - metres).max() < 60


def test_vehicles_go_where_their_skill_and_hours_are_asked_for() -> None:
    """Cold goods in the west, evening windows in the east: the cold van goes west, the late one east."""
    evening = (Window(18 * HOUR, 20 * HOUR),)
    west = [Job(f"w{k}", k, service_s=600, skills=frozenset({"cold"})) for k in (0, 1)]
    east = [Job(f"e{k}", k, service_s=600, windows=evening) for k in (8, 9)]
    late = Window(14 * HOUR, 22 * HOUR)
    fleet = [
        van("plain", start=5),
        van("late", start=5, shift=late),
        van("cold", start=5, skills=frozenset({"cold"})),
    ]
    problem = line([*west, *east], fleet)
    job_in, van_in = owner(parts_of(problem, 2))
    assert van_in[2] == job_in[0] == job_in[1]
    assert van_in[1] == job_in[2] == job_in[3]
    assert job_in[0] != job_in[2]


def test_jobs_that_must_be_apart_may_be_in_different_parts() -> None:
    """Forty flats with one cleaner each need not be one part: routes of different parts are apart anyway."""
    problem = town(40, 8)
    apart = Relation("different_routes", tuple(job.id for job in problem.jobs[:20]))
    tied = replace(problem, relations=(apart,))
    parts = parts_of(tied, 4)
    assert max(len(part.jobs) for part in parts) <= 12
    narrow = [task(priced(tied, Table(tied.matrices)), part).problem for part in parts]
    assert (
        sum(len(r.jobs) for p in narrow for r in p.relations)
        + sum(len({j.id for j in p.jobs} & set(apart.jobs)) == 1 for p in narrow)
        == 20
    )


def test_no_more_parts_than_docks() -> None:
    """Each part has a dock of its own, or plans of two parts could meet at one."""
    from dispatch.planning.model import Depot

    problem = town(200, 20, depot="hub")
    docked = replace(problem, depots=(Depot("hub", 0, load_s=600, docks=3),))
    assert parts_for(problem, 20, 2) == 10
    assert parts_for(docked, 20, 2) == 3
    parts = parts_of(docked, 3)
    shares = [
        task(priced(docked, Table(docked.matrices)), p, 3, k).problem.depots[0].docks
        for k, p in enumerate(parts)
    ]
    assert shares == [1, 1, 1]


def test_a_part_without_vehicles_is_a_problem_like_others() -> None:
    """More parts than vans: one has jobs alone, whose reasons are still told."""
    problem = line([Job("a", 1), Job("b", 5)], [van("only")])
    ways = Table(problem.matrices)
    parts = parts_of(problem, 2, {}, 0)
    narrow = [task(problem, part, len(parts), number).whole(ways) for number, part in enumerate(parts)]
    assert sum(len(each.vehicles) for each in narrow) == 1
    for each in narrow:
        assert each.matrices
        evaluate(each, {})
