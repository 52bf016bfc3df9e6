"""Traps of breaks: with a reload, with goods of a shipment on board, with pauses of driving rules."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dispatch.planning.model import Break, Depot, DrivingRule, Job, Problem, Shipment

from ..rules.day import S, only, step, van, window, world
from .day import best_of_all

HUB = (Depot("hub", 0, load_s=300),)


def test_a_break_lies_before_the_loading_or_after_it() -> None:
    """The first of two trips must be at 1 between 60 and 120, so it is back by 180 at the latest. Loading takes 300,
    the break of 600 begins from 200 to 400: not during the loading, not after it. So: wait 20, rest, load, go on.
    60 + 60 + 20 + 600 + 300 + 120 + 120 s, 6 km.
    """
    jobs = [Job("a", 1, delivery=(50,), windows=(window(60, 120),)), Job("b", 2, delivery=(50,))]
    rest = Break("rest", 600, (window(200, 400),))
    driver = van(capacity=(50,), reloads=("hub",), max_trips=2, breaks=(rest,))
    solution = best_of_all(world(jobs, [driver], depots=HUB), 1000 + 300 + 1280)
    assert only(solution).items == ("a", "hub", "b")
    assert (step(solution, "rest").start, step(solution, "hub").start) == (S + 200, S + 800)


def test_a_loading_before_the_break_where_there_is_time() -> None:
    """The break may begin until 900: no second of waiting. 660 s of two trips and 600 of rest."""
    jobs = [Job("a", 1, delivery=(50,), windows=(window(60, 60),)), Job("b", 2, delivery=(50,))]
    rest = Break("rest", 600, (window(450, 640),))
    driver = van(capacity=(50,), reloads=("hub",), max_trips=2, breaks=(rest,))
    solution = best_of_all(world(jobs, [driver], depots=HUB), 1000 + 300 + 1260)
    assert (only(solution).break_s, only(solution).waiting_s) == (600, 0)


def test_loading_is_no_pause_of_a_driving_rule() -> None:
    """600 s at the wheel, then 300 of pause: the loading of 400 between two trips of 600 s is work, and the pause is
    taken beside it. A break of 300 is one.
    """
    jobs = [Job("a", 5, delivery=(50,)), Job("b", 5, delivery=(50,))]
    depots = (Depot("hub", 0, load_s=400),)
    rested = (Break("rest", 300, (window(0, 1100),)),)
    for breaks in ((), rested):
        driver = van(capacity=(50,), reloads=("hub",), max_trips=2, driving_rules=(DrivingRule(600, 300),))
        driver = replace(driver, breaks=breaks)
        jobs[0] = replace(jobs[0], windows=(window(300, 300),))
        solution = best_of_all(world(jobs, [driver], depots=depots), 1000 + 1000 + 1200 + 400 + 300)
        assert [s.kind for s in only(solution).steps].count("pause") == (not breaks)


def parcel(max_aboard_s: int | None, **rest: Any) -> Problem:
    """From 2 to 8, picked up between 120 and 200; a rest of 600 that begins until 700."""
    jobs = [Job("from", 2, windows=(window(120, 200),)), Job("to", 8, max_aboard_s=max_aboard_s)]
    pause = Break("rest", 600, (window(60, 700),), **rest)
    goods = (Shipment("from", "to", (5,)),)
    return world(jobs, [van(capacity=(5,), breaks=(pause,))], shipments=goods)


def test_no_break_with_a_shipment_on_board_that_may_not_wait() -> None:
    """360 s on the road of the 400 that it may be on board: the break comes behind the delivery. 16 km, 960 s of
    road, 600 of rest.
    """
    solution = best_of_all(parcel(400), 1000 + 800 + 1560)
    assert step(solution, "rest").start >= step(solution, "to").departure


def test_the_canteen_on_the_way_with_a_shipment_on_board() -> None:
    """The canteen at 5 is passed with the parcel and again without: the parcel may not wait, so it is the way home,
    at 660 at the latest.
    """
    solution = best_of_all(parcel(400, place=5), 1000 + 800 + 1560)
    assert step(solution, "rest").place == 5
    assert step(solution, "rest").start >= step(solution, "to").departure
    assert only(solution).distance_m == 16_000


def test_with_a_shipment_that_may_wait_the_break_is_where_it_fits() -> None:
    """The same parcel may be on board for as long as the break and the road: no second more, no kilometre more."""
    solution = best_of_all(parcel(960, place=5), 1000 + 800 + 1560)
    assert only(solution).break_s == 600
    assert step(solution, "to").start - step(solution, "from").departure in (360, 960)


def test_a_break_and_a_shipment_that_cannot_both_be_kept_leave_both_jobs() -> None:
    """Picked up at 120 to 200, on board at most 400, the break must begin before 300, which is before the delivery at
    480: nothing goes, and both ends are left out, not one.
    """
    problem = parcel(400)
    rest = Break("rest", 600, (window(60, 300),))
    problem = world(list(problem.jobs), [van(capacity=(5,), breaks=(rest,))], shipments=problem.shipments)
    solution = best_of_all(problem, sum(problem.compiled.out_price))
    assert {out.job for out in solution.unassigned} == {"from", "to"}
    assert all(out.code != "left_out" and out.words for out in solution.unassigned)


def test_a_break_before_a_reload_keeps_the_second_trips_release() -> None:
    """The second trip's goods come in at 1,000, which holds the departure, not the loading: the rest of 600 fills the
    wait for them. 60 + 60 + 600, 300 of loading until 1,020, 120 + 120.
    """
    jobs = [
        Job("a", 1, delivery=(50,), windows=(window(60, 60),)),
        Job("b", 2, delivery=(50,), release_s=S + 1000),
    ]
    rest = Break("rest", 600, (window(60, 700),))
    driver = van(capacity=(50,), reloads=("hub",), max_trips=2, breaks=(rest,))
    solution = best_of_all(world(jobs, [driver], depots=HUB), 1000 + 300 + 1260)
    assert step(solution, "hub").departure >= S + 1000
    assert only(solution).waiting_s == 0
