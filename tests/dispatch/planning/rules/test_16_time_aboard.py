"""Rule 16: the longest time on board."""

from __future__ import annotations

from dispatch.planning.model import Depot, Job, Shipment

from .day import best, drive, holds_as_dialled, van, world


def test_a_delivery_counts_from_the_depot() -> None:
    """180 s to place 3, 100 allowed: 80 s over; at 0.30 a minute 0.40."""
    problem = world([Job("soup", 3, delivery=(1,), max_aboard_s=100)])
    holds_as_dialled(problem, {"van": ["soup"]}, ("too_long_aboard", "van", "soup", 80), price=30, cents=40)


def test_a_return_counts_to_the_depot() -> None:
    """Picked up at 3, served for 60 s, 180 s home: 80 s over the 100."""
    found = drive(world([Job("blood", 3, pickup=(1,), service_s=60, max_aboard_s=100)]), "blood").violations
    assert [(v.code, v.job, v.amount) for v in found] == [("too_long_aboard", "blood", 80)]


def test_a_shipment_counts_from_its_pickup() -> None:
    """60 s at the pickup do not count, the 180 s from 1 to 4 do."""
    jobs = [Job("p", 1, service_s=60), Job("d", 4, max_aboard_s=100)]
    found = drive(world(jobs, shipments=(Shipment("p", "d", (1,)),)), "p", "d").violations
    assert [(v.code, v.job, v.amount) for v in found] == [("too_long_aboard", "d", 80)]


def test_each_trip_counts_for_itself() -> None:
    """The second trip leaves the depot fresh: 180 s to place 3 are in time, whatever came before."""
    jobs = [Job("a", 5, delivery=(1,)), Job("soup", 3, delivery=(1,), max_aboard_s=180)]
    problem = world(jobs, [van(reloads=("hub",), max_trips=2)], depots=(Depot("hub", 0),))
    assert drive(problem, "a", "hub", "soup").violations == ()


def test_the_planner_delivers_it_hot() -> None:
    """The soup lies behind a long service: it comes first all the same."""
    soup = Job("soup", 3, delivery=(1,), max_aboard_s=180)
    assert best(world([Job("a", 1, service_s=900), soup])).plan == {"van": ("soup", "a")}
