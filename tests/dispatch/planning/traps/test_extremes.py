"""Traps of what cannot be done and of days that hardly are one: each gets a verified plan, and a reason for every job
left out.
"""

from __future__ import annotations

import numpy as np
import pytest

from dispatch.planning.engines.portfolio import solve
from dispatch.planning.model import (
    UNREACHABLE,
    Carrier,
    Depot,
    DrivingRule,
    Group,
    Job,
    Matrix,
    Offer,
    Period,
    Problem,
    Shipment,
    Vehicle,
    Window,
    soft,
)
from dispatch.planning.verify import verify

from ..rules.day import HOUR, S, dialled, judged, keys, line_matrix, only, van, window, world
from .day import best_of_all, reason, reasons, served


def test_demand_larger_than_any_vehicle() -> None:
    """12 for vans of 10 and 5: left out with both numbers; at 0.50 per unit over it rides in the larger one."""
    fleet = [van("large", capacity=(10,)), van("small", capacity=(5,))]
    problem = world([Job("piano", 1, delivery=(12,)), Job("b", 2, delivery=(5,))], fleet)
    solution = best_of_all(problem, 1000 + 200 + 240 + problem.compiled.out_price[0])
    assert reasons(solution) == {"piano": "overload"}
    assert "12 kg" in reason(solution, "piano").words
    priced = best_of_all(dialled(problem, "overload", soft(50)), 1000 + 200 + 240 + 7 * 50)
    assert priced.plan == {"large": ("piano", "b")} or priced.plan == {"large": ("b", "piano")}


def test_a_shipment_larger_than_any_vehicle_leaves_both_its_ends() -> None:
    """Neither is served alone."""
    problem = world(
        [Job("from", 1), Job("to", 2)], [van(capacity=(5,))], shipments=(Shipment("from", "to", (6,)),)
    )
    solution = best_of_all(problem, sum(problem.compiled.out_price))
    assert set(reasons(solution)) == {"from", "to"}


def test_a_van_that_is_too_full_before_its_first_stop() -> None:
    """12 on board of a van of 10: it takes nothing, the other one drives; alone, everything is left."""
    full, free = van("full", aboard=(12,), capacity=(10,)), van("free", capacity=(10,), start=9, end=9)
    jobs = [Job("a", 8, delivery=(5,)), Job("b", 8, delivery=(5,))]
    assert best_of_all(world(jobs, [full, free]), 1220).plan.keys() == {"free"}
    alone = world(jobs, [full])
    assert best_of_all(alone, sum(alone.compiled.out_price)).plan == {}


def test_a_window_outside_every_shift() -> None:
    """Between two shifts: nobody, whatever the priority; with overtime until then it is done."""
    early, late = (
        van("early", shift=Window(S, S + HOUR)),
        van("late", shift=Window(S + 3 * HOUR, S + 4 * HOUR)),
    )
    gap = Job("gap", 1, windows=(window(2 * HOUR, 2 * HOUR + 60),), priority=100)
    problem = world([gap, Job("b", 2)], [early, late])
    solution = best_of_all(problem, 1000 + 200 + 240 + problem.compiled.out_price[0])
    assert reasons(solution) == {"gap": "no_vehicle_fits"}
    assert {(v.vehicle, v.code) for v in reason(solution, "gap").by_vehicle} == {
        ("early", "shift_end"),
        ("late", "late"),
    }
    longer = van("early", shift=Window(S, S + HOUR), max_overtime_s=2 * HOUR, overtime_per_hour=3600)
    # leaves at 7,140, home at 7,260: all of it is paid, 3,660 s of it as overtime
    assert served(best_of_all(world([gap], [longer, late]), 1220 + 3660)) == {"gap"}


def test_a_station_that_is_shut_during_the_shift() -> None:
    """The van's shift is over before the station opens: it cannot load, another one with later hours can."""
    hub = (Depot("hub", 0, windows=(window(2 * HOUR, 3 * HOUR),), load_s=300),)
    early = van("early", depot="hub", shift=Window(S, S + HOUR))
    late = van("late", depot="hub", shift=Window(S, S + 4 * HOUR))
    jobs = [Job("a", 1)]
    assert best_of_all(world(jobs, [early, late], depots=hub), 1000 + 100 + 120 + 300).plan == {
        "late": ("a",)
    }
    alone = world(jobs, [early], depots=hub)
    solution = best_of_all(alone, sum(alone.compiled.out_price))
    assert set(reasons(solution)) == {"a"}
    assert reason(solution, "a").words


def island(**ways: int) -> Problem:
    """Place 7 without a way ``to`` it, ``back`` from it, or both."""
    table = line_matrix(10)
    way = table.durations.copy()
    if "to" in ways:
        way[:7, 7] = way[8:, 7] = UNREACHABLE
    if "back" in ways:
        way[7, :7] = way[7, 8:] = UNREACHABLE
    matrices = {"van": Matrix(way, table.distances)}
    return world([Job("island", 7), Job("b", 2)], [van()], matrices=matrices)


@pytest.mark.parametrize("ways", [{"to": 1}, {"back": 1}, {"to": 1, "back": 1}])
def test_an_unreachable_address(ways: dict[str, int]) -> None:
    """No way there, none back, or neither: left out for that, and the other job is done."""
    problem = island(**ways)
    solution = best_of_all(problem, 1000 + 200 + 240 + problem.compiled.out_price[0])
    assert reasons(solution) == {"island": "unreachable"}


def test_an_unreachable_door_and_a_locker() -> None:
    """The locker at 2 for 0.40, or a carrier to the door for 90.00."""
    problem = island(to=1)
    jobs = (*problem.jobs, Job("locker", 2))
    grouped = Problem(
        jobs, problem.vehicles, problem.matrices, ("kg",), groups=(Group("g", ("island", "locker"), (0, 40)),)
    )
    assert served(best_of_all(grouped, 1000 + 200 + 240 + 40)) == {"b", "locker"}


