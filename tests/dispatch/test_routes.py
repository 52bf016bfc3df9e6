"""Routes by hand: every edit is guarded by the version the caller saw and leaves each order in one place."""

import threading
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import connection

from dispatch.lifecycle import OrderState, RouteState
from dispatch.models import Order, Route, Stop, StopOrder
from dispatch.services import moves, routes
from dispatch.services.mapping import orders_of
from dispatch.services.moves import Move
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, make_shop(station), 8)
    first = make_route(station, DAY, orders[:3], fleet.shifts[0])
    second = make_route(station, DAY, orders[3:5], fleet.shifts[1])
    return station, fleet, orders, first, second


def move(station, versions=None, **fields):
    return moves.move_orders(
        station=station,
        day=DAY,
        move=Move(**fields),
        versions=versions or {},
        actor="user:test",
        now=at(station, DAY, 7),
    )


def in_one_place(station):
    """I1: an order is in the pool, at exactly one stop to come, or done."""
    for order in Order.objects.filter(station=station):
        visits = StopOrder.objects.filter(order=order, outcome="planned").count()
        assert visits == (1 if order.state in (OrderState.PLANNED, OrderState.OUT) else 0), order.state


def test_from_the_pool_to_a_position(world):
    """A drop at a position stands there, with fresh times."""
    station, _, orders, first, _ = world
    move(station, order_ids=[orders[6].pk], route_id=first.pk, position=1)
    assert orders_of(first) == [orders[0].pk, orders[6].pk, orders[1].pk, orders[2].pk]
    stops = list(Stop.objects.filter(route=first).order_by("sequence"))
    assert [stop.sequence for stop in stops] == [1, 2, 3, 4]
    assert all(a.planned_departure <= b.planned_arrival for a, b in pairwise(stops))
    in_one_place(station)


def test_from_route_to_route_and_back_to_the_pool(world):
    """Moving on and removing keep every order in exactly one place."""
    station, _, orders, first, second = world
    move(station, order_ids=[orders[0].pk, orders[1].pk], route_id=second.pk)
    assert set(orders_of(second)) == {order.pk for order in (orders[0], orders[1], orders[3], orders[4])}
    in_one_place(station)
    move(station, order_ids=[orders[0].pk])
    assert Order.objects.get(pk=orders[0].pk).state == OrderState.OPEN
    in_one_place(station)
    assert orders_of(first) == [orders[2].pk]


def test_a_draft_that_lost_its_last_stop_is_gone(world):
    """An empty draft is no route; a released one stays, its driver knows of it."""
    station, _, orders, _, second = world
    move(station, order_ids=[orders[3].pk, orders[4].pk])
    assert not Route.objects.filter(pk=second.pk).exists()


def test_a_shift_without_a_route_gets_one(world):
    """Dropping on an idle driver makes a draft for that shift."""
    station, fleet, orders, *_ = world
    (made,) = move(station, order_ids=[orders[7].pk], shift_id=fleet.shifts[2].pk)
    assert (made.state, made.shift_id) == (RouteState.DRAFT, fleet.shifts[2].pk)
    in_one_place(station)


def test_an_old_version_is_a_conflict_and_changes_nothing(world):
    """F20: the loser of two edits is refused, nothing of its edit stays."""
    station, _, orders, first, _ = world
    move(station, {first.pk: first.version}, order_ids=[orders[6].pk], route_id=first.pk)
    before = orders_of(first)
    with pytest.raises(LastmileError) as caught:
        move(station, {first.pk: first.version}, order_ids=[orders[7].pk], route_id=first.pk)
    assert caught.value.status == 412
    assert orders_of(first) == before
    in_one_place(station)


def test_a_locked_route_refuses(world):
    """Nothing is added to or taken from a locked route."""
    station, _, orders, first, second = world
    Route.objects.filter(pk=first.pk).update(locked=True)
    for fields in ({"order_ids": [orders[6].pk], "route_id": first.pk}, {"order_ids": [orders[0].pk]}):
        with pytest.raises(LastmileError) as caught:
            move(station, **fields)
        assert caught.value.code == "route_locked"


