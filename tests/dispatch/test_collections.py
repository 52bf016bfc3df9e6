"""Orders that are picked up: what they do to a van's load, at the door, and in the day's numbers."""

from datetime import timedelta

import pytest

from dispatch.models import Order, Parcel
from dispatch.selectors.day_facts import live_facts
from dispatch.services.day_close import close_day
from dispatch.services.mapping import frame_of
from dispatch.services.running_routes import walk_route
from dispatch.services.visits import Report, complete_stop, fail_stop
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def parcels(order: Order) -> list[str]:
    return list(Parcel.objects.filter(order=order).values_list("state", flat=True))


def test_what_is_collected_fills_the_van_on_the_way() -> None:
    """At the start nothing of it is aboard; a bar that showed that would hide a full van."""
    station = make_station()
    shop, shift = make_shop(station), make_fleet(station, n=1).shifts[0]
    brought = make_orders(station, shop, 1, weight_g=3000)
    taken = make_orders(station, shop, 2, weight_g=2000, kind="collection")
    sequence = [order.pk for order in (*brought, *taken)]
    times = frame_of(station, DAY, {shift.pk: sequence}).times(shift.pk, sequence)
    assert times.load["weight_g"] == 4000, "3 kg at the start, then 0, 2 and 4"
    only = [order.pk for order in taken]
    assert frame_of(station, DAY, {shift.pk: only}).times(shift.pk, only).load["pieces"] == 2


def test_a_running_van_carries_what_was_collected_and_what_was_not_taken() -> None:
    """A van that looked empty on the way would be sent to collect more than it has room for."""
    station = make_station()
    shop, fields = make_shop(station), {"window_start": None, "window_end": None}
    taken = make_orders(station, shop, 2, weight_g=2000, kind="collection", **fields)
    brought = make_orders(station, shop, 2, weight_g=3000, **fields)
    route = make_route(station, DAY, [taken[0], *brought, taken[1]], state="departed")
    stops, now = route.stops.order_by("sequence"), at(station, DAY, 10)
    assert walk_route(route, now=now).load["weight_g"] == 8000, "3 + 3 kg, and 2 before any is delivered"
    told = {"order_ids": None, "driver": None, "actor": "driver:1", "now": now}
    complete_stop(stop=stops[0], report=Report("e1", now - timedelta(minutes=9)), **told)
    assert walk_route(route, now=now).load["weight_g"] == 8000, "2 collected, 6 still to be delivered"
    fail_stop(stop=stops[1], report=Report("e2", now), reason="no_one_home", **told)
    complete_stop(stop=stops[2], report=Report("e3", now), **told)
    assert walk_route(route, now=now).load["weight_g"] == 7000, "2 and 2 collected, 3 that nobody took"


def test_collected_goods_are_aboard_and_come_home_at_night() -> None:
    """They are delivered to nobody: the van brings them, and the order is done all the same."""
    station = make_station()
    orders = make_orders(
        station, make_shop(station), 2, kind="collection", window_start=None, window_end=None
    )
    route = make_route(station, DAY, orders, state="departed")
    first, second = route.stops.order_by("sequence")
    now = at(station, DAY, 10)
    told = {"order_ids": None, "driver": None, "actor": "driver:1", "now": now}
    complete_stop(stop=first, report=Report("e1", now - timedelta(minutes=9)), **told)
    fail_stop(stop=second, report=Report("e2", now), reason="no_one_home", **told)
    assert (parcels(orders[0]), parcels(orders[1])) == (["loaded"], ["announced"])
    counts = live_facts(station, DAY, now)["counts"]
    assert (counts["orders"], counts["delivered"], counts["failed"]) == (2, 1, 1)
    close_day(station=station, day=DAY, actor="user:x", now=at(station, DAY, 22), vans_out_too=True)
    for order in orders:
        order.refresh_from_db()
    assert (orders[0].state, parcels(orders[0])) == ("delivered", ["received"])
    assert (orders[1].state, orders[1].day > DAY, parcels(orders[1])) == ("open", True, ["announced"])
