"""Tiny problems whose best plan is known: does PyVRP find it, for each thing that is stated to it?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatch.planning.engines.pyvrp_data import from_pyvrp, state, to_pyvrp
from dispatch.planning.model import (
    HARD,
    NEVER,
    OFF,
    UNREACHABLE,
    Battery,
    Carrier,
    Current,
    Depot,
    Group,
    Job,
    Matrix,
    Offer,
    Period,
    RateCard,
    Shipment,
    Weights,
    Window,
    soft,
)

from .pyvrp_world import cents, found, road
from .worlds import HOUR, line_matrix, van


def test_a_reload_lets_a_small_van_bring_more_than_it_holds() -> None:
    """Three parcels of which two fit: one van, two trips, loading takes its time; the plan says where it was."""
    jobs = [Job(f"j{i}", i, delivery=(1,)) for i in (1, 2, 3)]
    problem = road(
        jobs,
        [van(capacity=(2,), max_trips=2, reloads=("hub",))],
        depots=(Depot("hub", 0, load_s=600),),
    )
    plan = found(problem)
    items = plan["van"]
    assert items.count("hub") == 1
    assert set(items) == {"j1", "j2", "j3", "hub"}
    # 8 minutes and km: the far two in one trip (6), the near one in the other (2); ten minutes of loading
    assert cents(problem, plan) == 1000 + 8 * 50 + 8 * 60 + 600


def test_no_more_trips_than_allowed() -> None:
    """Three trips would be needed, two are allowed: one parcel stays."""
    jobs = [Job(f"j{i}", i, delivery=(1,)) for i in (1, 2, 3)]
    plan = found(
        road(jobs, [van(capacity=(1,), max_trips=2, reloads=("hub",))], depots=(Depot("hub", 0),)),
        iterations=3000,
    )
    assert len([item for item in plan["van"] if item != "hub"]) == 2


def test_reloads_only_while_the_depot_is_open() -> None:
    """The hub at 5 opens for ten minutes in the afternoon: both trips fit only around that."""
    hub = Depot(
        "hub", 5, windows=(Window(8 * HOUR, 8 * HOUR + 60), Window(14 * HOUR, 14 * HOUR + 600)), load_s=300
    )
    jobs = [Job("a", 6, delivery=(2,)), Job("b", 7, delivery=(2,))]
    problem = road(jobs, [van(capacity=(2,), max_trips=2, reloads=("hub",))], depots=(hub,))
    statement = state(problem)
    assert statement is not None
    solution = to_pyvrp(problem, statement, {"van": ("a", "hub", "b")})
    assert solution.is_feasible()
    reload = next(s for s in solution.routes()[0].schedule()[1:-1] if s.is_depot())
    assert 14 * HOUR <= reload.start_time <= 14 * HOUR + 300
    assert reload.end_time == reload.start_time + 300
    assert "hub" in found(problem)["van"]


def test_loading_and_hours_of_the_start() -> None:
    """The depot opens at nine and loads ten minutes, so nobody is anywhere before 09:11."""
    problem = road(
        [Job("early", 1, windows=(Window(8 * HOUR, 9 * HOUR + 659),)), Job("later", 2)],
        [van(depot="hub")],
        depots=(Depot("hub", 0, windows=(Window(9 * HOUR, 18 * HOUR),), load_s=600),),
    )
    assert found(problem) == {"van": ("later",)}
    assert cents(problem, {"van": ("later",)}) == 1000 + 4 * 50 + 4 * 60 + 600


def test_a_release_is_held_by_the_departure_not_by_the_loading() -> None:
    """Goods released at ten may be loaded from 09:50 on where loading takes ten minutes: who closes at 10:01 is
    still served.
    """
    job = Job("j", 1, windows=(Window(0, 10 * HOUR + 60),), release_s=10 * HOUR)
    hub = Depot("hub", 0, load_s=600)
    assert found(road([job], [van(depot="hub")], depots=(hub,))) == {"van": ("j",)}
    late = replace(job, release_s=10 * HOUR + 1)
    assert found(road([late, Job("k", 1)], [van(depot="hub")], depots=(hub,))) == {"van": ("k",)}


def test_one_of_several_places_by_price() -> None:
    """Door or locker, 10 km apart from each other: the locker on the way wins until choosing it costs more than
    the detour of 6 km (6 * 50 + 6 * 60 = 660).
    """
    jobs = [Job("far", 3), Job("locker", 2), Job("door", 6)]
    for price, chosen in ((659, "locker"), (661, "door")):
        group = Group("g", ("locker", "door"), (price, 0))
        served = set(found(road(jobs, [van()], groups=(group,)))["van"])
        assert served == {"far", chosen}


def test_alternatives_with_windows_of_their_own() -> None:
    """The near one is only open before the shift; of the other's two windows the second fits."""
    jobs = [
        Job("near", 1, windows=(Window(0, 100),)),
        Job("other", 4, windows=(Window(0, 100), Window(9 * HOUR, 10 * HOUR))),
    ]
    assert found(road(jobs, [van()], groups=(Group("g", ("near", "other")),))) == {"van": ("other",)}


