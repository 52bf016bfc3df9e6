"""Traps of relations: with soft rules, with other relations, with alternatives, reloads and shipments."""

from __future__ import annotations

import pytest

from dispatch.planning.model import (
    HARD,
    Depot,
    Dial,
    Group,
    Incompatible,
    Job,
    Problem,
    Relation,
    Shipment,
    soft,
)
from dispatch.planning.validate import validate

from ..rules.day import S, dialled, only, step, van, window, world
from .day import best_of_all, served

FAR_FIRST = (Relation("sequence", ("far", "near")),)


def out_and_back() -> Problem:
    """``near`` should be done by 120 and costs a cent a minute after that; ``far`` goes before it. One van goes 16 km
    and 960 s: 27.60.
    """
    jobs = [Job("far", 8), Job("near", 1, windows=(window(0, 120),), late_price_per_min=1)]
    return world(jobs, [van()], relations=FAR_FIRST)


@pytest.mark.parametrize(
    ("dial", "cents", "order"),
    [
        (HARD, 2760 + 13, ("far", "near")),
        (soft(20), 2760 + 13, ("far", "near")),
        (soft(5), 2760 + 5, ("near", "far")),
    ],
)
def test_a_sequence_against_a_priced_window(dial: Dial, cents: int, order: tuple[str, ...]) -> None:
    """``near`` behind ``far`` is 780 s late, 13 minutes; the order costs what its dial says. The cheaper one gives
    way, and a hard one never.
    """
    solution = best_of_all(dialled(out_and_back(), "out_of_sequence", dial), cents)
    assert only(solution).jobs == order


def test_two_at_a_door_and_a_priced_window() -> None:
    """One is wanted by 300 at 0.02 a minute, the other not before 600, both at once: 5 minutes, 0.10, and two vans of
    10 km and 600 s.
    """
    jobs = [
        Job("one", 5, windows=(window(0, 300),), late_price_per_min=2),
        Job("two", 5, windows=(window(600, 900),)),
    ]
    problem = world(jobs, [van("v1"), van("v2")], relations=(Relation("together", ("one", "two")),))
    solution = best_of_all(problem, 2 * 2100 + 10)
    assert step(solution, "one").start == step(solution, "two").start == S + 600


@pytest.mark.parametrize(
    ("dial", "cents", "vans"), [(HARD, 2760, 1), (soft(400), 2760, 1), (soft(300), 2740, 2)]
)
def test_one_route_against_the_price_of_two(dial: Dial, cents: int, vans: int) -> None:
    """A fridge that only ann has, and a door near bob: apart it is 2 x (10.00 + 2 km + 120 s), with ann 10.00 + 16 km
    + 960 s, which is 3.20 more.
    """
    jobs = [Job("milk", 1, skills=frozenset({"fridge"})), Job("bread", 8)]
    fleet = [van("ann", skills=frozenset({"fridge"})), van("bob", start=9, end=9)]
    problem = world(jobs, fleet, relations=(Relation("same_route", ("milk", "bread")),))
    solution = best_of_all(dialled(problem, "not_same_route", dial), cents)
    assert (len(solution.routes), "milk" in solution.plan["ann"]) == (vans, True)


def test_directly_one_after_another_with_a_shipment() -> None:
    """From 1 to 5 without a stop between, and a job at 3 that must begin at 180: on the way it would be free, so it is
    first, and the van comes back for the parcel. 3 + 2 + 4 + 5 km, 840 s.
    """
    jobs = [Job("from", 1), Job("to", 5), Job("between", 3, windows=(window(180, 180),))]
    problem = world(jobs, [van()], shipments=(Shipment("from", "to"),))
    assert only(best_of_all(problem, 1000 + 500 + 600)).jobs == ("from", "between", "to")
    direct = world(
        jobs, [van()], shipments=problem.shipments, relations=(Relation("direct", ("from", "to")),)
    )
    assert only(best_of_all(direct, 1000 + 700 + 840)).jobs == ("between", "from", "to")


