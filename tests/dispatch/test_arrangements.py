"""Whole routes by hand: any sequence in one step, and what must refuse it."""

import pytest

from dispatch.lifecycle import OrderState, RouteState
from dispatch.models import Order, Route
from dispatch.services import arrangements, pins, routes
from dispatch.services.mapping import orders_of
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    return station, fleet, make_orders(station, make_shop(station), 8, window_start=None, window_end=None)


def arrange(station, sequences, **fields):
    given = {"versions": {}, "what": "arranged", "actor": "user:ann", "now": at(station, DAY, 9)} | fields
    return arrangements.arrange(station=station, day=DAY, sequences=sequences, **given)


def on(fleet):
    return {
        at: orders_of(route)
        for at, shift in enumerate(fleet.shifts)
        for route in Route.objects.filter(shift=shift).exclude(state=RouteState.CLOSED)
    }


def refused(call) -> str:
    with pytest.raises(LastmileError) as caught:
        call()
    return caught.value.code


def test_two_routes_swap_their_work_and_one_is_split(world):
    """What one has the other gets, in one step; half of it goes to a van without a route."""
    station, fleet, made = world
    ids = [order.pk for order in made]
    make_route(station, DAY, made[:3], fleet.shifts[0])
    make_route(station, DAY, made[3:5], fleet.shifts[1])
    one, two, three = (shift.pk for shift in fleet.shifts)
    arrange(station, {one: ids[3:5], two: ids[:3]}, what="swapped")
    assert on(fleet) == {0: ids[3:5], 1: ids[:3]}
    arrange(station, {two: ids[:1], three: ids[1:3]}, what="split")
    assert on(fleet) == {0: ids[3:5], 1: ids[:1], 2: ids[1:3]}
    assert {order.state for order in Order.objects.filter(pk__in=ids[:5])} == {OrderState.PLANNED}


def test_what_a_named_route_loses_goes_to_the_pool(world):
    """And what it takes from a route that is not named is gone from there."""
    station, fleet, made = world
    ids = [order.pk for order in made]
    make_route(station, DAY, made[:3], fleet.shifts[0])
    make_route(station, DAY, made[3:5], fleet.shifts[1])
    arrange(station, {fleet.shifts[0].pk: [ids[2], ids[3], ids[6]]})
    assert on(fleet) == {0: [ids[2], ids[3], ids[6]], 1: [ids[4]]}
    assert set(Order.objects.filter(state=OrderState.OPEN).values_list("pk", flat=True)) == {
        ids[at] for at in (0, 1, 5, 7)
    }


def test_what_is_the_same_is_not_touched(world):
    """No version is spent, nothing is told and nothing can be undone where nothing changes."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:3], fleet.shifts[0])
    assert arrange(station, {fleet.shifts[0].pk: orders_of(route)}) == []
    assert Route.objects.get(pk=route.pk).version == route.version


def test_walls(world):
    """Locked, doubled, foreign, unknown: refused by name, and nothing has changed."""
    station, fleet, made = world
    ids = [order.pk for order in made]
    route = make_route(station, DAY, made[:3], fleet.shifts[0])
    one = fleet.shifts[0].pk
    other = make_station("OTH")
    foreign = make_orders(other, make_shop(other), 1)[0]
    assert refused(lambda: arrange(station, {one: [ids[0], ids[0]]})) == "order_twice"
    assert refused(lambda: arrange(station, {one: [foreign.pk]})) == "unknown_order"
    assert refused(lambda: arrange(station, {999_999: ids[:1]})) == "unknown_shift"
    assert refused(lambda: arrange(station, {one: ids[:1]}, what="juggled")) == "bad_choice"
    assert (
        refused(lambda: arrange(station, {one: ids[:1]}, versions={route.pk: route.version + 1}))
        == "conflict"
    )
    routes.lock_route(route=route, version=route.version, locked=True, actor="x", now=at(station, DAY, 9))
    assert refused(lambda: arrange(station, {one: ids[:1]})) == "route_locked"
    assert on(fleet) == {0: ids[:3]}


def test_a_locked_order_stays_on_its_route(world):
    """Its neighbours may change; it goes neither to another van nor into the pool, until it is unlocked."""
    station, fleet, made = world
    ids = [order.pk for order in made]
    make_route(station, DAY, made[:3], fleet.shifts[0])
    one, two = fleet.shifts[0].pk, fleet.shifts[1].pk
    common = {"station": station, "day": DAY, "actor": "user:ann", "now": at(station, DAY, 9)}
    pins.pin_orders(order_ids=[ids[1]], pinned="route", **common)
    arrange(station, {one: [ids[2], ids[1], ids[0]]})
    assert on(fleet) == {0: [ids[2], ids[1], ids[0]]}
    assert refused(lambda: arrange(station, {two: [ids[1]]})) == "order_pinned"
    assert refused(lambda: arrange(station, {one: [ids[0]]})) == "order_pinned"
    assert (
        refused(lambda: pins.pin_orders(order_ids=[ids[6]], pinned="route", **common)) == "order_not_planned"
    )
    assert refused(lambda: pins.pin_orders(order_ids=[ids[1]], pinned="forever", **common)) == "bad_choice"
    pins.pin_orders(order_ids=[ids[1]], pinned="", **common)
    arrange(station, {two: [ids[1]]})
    assert on(fleet) == {0: [ids[2], ids[0]], 1: [ids[1]]}