def test_an_offer_is_taken_where_driving_costs_more() -> None:
    """Nine km out and back costs 18 * 110 = 1980 besides the van: below that the carrier gets it."""
    for price, served in ((1979, {"near"}), (1981, {"near", "far"})):
        far = Job("far", 9, offers=(Offer("carrier", price),))
        near = Job("near", 0)
        plan = found(road([far, near], [van()], carriers=(Carrier("carrier"),)))
        assert set(plan["van"]) == served


def test_an_optional_job_is_worth_its_price() -> None:
    """The same with a price for leaving it, and with what every stop and every failed attempt costs."""
    near = Job("near", 0)
    for leave, extra, served in ((1979, {}, 1), (1981, {}, 2), (1981, {"cost_per_stop": 2}, 1)):
        plan = found(road([Job("far", 9, leave_price=leave), near], [van(**extra)]))
        assert len(plan["van"]) == served
    risky = Job("far", 9, leave_price=2080, failure_percent=50)
    assert len(found(road([risky, near], [van(cost_per_failed=202)]))["van"]) == 1
    assert len(found(road([risky, near], [van(cost_per_failed=198)]))["van"]) == 2


def test_overtime_at_its_price_up_to_the_cap() -> None:
    """Two hours of work in a shift of one. An hour of overtime at 30.00 is dearer than a second van at 29.00 and
    cheaper than one at 40.00; above the cap there is no choice.
    """
    jobs = [Job(f"j{i}", 0, service_s=HOUR) for i in (1, 2)]
    terms = {"shift": Window(8 * HOUR, 9 * HOUR), "cost_per_hour": 0, "overtime_per_hour": 3000}
    for fixed, cap, used in ((2900, HOUR, 2), (4000, HOUR, 1), (4000, HOUR - 1, 2)):
        vans = [van(n, fixed_cost=fixed, max_overtime_s=cap, **terms) for n in ("a", "b")]
        assert len(found(road(jobs, vans))) == used


def test_overtime_ends_by_the_clock_where_waiting_is_free() -> None:
    """A route of an hour that begins late ends an hour after the shift: that is overtime, although it is short."""
    job = Job("j", 0, service_s=HOUR, windows=(Window(18 * HOUR, 18 * HOUR),))
    vehicle = van(cost_per_hour=0, max_overtime_s=HOUR, overtime_per_hour=3000)
    near = road([job, Job("k", 1)], [vehicle])
    near.compiled.__dict__["able"] = np.ones((2, 1), dtype=bool)
    assert cents(near, {"van": ("k", "j")}) == 1000 + 2 * 50 + 3000


def test_a_zone_is_left_at_a_price() -> None:
    """``a`` may not leave the west; softly it does for 5.00, unless the other van from the far end is cheaper."""
    jobs = [Job("west", 1, zones=frozenset({"west"})), Job("east", 3, zones=frozenset({"east"}))]
    vans = [van("a", zones=frozenset({"west"})), van("b", fixed_cost=2000)]
    assert found(road(jobs, vans)) == {"b": ("west", "east")} or found(road(jobs, vans)) == {
        "b": ("east", "west")
    }
    plan = found(road(jobs, vans, dials={"outside_zone": soft(500)}))
    assert set(plan) == {"a"}
    assert cents(road(jobs, vans, dials={"outside_zone": soft(500)}), plan) == 1000 + 6 * 110 + 500
    assert set(found(road(jobs, vans, dials={"outside_zone": soft(1001)}))) == {"b"}
    assert set(found(road(jobs, vans, dials={"outside_zone": OFF}))) == {"a"}


