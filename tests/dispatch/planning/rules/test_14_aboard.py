"""Rule 14: load that is on board already."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job

from .day import best, drive, holds_as_dialled, only, van, world


def test_it_takes_room_to_the_end() -> None:
    """30 on board already and 80 to deliver, on 100: 10 too many, at 0.20 each 2.00."""
    problem = world([Job("a", 1, delivery=(80,))], [van(capacity=(100,), aboard=(30,))])
    holds_as_dialled(problem, {"van": ["a"]}, ("overload", "van", "", 10), price=20, cents=200)


def test_it_is_carried_home() -> None:
    """10 on board already: 30 leave, 10 come home."""
    route = only(drive(world([Job("a", 1, delivery=(20,))], [van(aboard=(10,))]), "a"))
    assert [s.load for s in route.steps] == [(30,), (10,), (10,)]


def test_it_leaves_at_the_first_reload() -> None:
    """30 on board in the first trip only: the second carries 100 on 100."""
    hauler = van(capacity=(100,), aboard=(30,), reloads=("hub",), max_trips=2)
    jobs = [Job("a", 1, delivery=(70,)), Job("b", 2, delivery=(100,))]
    problem = world(jobs, [hauler], depots=(Depot("hub", 0),))
    solution = drive(problem, "a", "hub", "b")
    assert solution.violations == ()
    assert [s.load for s in only(solution).steps] == [(100,), (30,), (100,), (0,), (0,)]


def test_the_planner_sends_the_van_with_room() -> None:
    """80 do not fit beside 30 on 100: the other van goes."""
    full, empty = van("full", capacity=(100,), aboard=(30,)), van("empty", capacity=(100,))
    assert best(world([Job("a", 1, delivery=(80,))], [full, empty])).plan == {"empty": ("a",)}