def test_a_broken_rule_is_shown_and_needs_an_override_to_release(world):
    """Decision 18: violations are allowed by hand, released only with a named reason each."""
    station, _, orders, first, _ = world
    Order.objects.filter(pk=orders[6].pk).update(skills=["crane"])
    move(station, order_ids=[orders[6].pk], route_id=first.pk)
    first.refresh_from_db()
    assert [violation["code"] for violation in first.violations] == ["skill"]
    now = at(station, DAY, 7)
    with pytest.raises(LastmileError) as caught:
        routes.release_route(route=first, version=first.version, overrides={}, actor="user:test", now=now)
    assert caught.value.code == "violations_not_overridden"
    routes.release_route(
        route=first, version=first.version, overrides={"skill": "Customer helps"}, actor="user:test", now=now
    )
    assert first.state == RouteState.RELEASED
    assert first.overrides[0]["reason"] == "Customer helps"


def test_release_depart_close_move_the_orders_along(world):
    """The states of a route carry its orders; what was never reached goes back to the pool."""
    station, _, orders, first, _ = world
    now = at(station, DAY, 8)
    routes.release_route(route=first, version=first.version, overrides={}, actor="user:test", now=now)
    routes.depart_route(route=first, actor="user:test", now=now)
    assert set(Order.objects.filter(pk__in=[o.pk for o in orders[:3]]).values_list("state", flat=True)) == {
        "out"
    }
    routes.depart_route(route=first, actor="user:test", now=now)
    routes.close_route(route=first, actor="user:test", now=now)
    assert Order.objects.filter(pk__in=[o.pk for o in orders[:3]], state="open").count() == 3
    in_one_place(station)


def test_a_driverless_route_is_not_released(world):
    """Nobody would drive it."""
    station, _, _, first, _ = world
    now = at(station, DAY, 8)
    routes.assign_driver(route=first, version=first.version, driver=None, actor="user:test", now=now)
    with pytest.raises(LastmileError) as caught:
        routes.release_route(route=first, version=first.version, overrides={}, actor="user:test", now=now)
    assert caught.value.code == "no_driver"


def test_a_released_route_keeps_a_driver(world):
    """Somebody was told to drive it: it is recalled first, or given to somebody else."""
    station, fleet, _, first, _ = world
    common = {"actor": "user:test", "now": at(station, DAY, 8)}
    routes.release_route(route=first, version=first.version, overrides={}, **common)
    with pytest.raises(LastmileError) as caught:
        routes.assign_driver(route=first, version=first.version, driver=None, **common)
    assert caught.value.code == "illegal_move"
    routes.assign_driver(route=first, version=first.version, driver=fleet.drivers[2], **common)
    assert Route.objects.get(pk=first.pk).driver_id == fleet.drivers[2].pk


@pytest.mark.django_db(transaction=True)
def test_two_dispatchers_at_once_lose_no_edit(world):
    """Two threads move different orders onto one route with the same version: one wins, one is told."""
    station, _, orders, first, _ = world
    gate, outcomes = threading.Barrier(2), []

    def edit(order):
        gate.wait()
        try:
            move(station, {first.pk: first.version}, order_ids=[order.pk], route_id=first.pk)
            outcomes.append("done")
        except LastmileError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(order,)) for order in orders[5:7]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["conflict", "done"]
    assert len(orders_of(first)) == 4
    in_one_place(station)


def test_an_edited_order_moves_the_times_of_its_route(world):
    """A longer service at the first door makes every later arrival later, when the route is walked again."""
    station, _, orders, first, _ = world
    move(station, order_ids=[orders[6].pk], route_id=first.pk, position=0)
    before = list(
        Stop.objects.filter(route=first).order_by("sequence").values_list("planned_departure", flat=True)
    )
    Order.objects.filter(pk=orders[6].pk).update(service_time_s=3600)
    routes.rewalk_route(route=Route.objects.get(pk=first.pk), actor="test", now=at(station, DAY, 7))
    after = list(
        Stop.objects.filter(route=first).order_by("sequence").values_list("planned_departure", flat=True)
    )
    assert after[-1] > before[-1]


def test_a_route_says_when_its_driver_rests(world):
    """The break of the shift stands where the planner puts it, inside its hours, after every change."""
    station, fleet, orders, first, _ = world
    shift = fleet.shifts[0]
    shift.break_minutes, shift.break_from, shift.break_to = 30, at(station, DAY, 11), at(station, DAY, 13)
    shift.save()
    move(station, order_ids=[orders[6].pk, orders[7].pk], route_id=first.pk)
    first.refresh_from_db()
    if first.end_at <= shift.break_from:
        assert first.breaks == []
        return
    ((start, end),) = first.breaks
    assert shift.break_from <= datetime.fromisoformat(start) <= shift.break_to
    assert datetime.fromisoformat(end) - datetime.fromisoformat(start) == timedelta(minutes=30)