@pytest.mark.parametrize(
    "refusal",
    [
        {"skills": frozenset({"crane"})},
        {"vehicles": frozenset({"b"})},
        {"forbidden": frozenset({"a"})},
        {"refused_types": frozenset({"truck"})},
        {"pinned_to": "b"},
        {"depot": "north"},
    ],
)
def test_who_may_not_does_not(refusal: dict[str, object]) -> None:
    """Every static rule keeps the cheap vehicle from the job, and only from that one."""
    jobs = [Job("j", 2, **refusal), Job("k", 1)]  # type: ignore[arg-type]
    vans = [van("a", type="truck"), van("b", fixed_cost=9000, skills=frozenset({"crane"}), depot="north")]
    plan = found(road(jobs, vans, depots=(Depot("north", 0),)))
    assert [name for name, items in plan.items() if "j" in items] == ["b"]


def test_a_preferred_driver_is_worth_the_price_of_the_dial() -> None:
    """The favourite is 3.00 dearer: 2.99 for another do not move the job, 3.01 do."""
    job = Job("j", 1, preferred_vehicles=frozenset({"b"}))
    vans = [van("a"), van("b", fixed_cost=1300)]
    for price, driver in ((299, "a"), (301, "b")):
        assert set(found(road([job], vans, dials={"not_preferred": soft(price)}))) == {driver}


def test_the_driver_people_know_keeps_the_job() -> None:
    """A change of vehicle at 3.01 is dearer than a van that costs 3.00 more."""
    job = Job("j", 1, current=Current("b"))
    vans = [van("a"), van("b", fixed_cost=1300)]
    for price, driver in ((299, "a"), (301, "b")):
        assert set(found(road([job], vans, weights=Weights(other_vehicle=price)))) == {driver}


def test_two_depots_each_serves_its_side() -> None:
    """Vans stand at both ends of the road: nobody crosses it."""
    jobs = [Job(f"j{i}", i) for i in (1, 2, 7, 8)]
    vans = [van("west", fixed_cost=0), van("east", start=9, end=9, fixed_cost=0)]
    plan = found(road(jobs, vans))
    assert {name: set(items) for name, items in plan.items()} == {"west": {"j1", "j2"}, "east": {"j7", "j8"}}


def test_a_shipment_is_brought_from_door_to_door() -> None:
    """Picked up first though it lies behind; with the van full it waits for the parcel to be gone."""
    jobs = [Job("from", 3), Job("to", 1), Job("parcel", 2, delivery=(1,))]
    problem = road(jobs, [van(capacity=(1,))], shipments=(Shipment("from", "to", (1,)),))
    assert found(problem) == {"van": ("parcel", "from", "to")}


def test_a_shipment_is_left_whole() -> None:
    """It costs the price of both its jobs to leave it: above that of the way it is left, and no half of it."""
    jobs = [Job("from", 8, leave_price=900), Job("to", 9, leave_price=900), Job("near", 0)]
    pair = (Shipment("from", "to", (1,)),)
    assert found(road(jobs, [van()], shipments=pair)) == {"van": ("near",)}
    jobs[0] = replace(jobs[0], leave_price=1200)
    assert set(found(road(jobs, [van()], shipments=pair))["van"]) == {"near", "from", "to"}


def test_what_is_aboard_needs_room() -> None:
    """One place of three is taken: two parcels fit, or all once it is left at the hub, which costs nothing."""
    jobs = [Job(f"j{i}", i, delivery=(1,)) for i in (1, 2, 3)]
    vehicle = van(capacity=(3,), aboard=(1,))
    assert len(found(road(jobs, [vehicle]))["van"]) == 2
    twice = replace(vehicle, max_trips=2, reloads=("hub",))
    plan = found(road(jobs, [twice], depots=(Depot("hub", 0),)))
    assert plan["van"][0] == "hub"
    assert set(plan["van"]) == {"hub", "j1", "j2", "j3"}


