"""Rule 10: opening hours of stations, loading time, docks."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job, Problem, Vehicle

from .day import S, best, drive, holds_as_dialled, judged, only, step, van, window, world

HUB = Depot("hub", 0, windows=(window(600, 1200),), load_s=300)


def from_hub(hub: Depot = HUB, *vehicles: Vehicle) -> Problem:
    jobs = [Job("a", 1), Job("b", 2)]
    return world(jobs, vehicles or [van(depot="hub", reloads=("hub",), max_trips=2)], depots=(hub,))


def test_loading_lies_inside_the_hours_and_belongs_to_the_route() -> None:
    """Opens after 600 s, 300 to load: away after 900; with the 120 s of driving the route lasts 420."""
    route = only(drive(from_hub(), "a"))
    assert (route.begin, route.departure, route.duration_s) == (S + 600, S + 900, 420)


def test_leaving_too_late_for_the_hours() -> None:
    """Away after 1,500 s it began to load at 1,200, 300 after the last moment: five minutes at 0.06."""
    breach = ("depot_closed", "van", "hub", 300)
    holds_as_dialled(from_hub(), {"van": ["a"]}, breach, price=6, cents=30, leaves=S + 1500)


def test_a_reload_waits_for_the_hours_or_is_too_late() -> None:
    """Back after 1,020 s, the last moment to load was 900: 120 s. With a second opening from 2,000 it waits."""
    solution = drive(from_hub(), "a", "hub", "b")
    assert [(v.code, v.job, v.amount) for v in solution.violations] == [("depot_closed", "hub", 120)]
    again = Depot("hub", 0, windows=(window(600, 1200), window(2000, 3000)), load_s=300)
    solution = drive(from_hub(again), "a", "hub", "b", leaves=S + 900)
    assert (step(solution, "hub").start, step(solution, "hub").departure) == (S + 2000, S + 2300)


def test_a_dock_for_one() -> None:
    """Two vans load at one dock at the same time for 300 s: five minutes at 0.06."""
    problem = from_hub(Depot("hub", 0, load_s=300, docks=1), van("v1", depot="hub"), van("v2", depot="hub"))
    breach = ("dock_full", "", "hub", 300)
    holds_as_dialled(problem, {"v1": ["a"], "v2": ["b"]}, breach, price=6, cents=30, leaves=S + 300)


def test_left_to_themselves_they_load_one_after_the_other() -> None:
    """One is away after 300 s, the other after 600; with two docks both after 300."""
    fleet = (van("v1", depot="hub"), van("v2", depot="hub"))
    for docks, away in ((1, [300, 600]), (2, [300, 300])):
        problem = from_hub(Depot("hub", 0, load_s=300, docks=docks), *fleet)
        solution = judged(problem, {"v1": ("a",), "v2": ("b",)})
        assert solution.violations == ()
        assert sorted(route.departure - S for route in solution.routes) == away


def test_the_planner_keeps_both() -> None:
    """Each van takes one job, one dock, hours: nothing is broken and nothing left."""
    hub = Depot("hub", 0, windows=(window(600, 6000),), load_s=300, docks=1)
    solution = best(from_hub(hub, van("v1", depot="hub", max_stops=1), van("v2", depot="hub", max_stops=1)))
    assert (solution.unassigned, len(solution.routes)) == ((), 2)
    assert sorted(route.begin - S for route in solution.routes) == [600, 900]
