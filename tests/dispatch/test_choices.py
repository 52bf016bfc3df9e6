"""Why this driver, and why not that one: the API behind the board's panel."""

import itertools
from typing import Any

import pytest
from django.test import Client

from dispatch.lifecycle import RouteState
from dispatch.models import Order
from dispatch.services.choices import choices_for
from dispatch.services.day_sketch import sketch
from dispatch.services.mapping import frame_of, orders_of
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    """Three shifts: a draft of four orders, a released one of three, one without a route; and one order in the pool."""
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, make_shop(station), 8, window_start=None, window_end=None)
    draft = make_route(station, DAY, orders[:4], fleet.shifts[0])
    released = make_route(station, DAY, orders[4:7], fleet.shifts[1], RouteState.RELEASED)
    return station, fleet, orders, draft, released


def test_each_price_is_what_the_move_really_costs(world: Any) -> None:
    """The marginal cents of a van are the difference between two whole walks of it, made the slow way."""
    station, fleet, orders, draft, released = world
    found, left = choices_for(order=orders[7], now=at(station, DAY, 7))
    assert left == 0
    assert [choice.shift.pk for choice in found if choice.current] == []
    for choice, route in ((one, one.route) for one in found if one.route is not None):
        ids = orders_of(route)
        frame = frame_of(station, DAY, {choice.shift.pk: [*ids, orders[7].pk]})
        before = frame.times(choice.shift.pk, ids).cost_cents
        tried = [[*ids[:k], orders[7].pk, *ids[k:]] for k in range(len(ids) + 1)]
        after = min(
            times.cost_cents
            for times in (frame.times(choice.shift.pk, each) for each in tried)
            if not times.violations
        )
        assert choice.cents == after - before
    prices = [choice.cents for choice in found]
    assert prices == sorted(prices)
    assert {choice.route.pk if choice.route else None for choice in found} == {draft.pk, released.pk, None}


def test_a_planned_order_is_held_against_its_own_route_too(world: Any) -> None:
    """Its own van is marked, and priced as if the order were planned nowhere."""
    station, fleet, orders, draft, _ = world
    found, _ = choices_for(order=orders[0], now=at(station, DAY, 7))
    assert [choice.shift.pk for choice in found if choice.current] == [fleet.shifts[0].pk]
    assert all(choice.cents is not None for choice in found)


def test_a_van_that_may_not_says_which_rule(world: Any) -> None:
    """Why not that one: in words, after those that fit."""
    station, fleet, orders, _, _ = world
    Order.objects.filter(pk=orders[7].pk).update(asks={"never_by": [fleet.drivers[0].name]}, skills=["lift"])
    fleet.drivers[1].skills = ["lift"]
    fleet.drivers[1].save()
    found, _ = choices_for(order=Order.objects.get(pk=orders[7].pk), now=at(station, DAY, 7))
    assert [choice.cents is None for choice in found] == [False, True, True]
    assert {choice.code for choice in found} == {"", "skill", "vehicle_forbidden"} or found[1].code == "skill"
    assert all(choice.words and "shift-" not in choice.words for choice in found[1:])


def test_routes_that_have_left_are_counted_not_asked(world: Any) -> None:
    """A van on the road is somewhere else than at the station: its price would be a guess."""
    station, fleet, orders, _, released = world
    released.state = RouteState.DEPARTED
    released.save()
    found, left = choices_for(order=orders[7], now=at(station, DAY, 7))
    assert left == 1
    assert fleet.shifts[1].pk not in {choice.shift.pk for choice in found}


def test_the_sketch_knows_the_ways_it_needs(world: Any) -> None:
    """Every way on a route, and to and from the order, is that of the whole table."""
    station, _, orders, _, _ = world
    day = sketch(station=station, day=DAY, order=orders[7], now=at(station, DAY, 7))
    whole = day.frame.problem
    for key, table in day.problem.matrices.items():
        known = table.distances + table.durations < 2**30
        assert (table.durations[known] == whole.matrices[key].durations[known]).all()
        assert (table.distances[known] == whole.matrices[key].distances[known]).all()
        assert known.mean() < 1
    place = {job.id: job.place for job in day.problem.jobs}
    for items in day.plan.values():
        for one, other in itertools.pairwise(items):
            assert day.problem.matrices["van"].durations[place[one], place[other]] < 2**30


def test_the_api_answers_the_board(world: Any, django_assert_max_num_queries: Any) -> None:
    """One call, a handful of queries whatever the number of routes; refused for an order that is done."""
    station, fleet, orders, draft, _ = world
    client = Client()
    client.force_login(make_person("dora", "dispatcher", station))
    url = f"/api/v1/orders/{orders[7].pk}/choices/"
    client.get(url)
    with django_assert_max_num_queries(20):
        answer = client.get(url)
    assert answer.status_code == 200
    card = next(each for each in answer.json()["choices"] if each["route_id"] == draft.pk)
    assert card["shift_id"] == fleet.shifts[0].pk
    assert (card["code"], card["words"], card["locked"]) == ("", "", False)
    Order.objects.filter(pk=orders[7].pk).update(state="cancelled")
    refused = client.get(url)
    assert (refused.status_code, refused.json()["code"]) == (409, "order_not_movable")