def test_prices_by_leg_and_by_stop() -> None:
    """Driving hours, stops, CO2 and a carrier's rates, against the sum by hand."""
    jobs = [Job("a", 2, delivery=(4,), zones=frozenset({"z"}), service_s=300), Job("b", 5, delivery=(1,))]
    rate = RateCard(per_load=(7,), per_zone=(("z", 40),))
    vehicle = van(cost_per_driving_hour=1800, cost_per_stop=25, co2_g_per_km=200, rate=rate)
    problem = road(jobs, [vehicle, van("dear", fixed_cost=99_999)], co2_price_per_kg=50)
    # 10 km, 10 minutes driven and 5 served: km 500, hour 900, driving 300, CO2 2 kg 100; what serving costs on
    # any vehicle (nothing: the other has no rates) is in no prize
    assert cents(problem, {"van": ("a", "b")}) == 1000 + 500 + 900 + 300 + 100 + 50 + 35 + 40


def test_prices_beside_a_limit_of_metres_are_spread() -> None:
    """Where metres are limited the table must say metres: an hour of driving is then priced by the kilometre."""
    vehicle = van(cost_per_driving_hour=1800, max_distance_m=10_000)
    problem = road([Job("a", 5), Job("b", 4, service_s=60)], [vehicle])
    assert cents(problem, {"van": ("a", "b")}) == pytest.approx(1000 + 500 + 660 + 300, rel=1e-3)
    far = road([Job("a", 6), Job("b", 4)], [vehicle])
    assert found(far) == {"van": ("b",)}


def test_an_electric_van_without_chargers_turns_in_time() -> None:
    """40 Wh over the reserve at 4 Wh a kilometre reach 10 km."""
    battery = Battery(1000, 140, 100, 4, 1000)
    assert found(road([Job("a", 6), Job("b", 5)], [van(battery=battery)])) == {"van": ("b",)}


def test_paces_by_driver_and_by_type() -> None:
    """The same door takes ten minutes, twenty by a slow driver, two by bike."""
    job = Job("j", 1, service_s=600, setup_s=60, service_by_type=(("bike", 120),))
    vans = [van("a"), van("slow", service_percent=200), van("bike", type="bike", travel_percent=300)]
    problem = road([job], vans)
    for name, seconds in (("a", 120 + 660), ("slow", 120 + 1320), ("bike", 360 + 180)):
        assert cents(problem, {name: ("j",)}) == 1000 + 100 + seconds


def test_setup_once_at_an_address_and_on_foot_within_a_parking() -> None:
    """Two orders at one door share its setup; neighbours of one parking are walked to at 1.25 m/s."""
    jobs = [Job("a", 1, setup_s=60), Job("b", 1, setup_s=60), Job("c", 2, setup_s=60)]
    assert cents(road(jobs[:2], [van()]), {"van": ("a", "b")}) == 1000 + 100 + 120 + 60
    parked = [replace(job, parking="p") for job in jobs]
    points = np.array([[100 * i, 0] for i in range(10)], dtype=np.int32)
    walked = 104
    # one minute there, setup, 104 s on foot; from there the van is taken to be where it was left too
    assert cents(road(parked, [van()], points=points), {"van": ("a", "b", "c")}) == (
        1000 + 3 * 50 + 60 + 60 + walked + 120
    )


def test_first_and_last() -> None:
    """Positions hold although the other way round were as short."""
    jobs = [Job("a", 1, position="last"), Job("b", 2), Job("c", 3, position="first")]
    assert found(road(jobs, [van()]))["van"] == ("c", "b", "a")
    turned = [replace(jobs[0], position="first"), jobs[1], replace(jobs[2], position="last")]
    assert found(road(turned, [van()]))["van"] == ("a", "b", "c")


