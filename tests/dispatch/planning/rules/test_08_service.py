"""Rule 8: service time by vehicle type and pace; travel by a factor."""

from __future__ import annotations

from dispatch.planning.model import Job

from .day import best, drive, only, step, van, world

BULKY = Job("a", 1, service_s=101, setup_s=11, service_by_type=(("truck", 300),))


def test_the_type_of_the_vehicle_has_its_own_minutes() -> None:
    """A truck takes 300 s there, any other 101."""
    assert only(drive(world([BULKY]), "a")).service_s == 101
    assert only(drive(world([BULKY], [van(type="truck")]), "a")).service_s == 300
    assert only(drive(world([BULKY], [van(type="bike")]), "a")).service_s == 101


def test_pace_scales_service_and_setup_and_not_the_way() -> None:
    """At 50 %: 50.5 and 5.5 s, both rounded half up; by truck 150."""
    slow = only(drive(world([BULKY], [van(service_percent=50)]), "a"))
    assert (slow.service_s, slow.setup_s, slow.driving_s) == (51, 6, 120)
    assert only(drive(world([BULKY], [van(service_percent=50, type="truck")]), "a")).service_s == 150


def test_a_factor_scales_the_way_and_not_the_metres() -> None:
    """60 s at 133 % are 79.8, so 80; a kilometre stays one."""
    there = step(drive(world([BULKY], [van(travel_percent=133)]), "a"), "a")
    assert (there.travel_s, there.distance_m, there.setup_s) == (80, 1000, 11)


def test_the_planner_sends_whose_type_is_quicker() -> None:
    """The truck would take 300 s, the van 101: the van goes."""
    assert best(world([BULKY], [van("truck", type="truck"), van("van")])).plan == {"van": ("a",)}
