"""Rule 38: range left, charging within the shift, a reserve that is never touched."""

from __future__ import annotations

from dispatch.planning.model import Battery, Charger, Job, Problem

from .day import S, best, drive, holds_as_dialled, only, step, van, window, world

CELLS = Battery(capacity_wh=10_000, start_wh=2000, reserve_wh=500, wh_per_km=200, charge_w=7000)


def electric(*chargers: Charger) -> Problem:
    """10 km out and back take 2,000 Wh: all there is."""
    return world([Job("a", 5)], [van(battery=CELLS)], chargers=chargers)


PLUG = Charger("plug", 5, power_w=3600, setup_s=60, price_per_kwh=40)


def test_the_reserve_is_not_touched() -> None:
    """Home with nothing left, 500 Wh below the reserve: at 0.30 a kilowatt-hour 0.15."""
    breach = ("battery_flat", "van", "", 500)
    holds_as_dialled(electric(), {"van": ["a"]}, breach, price=30, cents=15)


def test_it_charges_what_the_way_home_takes() -> None:
    """1,000 Wh left at 5, 1,000 and the reserve of 500 are needed: 500 Wh at 3,600 W are 500 s, and 60 to plug in;
    at 0.40 a kilowatt-hour 0.20.
    """
    solution = drive(electric(PLUG), "a", "plug", leaves=S)
    there = step(solution, "plug")
    assert (solution.violations, solution.cost.energy) == ((), 20)
    assert (there.departure - there.start, there.battery_wh, only(solution).steps[-1].battery_wh) == (
        560,
        1500,
        500,
    )


def test_the_slower_of_cable_and_car_counts() -> None:
    """At 7,000 W of the car on a charger of 22,000: 500 Wh take 257.1, so 258 s."""
    quick = Charger("plug", 5, power_w=22_000)
    there = step(drive(electric(quick), "a", "plug"), "plug")
    assert there.departure - there.start == 258


def test_hours_of_a_charger() -> None:
    """There after 300 s, closed since 100: 200 s too late, at 0.06 a minute."""
    shut = Charger("plug", 5, power_w=3600, windows=(window(0, 100),))
    breach = ("depot_closed", "van", "plug", 200)
    holds_as_dialled(electric(shut), {"van": ["a", "plug"]}, breach, price=6, cents=20)


def test_the_planner_charges_on_the_way() -> None:
    """Without a charger the job is out of reach; with one it is served."""
    assert best(electric()).plan == {}
    solution = best(electric(PLUG))
    assert solution.unassigned == ()
    assert "plug" in only(solution).items
