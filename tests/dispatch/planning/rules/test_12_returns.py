"""Rule 12: deliveries on board from the start, pickups to the end, both on one route."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import best, drive, holds_as_dialled, only, van, world

OUT, BACK = Job("out", 2, delivery=(60,)), Job("back", 1, pickup=(60,))


def test_what_is_on_board_after_each_stop() -> None:
    """60 kg leave, 0 after the delivery, 60 come home."""
    route = only(drive(world([OUT, BACK], [van(capacity=(100,))]), "out", "back"))
    assert [s.load for s in route.steps] == [(60,), (0,), (60,), (60,)]


def test_the_other_way_round_they_meet_on_board() -> None:
    """120 kg on 100 between the two: 20 too many, at 0.05 a kilogram 1.00."""
    problem = world([OUT, BACK], [van(capacity=(100,))])
    breach = ("overload", "van", "", 20)
    holds_as_dialled(problem, {"van": ["back", "out"]}, breach, price=5, cents=100)


def test_an_exchange_at_one_door() -> None:
    """A full van swaps 100 kg against 100 kg at one stop: the delivery comes off first."""
    swap = Job("swap", 1, delivery=(100,), pickup=(100,))
    assert drive(world([swap], [van(capacity=(100,))]), "swap").violations == ()


def test_the_planner_finds_the_order_that_fits() -> None:
    """The pickup lies on the way out, and must be done on the way back."""
    assert best(world([BACK, OUT], [van(capacity=(100,))])).plan == {"van": ("out", "back")}