def test_a_sequence_of_which_one_has_another_place() -> None:
    """The door at 1 is open until 120, ``a`` must be before it and not before 540: so it is the locker at 9 for 0.30,
    and the sequence, one of whose members is not served, binds nobody. 18 km, 1,080 s.
    """
    jobs = [
        Job("a", 5, windows=(window(540, 600),)),
        Job("door", 1, windows=(window(60, 120),)),
        Job("locker", 9),
    ]
    one_of_two = (Group("parcel", ("door", "locker"), (0, 30)),)
    free = world(jobs, [van()], groups=one_of_two)
    assert served(best_of_all(free, 1000 + 500 + 780)) == {"a", "door"}
    bound = world(jobs, [van()], groups=one_of_two, relations=(Relation("sequence", ("a", "door")),))
    assert only(best_of_all(bound, 1000 + 900 + 1080 + 30)).jobs == ("a", "locker")


def test_goods_that_never_meet_on_board_meet_on_a_route_with_a_reload() -> None:
    """Food, then paint, a reload between: 4 km and 240 s with one van. Never on one route: two vans."""
    jobs = [
        Job("bread", 1, delivery=(1,), goods=frozenset({"food"})),
        Job("tins", 1, delivery=(1,), goods=frozenset({"paint"})),
    ]
    fleet = [van("v1", reloads=("hub",), max_trips=2), van("v2")]
    aboard = world(jobs, fleet, depots=(Depot("hub", 0),), incompatible=(Incompatible("food", "paint"),))
    assert only(best_of_all(aboard, 1000 + 200 + 240)).items[1] == "hub"
    apart = world(
        jobs, fleet, depots=(Depot("hub", 0),), incompatible=(Incompatible("food", "paint", "route"),)
    )
    assert len(best_of_all(apart, 2 * 1220).routes) == 2


def test_a_sequence_over_a_reload() -> None:
    """The heavy one at 2 goes before the one at 1, and both do not fit: two trips in this order."""
    jobs = [Job("first", 2, delivery=(50,)), Job("second", 1, delivery=(50,))]
    problem = world(
        jobs,
        [van(capacity=(50,), reloads=("hub",), max_trips=2)],
        depots=(Depot("hub", 0, load_s=300),),
        relations=(Relation("sequence", ("first", "second")),),
    )
    assert only(best_of_all(problem, 1000 + 300 + 660)).items == ("first", "hub", "second")


def test_apart_and_in_one_sequence_with_a_third() -> None:
    """a before b on one route, c on none of theirs: c has a van of its own although it lies between."""
    jobs = [Job("a", 1), Job("b", 3), Job("c", 2)]
    problem = world(
        jobs,
        [van("v1"), van("v2")],
        relations=(Relation("sequence", ("a", "b")), Relation("different_routes", ("b", "c"))),
    )
    solution = best_of_all(problem, (1000 + 300 + 360) + (1000 + 200 + 240))
    assert set(solution.plan.values()) == {("a", "b"), ("c",)}


def test_one_of_a_pair_is_pinned_away() -> None:
    """Both on one route, each pinned to another driver: an error that names the two, not two jobs left out."""
    jobs = [Job("a", 1, pinned_to="ann"), Job("b", 2, pinned_to="bob")]
    problem = world(jobs, [van("ann"), van("bob")], relations=(Relation("same_route", ("a", "b")),))
    (error,) = validate(problem)
    assert error.code == "pins_contradict"
    assert all(name in error.cause for name in ("'a'", "'b'", "'ann'", "'bob'"))
    assert validate(dialled(problem, "not_same_route", soft(100))) == ()
    assert validate(dialled(problem, "pinned_elsewhere", soft(100))) == ()


def test_two_at_a_door_are_pinned_to_one() -> None:
    """Both at the same time, both ann's."""
    jobs = [Job("a", 1, pinned_to="ann"), Job("b", 1, pinned_to="ann")]
    problem = world(jobs, [van("ann"), van("bob")], relations=(Relation("together", ("a", "b")),))
    (error,) = validate(problem)
    assert (error.code, error.subject) == ("pins_contradict", "a")
