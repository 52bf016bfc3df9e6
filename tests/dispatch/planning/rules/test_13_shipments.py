"""Rule 13: pickup before delivery on one vehicle."""

from __future__ import annotations

from dispatch.planning.model import Job, Shipment

from .day import always_hard, best, drive, holds_as_dialled, judged, keys, only, van, world

JOBS, PAIR = [Job("p", 3), Job("d", 1)], (Shipment("p", "d", (5,)),)


def test_on_board_between_the_two_doors() -> None:
    """Nothing leaves the depot, 5 are on board from 3 to 1, nothing comes home."""
    route = only(drive(world(JOBS, shipments=PAIR), "p", "d"))
    assert [s.load for s in route.steps] == [(0,), (5,), (0,), (0,)]


def test_too_much_between_them() -> None:
    """5 on a van for 4: one too many, at 3.00."""
    problem = world(JOBS, [van(capacity=(4,))], shipments=PAIR)
    holds_as_dialled(problem, {"van": ["p", "d"]}, ("overload", "van", "", 1), price=300, cents=300)


def test_delivered_before_it_is_picked_up() -> None:
    """Always hard, told of the delivery."""
    problem = world(JOBS, shipments=PAIR)
    assert keys(drive(problem, "d", "p").violations) == [("delivery_before_pickup", "van", "d", 1)]
    always_hard(problem, "delivery_before_pickup")


def test_one_without_the_other() -> None:
    """Told of the half that is here: the other is left out, or on another van, which tells of its own half."""
    problem = world(JOBS, [van(), van("v2")], shipments=PAIR)
    assert keys(drive(problem, "p").violations) == [("pair_split", "van", "p", 1)]
    split = judged(problem, {"van": ("p",), "v2": ("d",)})
    assert keys(split.violations) == [("pair_split", "v2", "d", 1), ("pair_split", "van", "p", 1)]
    always_hard(problem, "pair_split")


def test_the_planner_drives_past_the_delivery_first() -> None:
    """The pickup lies behind the delivery: 3 first, then 1, on one van."""
    assert best(world(JOBS, [van(), van("v2")], shipments=PAIR)).plan in (
        {"van": ("p", "d")},
        {"v2": ("p", "d")},
    )
