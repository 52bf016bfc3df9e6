"""Rule 17: last in, first out."""

from __future__ import annotations

from dispatch.planning.model import Job, Shipment

from .day import best, drive, holds_as_dialled, van, world

LOADER = van(lifo=True)
PAIRS = (Shipment("p1", "d1", (1,)), Shipment("p2", "d2", (1,)))
DOORS = [Job("p1", 1), Job("p2", 2), Job("d1", 3), Job("d2", 4)]


def test_a_pickup_lies_on_top_of_a_delivery() -> None:
    """The return was loaded after it: one load in the way, at 2.00."""
    problem = world([Job("back", 1, pickup=(1,)), Job("out", 2, delivery=(1,))], [LOADER])
    holds_as_dialled(problem, {"van": ["back", "out"]}, ("blocked", "van", "out", 1), price=200, cents=200)
    assert drive(problem, "out", "back").violations == ()


def test_shipments_come_off_in_reverse() -> None:
    """In, in, out, out of the same one first: d1 lies under one load; the other way round nothing does."""
    problem = world(DOORS, [LOADER], shipments=PAIRS)
    found = drive(problem, "p1", "p2", "d1", "d2").violations
    assert [(v.code, v.job, v.amount) for v in found] == [("blocked", "d1", 1)]
    assert drive(problem, "p1", "p2", "d2", "d1").violations == ()


def test_other_vehicles_do_not_mind() -> None:
    """Off for one vehicle: it has doors on the side."""
    assert drive(world(DOORS, shipments=PAIRS), "p1", "p2", "d1", "d2").violations == ()


def test_the_planner_unloads_from_the_top() -> None:
    """The shortest way would deliver d1 first: by LIFO it takes another order."""
    solution = best(world(DOORS, [LOADER], shipments=PAIRS))
    assert solution.unassigned == ()