def test_an_unreachable_address_goes_to_a_carrier() -> None:
    """Where nobody of ours can go, the offer of 9.00 is taken and told."""
    problem = island(to=1)
    jobs = (Job("island", 7, offers=(Offer("swift", 900),)), problem.jobs[1])
    bought = Problem(jobs, problem.vehicles, problem.matrices, ("kg",), carriers=(Carrier("swift"),))
    solution = best_of_all(bought, 1000 + 200 + 240 + 900)
    assert reason(solution, "island").carrier == "swift"


@pytest.mark.parametrize("warm", [None, {"gone": ("x",)}])
def test_zero_vehicles_and_zero_orders(warm: dict[str, tuple[str, ...]] | None) -> None:
    """A station day that has nothing yet, asked for on every page load; an old plan changes nothing."""
    for jobs, fleet, codes in (
        ([], [], set()),
        ([], [van()], set()),
        ([Job("a", 1), Job("b", 2)], [], {"no_vehicles"}),
    ):
        problem = Problem(tuple(jobs), tuple(fleet), {"van": line_matrix(10)}, ("kg",))
        solution = solve(problem, iterations=20, seed=1, warm_start=warm)
        assert verify(problem, solution) == []
        assert (solution.plan, solution.violations) == ({}, ())
        assert set(reasons(solution).values()) == codes
        assert len(solution.unassigned) == len(jobs)


def test_zero_orders_and_a_clock() -> None:
    """With a time limit the engines run side by side: with nothing to do they must not wait for it."""
    problem = Problem((), (van(),), {"van": line_matrix(10)}, ("kg",))
    assert solve(problem, time_limit_s=0.2).plan == {}


def test_one_order() -> None:
    """The nearer of two vans: 2 km and 120 s."""
    assert best_of_all(world([Job("a", 8)], [van(), van("near", start=9, end=9)]), 1220).plan == {
        "near": ("a",)
    }


def test_all_orders_at_one_address() -> None:
    """Setup once, service five times: 6 km, 360 s, 300 and 5 x 60; and the windows still order them."""
    jobs = [
        Job(f"j{k}", 3, service_s=60, setup_s=300, windows=(window(0, 9000 - k * 1000),)) for k in range(4)
    ]
    assert len(only(best_of_all(world(jobs), 1000 + 300 + 360 + 300 + 240)).jobs) == 4


def test_all_orders_at_the_station_itself() -> None:
    """No way at all, not a metre: the fixed cost and the minutes at the door."""
    jobs = [Job(f"j{k}", 0, service_s=60) for k in range(4)]
    solution = best_of_all(world(jobs, [van()]), 1000 + 240)
    assert only(solution).distance_m == 0


def test_a_one_way_ring() -> None:
    """0 -> 1 -> 2 -> 3 -> 0 a minute and a kilometre each, ten of both the other way round: the ring, not a minute
    against it.
    """
    table = np.full((4, 4), 600, dtype=np.int32)
    for k in range(4):
        table[k, (k + 1) % 4], table[k, k] = 60, 0
        table[k, (k + 2) % 4] = 120
    metres = (table.astype(np.int64) * 1000 // 60).astype(np.int32)
    problem = world([Job(f"j{k}", k) for k in (2, 1, 3)], [van()], matrices={"van": Matrix(table, metres)})
    assert only(best_of_all(problem, 1000 + 200 + 240)).jobs == ("j1", "j2", "j3")


def test_zero_entries_that_break_the_triangle() -> None:
    """From 0 to 2 is 9 km, but over 1 it is nothing at all: the detour is free, in both tables."""
    table = np.array([[0, 0, 540], [540, 0, 0], [0, 540, 0]], dtype=np.int32)
    problem = world([Job("b", 2), Job("a", 1)], [van()], matrices={"van": Matrix(table, table)})
    assert only(best_of_all(problem, 1000)).jobs == ("a", "b")


def test_a_faster_period_opens_what_the_first_one_closes() -> None:
    """600 s a leg until the second hour, 60 s after it: home by the shift's end only for who leaves then."""
    table = np.array([[0, 600], [600, 0]], dtype=np.int32)
    quick = (Period(S + HOUR, table // 10),)
    metres = np.array([[0, 1000], [1000, 0]], dtype=np.int32)
    shift = Window(S, S + HOUR + 200)
    driver = van(shift=shift, max_duration_s=200)
    problem = world(
        [Job("a", 1, windows=(window(3660, 3720),))], [driver], matrices={"van": Matrix(table, metres, quick)}
    )
    assert served(best_of_all(problem, 1000 + 100 + 120)) == {"a"}


def test_pauses_without_end_are_told_and_break_nothing() -> None:
    """A pause after every second of driving, on a way of nine minutes: more pauses than any timetable has lines. The
    job is left out; what drives it all the same is overdue, says the checker too.
    """
    driver = van(driving_rules=(DrivingRule(1, 1),))
    problem = world([Job("a", 9), Job("b", 9)], [driver])
    broken = judged(problem, {"van": ("a", "b")}, S)
    assert {code for code, *_ in keys(broken.violations)} == {"pause_overdue"}
    assert best_of_all(problem, sum(problem.compiled.out_price)).plan == {}


def test_open_ends_and_nobody_at_home() -> None:
    """A van without start and end drives only between its stops: from 3 to 5, 2 km and 120 s."""
    rover = Vehicle("rover", None, None, Window(S, S + HOUR), cost_per_km=50, cost_per_hour=3600)
    assert only(best_of_all(world([Job("a", 5), Job("b", 3)], [rover]), 100 + 120)).distance_m == 2000
