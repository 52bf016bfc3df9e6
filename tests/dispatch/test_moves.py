"""What a move must never do: touch a stop the van stands at, take what another took, lose a stop's identity."""

from datetime import timedelta

import pytest

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import Driver, Order, Route, Stop, StopOrder
from dispatch.services import moves, orders, routes, visits
from dispatch.services.mapping import orders_of
from dispatch.services.moves import Move
from lastmile.kernel.errors import LastmileError
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    station = make_station()
    fleet = make_fleet(station, DAY, 3)
    made = make_orders(station, make_shop(station), 8)
    return station, fleet, made


def move(station, **fields):
    return moves.move_orders(
        station=station, day=DAY, move=Move(**fields), versions={}, actor="user:test", now=at(station, DAY, 9)
    )


def arrive(station, route):
    stop = route.stops.order_by("sequence").first()
    return visits.arrive_stop(stop=stop, at=at(station, DAY, 9), actor="driver:1", now=at(station, DAY, 9))


def test_a_van_at_a_stop_can_be_given_and_lose_other_orders(world):
    """The commonest moment of the day: the dispatcher edits while the driver stands at a door."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:4], fleet.shifts[0], RouteState.DEPARTED)
    stop = arrive(station, route)
    move(station, order_ids=[made[6].pk], route_id=route.pk)
    move(station, order_ids=[made[2].pk])
    stop.refresh_from_db()
    assert (stop.state, stop.sequence) == (StopState.ARRIVED, 1)
    assert orders_of(route)[0] == made[0].pk
    assert set(orders_of(route)) == {made[i].pk for i in (0, 1, 3, 6)}
    assert Order.objects.get(pk=made[6].pk).state == OrderState.OUT
    assert Order.objects.get(pk=made[2].pk).state == OrderState.OPEN
    assert list(Stop.objects.filter(route=route).order_by("sequence").values_list("sequence", flat=True)) == [
        1,
        2,
        3,
        4,
    ]


def test_the_stop_the_van_stands_at_is_refused(world):
    """What is in the driver's hands cannot be moved from the office."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:3], fleet.shifts[0], RouteState.DEPARTED)
    arrive(station, route)
    with pytest.raises(LastmileError) as caught:
        move(station, order_ids=[made[0].pk])
    assert caught.value.code == "stop_in_progress"
    assert orders_of(route)[0] == made[0].pk


def test_stops_that_stay_keep_their_rows(world):
    """A phone holds stop ids: an edit elsewhere on the route must not make them unknown."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:4], fleet.shifts[0], RouteState.RELEASED)
    before = {visit.order_id: visit.stop_id for visit in StopOrder.objects.filter(stop__route=route)}
    move(station, order_ids=[made[5].pk], route_id=route.pk, position=1)
    move(station, order_ids=[made[3].pk])
    after = {visit.order_id: visit.stop_id for visit in StopOrder.objects.filter(stop__route=route)}
    for order in made[:3]:
        assert after[order.pk] == before[order.pk]


def test_an_order_cancelled_between_draft_and_store_is_a_conflict(world, monkeypatch):
    """I12: what was cancelled while the move was worked out never reaches the route."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:2], fleet.shifts[0])
    draft_move = moves.draft_move

    def cancelled_meanwhile(**fields):
        draft = draft_move(**fields)
        orders.cancel_order(order=made[5], actor="shop:x", now=at(station, DAY, 9))
        return draft

    monkeypatch.setattr(moves, "draft_move", cancelled_meanwhile)
    with pytest.raises(LastmileError) as caught:
        move(station, order_ids=[made[5].pk], route_id=route.pk)
    assert caught.value.code == "conflict"
    assert not StopOrder.objects.filter(order=made[5]).exists()


def test_a_rule_broken_after_release_is_recorded_under_the_dispatchers_name(world):
    """Decision 18: satisfied or overridden, also when the route is out already."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:2], fleet.shifts[0], RouteState.RELEASED)
    Order.objects.filter(pk=made[5].pk).update(skills=["crane"])
    move(station, order_ids=[made[5].pk], route_id=route.pk)
    route.refresh_from_db()
    assert [violation["code"] for violation in route.violations] == ["skill"]
    assert [(o["code"], o["actor"]) for o in route.overrides] == [("skill", "user:test")]


def test_assigning_a_driver_shows_what_the_driver_may_not_do(world):
    """Skills are the real driver's, not those of whoever the roster named first."""
    station, fleet, made = world
    Driver.objects.filter(pk=fleet.drivers[0].pk).update(skills=["chilled"])
    Order.objects.filter(pk=made[0].pk).update(skills=["chilled"])
    (route,) = move(station, order_ids=[made[0].pk], shift_id=fleet.shifts[0].pk)
    assert route.violations == []
    common = {"actor": "user:test", "now": at(station, DAY, 7)}
    routes.assign_driver(route=route, version=route.version, driver=fleet.drivers[1], **common)
    assert [violation["code"] for violation in Route.objects.get(pk=route.pk).violations] == ["skill"]


def test_nobody_drives_two_routes_at_a_time(world):
    """A driver with a route cannot be given another one that overlaps it."""
    station, fleet, made = world
    make_route(station, DAY, made[:2], fleet.shifts[0])
    other = make_route(station, DAY, made[2:4], fleet.shifts[1])
    common = {"actor": "user:test", "now": at(station, DAY, 7)}
    with pytest.raises(LastmileError) as caught:
        routes.assign_driver(route=other, version=other.version, driver=fleet.drivers[0], **common)
    assert caught.value.code == "driver_busy"


def test_a_failed_order_goes_back_to_the_pool_and_onto_a_route_again(world):
    """A failure is not the end: the order can be planned once more, its first attempt stays on record."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:2], fleet.shifts[0], RouteState.DEPARTED)
    now = at(station, DAY, 9)
    report = visits.Report(event_id="e1", at=now)
    stop = route.stops.order_by("sequence").first()
    common = {"report": report, "order_ids": None, "driver": None, "actor": "driver:1", "now": now}
    visits.fail_stop(stop=stop, reason="no_one_home", **common)
    order = Order.objects.get(pk=made[0].pk)
    assert order.state == OrderState.FAILED
    orders.reopen_order(order=order, version=order.version, actor="user:test", now=now)
    with pytest.raises(LastmileError):
        orders.reopen_order(order=order, version=order.version, actor="user:test", now=now)
    move(station, order_ids=[order.pk], shift_id=fleet.shifts[1].pk)
    order.refresh_from_db()
    assert order.state == OrderState.PLANNED
    assert order.attempts.count() == 1


def test_a_preview_on_the_road_prices_the_change_only(world):
    """On a running route the rest is compared with the rest: taking a stop away is never dearer."""
    station, fleet, made = world
    route = make_route(station, DAY, made[:4], fleet.shifts[0], RouteState.DEPARTED)
    arrive(station, route)
    now = at(station, DAY, 9) + timedelta(minutes=1)
    delta = moves.draft_move(station=station, day=DAY, move=Move([made[2].pk]), now=now).delta
    assert -20_000 < delta["distance_m"] <= 0
    assert delta["cost_cents"] < 0