def test_the_period_of_most_of_the_shift_is_stated() -> None:
    """Between ten and sixteen everything takes twice as long: that is most of the day shift, not of the evening."""
    base = line_matrix(10)
    slow = Period(10 * HOUR, (base.durations * 2).astype(np.int32))
    free = Period(16 * HOUR, base.durations)
    matrix = Matrix(base.durations, base.distances, (slow, free))
    problem = road(
        [Job("j", 1)],
        [van("day"), van("night", shift=Window(17 * HOUR, 22 * HOUR))],
        matrices={"van": matrix},
    )
    assert cents(problem, {"day": ("j",)}) == 1000 + 100 + 240
    assert cents(problem, {"night": ("j",)}) == 1000 + 100 + 120


def test_dials_that_are_off_bind_nobody() -> None:
    """Window, load, hours, stops, metres, start: each alone leaves a job, and none when it is off."""
    close, far = Job("close", 1, delivery=(1,)), Job("far", 5, delivery=(1,))
    for code, job, vehicle in (
        ("late", replace(far, windows=(Window(0, 8 * HOUR + 60),)), van()),
        ("overload", far, van(capacity=(1,))),
        ("too_many_stops", far, van(max_stops=1)),
        ("too_far", far, van(max_distance_m=9000)),
        ("too_long", far, van(max_duration_s=500)),
        ("shift_end", far, van(shift=Window(8 * HOUR, 8 * HOUR + 500))),
        ("not_released", replace(far, release_s=17 * HOUR + 3500), van()),
        ("late_start", replace(far, release_s=9 * HOUR), van(latest_start=8 * HOUR)),
    ):
        for dial, served in ((HARD, 1), (OFF, 2)):
            problem = road([close, job], [vehicle], dials={code: dial})
            problem.compiled.__dict__["able"] = np.ones((2, 1), dtype=bool)
            assert len(found(problem).get("van", ())) == served, (code, dial)


def test_open_ends_and_missing_ways() -> None:
    """Who ends anywhere saves the way back; where no road leads nobody goes, also without an end of shift."""
    problem = road([Job("a", 3)], [van(end=None)])
    assert cents(problem, {"van": ("a",)}) == 1000 + 3 * 110
    base = line_matrix(4)
    cut = base.durations.copy()
    cut[2, 3] = cut[1, 3] = UNREACHABLE
    problem = road(
        [Job("a", 2), Job("b", 3)],
        [van(shift=Window(0, NEVER))],
        matrices={"van": Matrix(cut, base.distances)},
    )
    assert found(problem) == {"van": ("b", "a")}


def test_nothing_to_do_is_none() -> None:
    """No job, no vehicle, or nobody for the only job: there is no statement."""
    assert state(road([], [van()])) is None
    assert state(road([Job("j", 1)], [])) is None
    assert state(road([Job("j", 1, skills=frozenset({"x"}))], [van()])) is None


def test_plans_come_back_as_they_went() -> None:
    """Jobs, reloads and shipments survive the way to PyVRP and back; what it cannot take is dropped."""
    jobs = [
        Job("a", 1, delivery=(1,)),
        Job("b", 2, windows=(Window(0, 9 * HOUR), Window(10 * HOUR, 11 * HOUR))),
    ]
    jobs += [Job("from", 3), Job("to", 4)]
    problem = road(
        jobs,
        [van("v", max_trips=2, reloads=("hub",)), van("w")],
        depots=(Depot("hub", 0),),
        shipments=(Shipment("from", "to", (1,)),),
    )
    statement = state(problem)
    assert statement is not None

    def there_and_back(plan: dict[str, tuple[str, ...]]) -> object:
        return from_pyvrp(problem, statement, to_pyvrp(problem, statement, plan), plan)

    whole = {"v": ("a", "hub", "from", "b", "to")}
    assert there_and_back(whole) == whole
    assert there_and_back({"v": ("hub", "a", "hub", "hub", "b", "hub")}) == {"v": ("a", "hub", "b")}
    assert there_and_back({"w": ("a", "hub", "b")}) == {"w": ("a", "b")}
    assert there_and_back({"v": ("from", "hub", "to"), "w": ("to", "from")}) == {}
