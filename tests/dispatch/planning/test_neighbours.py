"""Insertion, repair, fixed heads and reasons."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import assume, given

from dispatch.planning.construct import construct
from dispatch.planning.evaluate import evaluate
from dispatch.planning.explain import explain
from dispatch.planning.heads import take_heads
from dispatch.planning.insertion import detours_of, insert
from dispatch.planning.may import may
from dispatch.planning.model import Break, Job, Plan, Problem, Window
from dispatch.planning.repair import repair
from dispatch.planning.validate import validate
from dispatch.planning.verify import verify

from .strategies import problems, problems_with_plans, tried
from .worlds import HOUR, line, town, van


def test_the_best_slot_and_its_price() -> None:
    """Between km 2 and km 6 a stop at km 4 costs its service alone: 60 s at a cent a second."""
    problem = line([Job("a", 2), Job("b", 6), Job("new", 4, service_s=60)], [van("v1"), van("v2")])
    slots = insert(problem, {"v1": ("a", "b")}, "new")
    assert [(s.vehicle, s.position, s.cost, s.violations) for s in slots[:2]] == [
        ("v1", 1, 60, ()), ("v1", 2, 60, ()),
    ]  # fmt: skip
    assert slots[0].start == 8 * HOUR + 240
    assert slots[-1].vehicle == "v2"
    assert slots[-1].cost == 1000 + 400 + 480 + 60


def test_a_slot_tells_what_it_would_break() -> None:
    """A full van and a locked one are offered last, with the reason; the frozen head is never parted."""
    jobs = [Job("a", 1, delivery=(8,)), Job("b", 2), Job("new", 1, delivery=(5,))]
    fleet = [van("full", capacity=(10,)), van("locked", first=("b",), locked=True)]
    slots = insert(line(jobs, fleet), {"full": ("a",), "locked": ("b",)}, "new")
    assert {(s.vehicle, v.code) for s in slots for v in s.violations} == {
        ("full", "overload"), ("locked", "locked_changed"),
    }  # fmt: skip
    assert all(s.position == 1 for s in slots if s.vehicle == "locked")


def test_moving_a_job_is_looked_at_without_it() -> None:
    """A job that is planned already is not counted twice, and one vehicle may be asked alone."""
    problem = line([Job("a", 2), Job("b", 6)], [van("v1"), van("v2")])
    slots = insert(problem, {"v1": ("a", "b")}, "b", vehicles={"v1"})
    assert {(s.vehicle, s.position) for s in slots} == {("v1", 0), ("v1", 1)}
    assert slots[0].cost == 8 * 50 + 8 * 60


@given(problems_with_plans())
@tried(30)
def test_slots_cost_what_evaluate_says(world: tuple[Problem, Plan]) -> None:
    """The marginal cost is the difference of two evaluations, for every vehicle and position."""
    problem, plan = world
    planned = {job for jobs in plan.values() for job in jobs}
    free = [job.id for job in problem.jobs if job.id not in planned]
    if not free:
        return
    for slot in insert(problem, plan, free[0], limit=5):
        jobs = plan.get(slot.vehicle, ())
        wider = {**plan, slot.vehicle: (*jobs[: slot.position], free[0], *jobs[slot.position :])}
        after, before = evaluate(problem, wider).cost, evaluate(problem, plan).cost
        priced = problem.compiled.out_price[problem.compiled.job_number[free[0]]]
        assert slot.cost == after.total - before.total + priced


@given(problems_with_plans())
@tried(30)
def test_detours_are_differences_of_travel(world: tuple[Problem, Plan]) -> None:
    """The sieve of the inserter must be exact where all ways exist, open ends included."""
    problem, plan = world
    c = problem.compiled
    planned = {job for jobs in plan.values() for job in jobs}
    for number in [j for j, job in enumerate(c.jobs) if job.id not in planned][:1]:
        for vehicle in problem.vehicles:
            ids = plan.get(vehicle.id, ())
            before = evaluate(problem, {vehicle.id: ids})
            if before.routes and any(v.code == "unreachable" for v in before.violations):
                continue
            driven = before.routes[0].driving_s if before.routes else None
            for position, extra in enumerate(detours_of(c, vehicle, c.numbers(ids), number)):
                wider = (*ids[:position], c.jobs[number].id, *ids[position:])
                route = evaluate(problem, {vehicle.id: wider}).routes[0]
                if any(v.code == "unreachable" for v in route.violations) or driven is None:
                    continue
                assert route.driving_s - driven == extra


@given(problems_with_plans())
@tried(30)
def test_repair_leaves_nothing_broken(world: tuple[Problem, Plan]) -> None:
    """From any plan, however broken, to one that the checker accepts."""
    problem, plan = world
    assume(not validate(problem))
    assert verify(problem, evaluate(problem, repair(problem, plan))) == []


@given(problems())
@tried(30)
def test_the_constructed_plan_needs_little_repair(problem: Problem) -> None:
    """It is the first that anybody sees: only jobs of the problem, each once, only where it may go."""
    assume(not validate(problem))
    headless = take_heads(problem)
    plan = construct(headless.problem)
    assert all(
        headless.problem.compiled.able[j, k] for k, jobs in _numbered(headless.problem, plan) for j in jobs
    )
    assert {v.code for v in evaluate(headless.problem, plan).violations} <= {
        "break_missed", "unreachable", "late", "shift_end", "too_long",
    }  # fmt: skip
    mended = evaluate(headless.problem, repair(headless.problem, plan))
    assert verify(headless.problem, mended) == []


def _numbered(problem: Problem, plan: Plan) -> list[tuple[int, list[int]]]:
    c = problem.compiled
    return [(c.vehicle_number[vehicle], c.numbers(jobs)) for vehicle, jobs in plan.items()]


@given(problems())
@tried(25)
def test_the_table_of_who_may_do_what_is_what_the_reasons_say(problem: Problem) -> None:
    """The quick table and the sentences of the refusals are two writings of one rule."""
    c = problem.compiled
    for k, vehicle in enumerate(c.vehicles):
        assert [may(c, vehicle, j) for j in range(len(c.jobs))] == c.able[:, k].tolist()


def test_a_hopeless_route_is_mended_with_bounded_work() -> None:
    """400 jobs for one van that can do 60: no removal one by one, which would walk 100,000 routes."""
    problem = town(400, 1)
    began = time.process_time()
    plan = repair(problem, {"v0": tuple(job.id for job in problem.jobs)})
    assert time.process_time() - began < 8
    assert verify(problem, evaluate(problem, plan)) == []
    assert len(plan["v0"]) > 10


def test_repair_that_is_out_of_time_still_breaks_nothing() -> None:
    """The deadline may fall into the mending: what is not mended by then is left out."""
    problem = town(60, 2)
    jobs = tuple(job.id for job in problem.jobs)
    plan = repair(problem, {"v0": jobs[:50], "v1": jobs[50:]}, lambda: True)
    assert verify(problem, evaluate(problem, plan)) == []


def test_repair_takes_out_as_little_as_possible() -> None:
    """One of three is too heavy for the rest: the two others stay in their order."""
    jobs = [Job("a", 1, delivery=(4,)), Job("b", 2, delivery=(9,)), Job("c", 3, delivery=(4,))]
    assert repair(line(jobs, [van(capacity=(10,))]), {"van": ("a", "b", "c")}) == {"van": ("a", "c")}


def test_repair_makes_room_for_a_break() -> None:
    """Back to back services over lunch cannot all stay: what goes is named, the rest has its break."""
    lunch = (Break("lunch", 1800, (Window(12 * HOUR, 13 * HOUR),)),)
    jobs = [
        Job(f"j{h}", 1, service_s=3600, windows=(Window(h * HOUR, h * HOUR + 60),))
        for h in (10, 11, 12, 13, 14)
    ]
    problem = line(jobs, [van(breaks=lunch)])
    solution = evaluate(problem, repair(problem, {"van": tuple(job.id for job in jobs)}))
    assert verify(problem, solution) == []
    assert len(solution.unassigned) == 1


def test_heads_are_taken_out_and_joined_again() -> None:
    """The rest starts where and when the head ends, with the room that the head leaves."""
    jobs = [Job("a", 2, delivery=(3,), service_s=60), Job("b", 5, pickup=(4,)), Job("c", 7, delivery=(2,))]
    fleet = [
        van("v", first=("a", "b"), capacity=(10,), max_stops=5, max_distance_m=20_000),
        van("w", locked=True),
    ]
    headless = take_heads(line(jobs, fleet))
    assert [job.id for job in headless.problem.jobs] == ["c"]
    rest = headless.problem.vehicles[0]
    assert (rest.start, rest.shift.start, rest.capacity) == (5, 8 * HOUR + 5 * 60 + 60, (6,))
    assert (rest.max_stops, rest.max_distance_m, rest.fixed_cost) == (3, 15_000, 0)
    assert [v.id for v in headless.problem.vehicles] == ["v"]
    assert headless.join({"v": ("c",)}) == {"v": ("a", "b", "c")}
    assert headless.cut({"v": ("a", "b", "c"), "w": ("a",)}) == {"v": ("c",)}


def test_a_parcel_that_comes_later_does_not_join_a_van_that_has_left() -> None:
    """The head leaves at 8:00; what is released at 9:00 cannot be on board."""
    jobs = [Job("a", 2), Job("late", 3, release_s=9 * HOUR)]
    headless = take_heads(line(jobs, [van("v", first=("a",)), van("w")]))
    assert headless.problem.jobs[0].vehicles == frozenset({"w"})


def reason(problem: Problem, plan: Plan, job: str) -> tuple[str, str]:
    told = {u.job: u for u in explain(problem, evaluate(problem, plan)).unassigned}
    return told[job].code, told[job].words


def test_reasons_in_words() -> None:
    """Each sentence names the rule that binds and its numbers."""
    two = [Job("a", 1, delivery=(8,)), Job("new", 2, delivery=(5,))]
    assert reason(line(two, [van(capacity=(10,))]), {"van": ("a",)}, "new") == (
        "overload", "The only vehicle that could take it is full. van is full: 3 over its capacity.",
    )  # fmt: skip
    noon = (Window(12 * HOUR, 12 * HOUR),)
    both = [Job("a", 1, windows=noon, service_s=60), Job("new", 9, windows=noon)]
    code, words = reason(line(both), {"van": ("a",)}, "new")
    assert code == "late"
    assert "van would be 8 min late" in words
    short = line([Job("a", 9)], [van(shift=Window(8 * HOUR, 8 * HOUR + 600))])
    assert reason(short, {}, "a")[0] == "shift_end"
    assert "back at 08:18, its shift ends 08:10" in reason(short, {}, "a")[1]


def test_reasons_differ_by_vehicle() -> None:
    """One van lacks the skill, one is full: both are told, and the sentence is about all."""
    jobs = [Job("a", 1, delivery=(9,)), Job("cold", 2, delivery=(5,), skills=frozenset({"fridge"}))]
    problem = line(jobs, [van("plain"), van("cool", capacity=(10,), skills=frozenset({"fridge"}))])
    told = explain(problem, evaluate(problem, {"cool": ("a",)})).unassigned[0]
    assert [(r.vehicle, r.code) for r in told.by_vehicle] == [("plain", "skill"), ("cool", "overload")]


def test_a_pin_is_part_of_the_reason() -> None:
    """Other vans are free, but the order is pinned to one whose shift is too short."""
    fleet = [van("short", shift=Window(8 * HOUR, 8 * HOUR + 60)), van("free")]
    code, words = reason(line([Job("a", 9, pinned_to="short")], fleet), {}, "a")
    assert code == "shift_end"
    assert words.startswith("It is pinned to short.")


def test_many_left_out_jobs_are_explained_quickly_and_all() -> None:
    """A day without vans enough must not spend its time on reasons; each still has one."""
    problem = town(300, 1)
    problem = replace(problem, vehicles=(replace(problem.vehicles[0], max_stops=1),))
    told = explain(problem, evaluate(problem, {"v0": ("j0",)})).unassigned
    assert len(told) == 299
    assert {u.code for u in told} <= {"too_many_stops", "full"}
