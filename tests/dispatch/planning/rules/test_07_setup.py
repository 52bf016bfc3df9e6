"""Rule 7: setup once per address, service per order."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job

from .day import S, best, drive, only, step, van, window, world


def door(name: str, place: int, group: str = "") -> Job:
    return Job(name, place, service_s=60, setup_s=120, setup_group=group)


def test_the_second_order_at_an_address_costs_its_own_minutes() -> None:
    """60 s there, 120 to park, twice 60, 60 back: 360."""
    route = only(drive(world([door("a", 1), door("b", 1)]), "a", "b"))
    assert (route.setup_s, route.service_s, route.duration_s) == (120, 120, 360)


def test_coming_back_later_is_a_new_setup() -> None:
    """Away and back again: parked twice."""
    jobs = [door("a", 1), Job("c", 3), door("b", 1)]
    assert only(drive(world(jobs), "a", "c", "b")).setup_s == 240


def test_a_group_makes_several_doors_one_address() -> None:
    """Two shops of one mall at two places: parked once. Two groups at one place: twice."""
    assert only(drive(world([door("a", 1, "mall"), door("b", 2, "mall")]), "a", "b")).setup_s == 120
    assert only(drive(world([door("a", 1, "mall"), door("b", 1, "gym")]), "a", "b")).setup_s == 240


def test_after_a_reload_it_is_spent_again() -> None:
    """Home and out again to the same door: two setups."""
    problem = world(
        [door("a", 1), door("b", 1)], [van(reloads=("hub",), max_trips=2)], depots=(Depot("hub", 0),)
    )
    assert only(drive(problem, "a", "hub", "b")).setup_s == 240


def test_it_comes_before_the_wait() -> None:
    """There after 60 s, parked after 180, the start may be at 600: 420 s of waiting."""
    job = Job("a", 1, setup_s=120, windows=(window(600, 900),))
    there = step(drive(world([job]), "a", leaves=S), "a")
    assert (there.arrival, there.setup_s, there.waiting_s, there.start) == (S + 60, 120, 420, S + 600)


def test_the_planner_serves_an_address_in_one_go() -> None:
    """Three parcels for one door among others: one setup there, not three."""
    jobs = [door("a", 4), door("x", 2), door("b", 4), door("y", 6), door("c", 4)]
    assert only(best(world(jobs))).setup_s == 3 * 120
