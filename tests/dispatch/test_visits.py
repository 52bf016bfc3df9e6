"""What a driver reports at a stop, and what follows for orders, parcels, attempts and alerts."""

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from dispatch.models import Attempt, DeliveryException, Order, Parcel, Stop, StopOrder
from dispatch.services.routes import close_route
from dispatch.services.visits import Report, arrive_stop, complete_stop, fail_stop
from lastmile.backup.checker import check as invariants
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.scenarios import DAY, make_orders, make_route, make_shop, make_station


@pytest.fixture
def world(db):
    return make_world()


def make_world(orders=3, state="departed"):
    station = make_station()
    route = make_route(station, DAY, make_orders(station, make_shop(station), orders), state=state)
    return station, route, list(route.stops.order_by("sequence"))


def report(event_id="e1", minutes=30):
    return Report(event_id=event_id, at=NOW + timedelta(minutes=minutes - 60), lat=60.17, lng=24.94)


NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/Helsinki"))
WHO = {"driver": None, "actor": "driver:1", "now": NOW}


def add_order(stop, station):
    """A second order at the stop's door."""
    order = make_orders(station, make_shop(station, "second"), 1, state="out")[0]
    StopOrder.objects.create(stop=stop, order=order)
    return order


def test_delivering_moves_stop_order_parcel_and_attempt_together(world):
    """One report at the door settles every row that tells of it, and one event carries the news."""
    _, route, stops = world
    arrive_stop(stop=stops[0], at=NOW - timedelta(minutes=35), actor="driver:1", now=NOW)
    visited = complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    order = Order.objects.get(visits__stop=stops[0])
    assert (visited.stop.state, order.state) == ("completed", "delivered")
    assert visited.stop.departed_at == NOW - timedelta(minutes=30)
    assert set(order.parcels.values_list("state", flat=True)) == {"delivered"}
    attempt = order.attempts.get()
    assert (attempt.outcome, attempt.driver_id, attempt.lat) == ("delivered", route.driver_id, 60.17)
    told = [e.data["what"] for e in Event.objects.filter(name="stop.changed").order_by("id")]
    assert told == ["arrived", "completed"]


def test_the_same_report_twice_is_one(world):
    """A phone that saw no answer sends again; it gets the same answer and nothing happens twice."""
    _, _, stops = world
    first = complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    again = complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    assert (first.repeated, again.repeated) == (False, True)
    assert [a.pk for a in again.attempts] == [a.pk for a in first.attempts]
    assert Attempt.objects.count() == 1


def test_another_report_of_a_done_stop_is_refused(world):
    """A failure after a delivery would take the parcel out of the recipient's hands."""
    _, _, stops = world
    complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    with pytest.raises(LastmileError) as refused:
        fail_stop(stop=stops[0], report=report("e2"), reason="refused", order_ids=None, **WHO)
    assert (refused.value.code, refused.value.status) == ("already_recorded", 409)
    assert Attempt.objects.count() == 1


def test_failing_raises_one_exception_and_undelivers_the_parcels(world):
    """Somebody must decide what follows, so a failed attempt is an alert with its orders."""
    _, route, stops = world
    fail_stop(stop=stops[0], report=report(), reason="no_one_home", order_ids=None, **WHO)
    order = Order.objects.get(visits__stop=stops[0])
    assert order.state == "failed"
    assert set(Parcel.objects.filter(order=order).values_list("state", flat=True)) == {"undelivered"}
    alert = DeliveryException.objects.get()
    assert alert.kind == "attempt_failed"
    assert alert.words == f"Route {route.name} could not hand over 1 order at {order.address}: no one home"
    assert list(alert.orders.all()) == [order]


def test_some_orders_of_a_stop_first_then_the_rest(world):
    """Two neighbours, one at home: the stop stays open until each order has its outcome."""
    station, _, stops = world
    second = add_order(stops[0], station)
    first = stops[0].visits.exclude(order=second).get().order
    half = complete_stop(stop=stops[0], report=report(), order_ids=[first.pk], **WHO)
    assert half.stop.state == "arrived"
    done = fail_stop(stop=stops[0], report=report("e2"), reason="refused", order_ids=None, **WHO)
    assert done.stop.state == "completed"
    second.refresh_from_db()
    assert second.state == "failed"


def test_all_orders_failed_is_a_failed_stop(world):
    """The stop's own state says whether anything was handed over there."""
    _, _, stops = world
    done = fail_stop(stop=stops[0], report=report(), reason="no_access", order_ids=None, **WHO)
    assert done.stop.state == "failed"


def test_orders_of_another_stop_are_refused(world):
    """A report may not settle what stands elsewhere."""
    _, _, stops = world
    foreign = stops[1].visits.get().order_id
    with pytest.raises(LastmileError) as refused:
        complete_stop(stop=stops[0], report=report(), order_ids=[foreign], **WHO)
    assert refused.value.code == "not_at_this_stop"


def test_an_order_cancelled_meanwhile_is_refused_and_nothing_is_half_done(world):
    """The driver is told before handing over; no row moves."""
    _, _, stops = world
    Order.objects.filter(visits__stop=stops[0]).update(state="cancelled")
    with pytest.raises(LastmileError) as refused:
        complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    assert refused.value.code == "order_not_out"
    assert stops[0].visits.get().outcome == "planned"
    assert not Attempt.objects.exists()


@pytest.mark.parametrize(("state", "code"), [("released", "route_not_departed"), ("closed", "route_closed")])
def test_only_a_van_on_the_road_reports(db, state, code):
    """Before the start and after the end a report is a mistake and says which."""
    _, _, stops = make_world(state=state)
    with pytest.raises(LastmileError) as refused:
        arrive_stop(stop=stops[0], at=NOW, actor="driver:1", now=NOW)
    assert refused.value.code == code


def closed_early():
    """A route that somebody closed at half past nine, while its van was out of reach."""
    station, route, stops = make_world()
    close_route(route=route, actor="user:dora", now=NOW - timedelta(minutes=20))
    return station, route, stops


def test_a_visit_made_before_the_route_was_closed_counts_when_it_is_told_late(db):
    """The phone was offline while the dispatcher closed the route: what was done at the door is the truth."""
    _, _, stops = closed_early()
    arrive_stop(stop=stops[0], at=NOW - timedelta(minutes=35), actor="driver:1", now=NOW)
    first = complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    again = complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    order = Order.objects.get(visits__stop=stops[0])
    assert (first.stop.state, first.repeated, again.repeated) == ("completed", False, True)
    assert (order.state, order.attempts.count(), order.visits.get().outcome) == ("delivered", 1, "delivered")
    assert set(order.parcels.values_list("state", flat=True)) == {"delivered"}
    assert not DeliveryException.objects.exists()
    assert invariants() == []


def test_a_visit_said_to_be_after_the_close_is_refused(db):
    """Nobody held the route then: a person has to say what happened."""
    _, _, stops = closed_early()
    with pytest.raises(LastmileError) as refused:
        complete_stop(stop=stops[0], report=report(minutes=50), order_ids=None, **WHO)
    assert refused.value.code == "route_closed"
    assert not Attempt.objects.exists()


def test_a_late_failure_is_an_attempt_and_an_alert_of_today(db):
    """The order is in the pool again and stays there; whoever plans it should know what the driver met."""
    _, _, stops = closed_early()
    done = fail_stop(stop=stops[0], report=report(), reason="wrong_address", order_ids=None, **WHO)
    order = Order.objects.get(visits__stop=stops[0])
    assert (done.stop.state, order.state, order.attempts.get().reason) == ("failed", "open", "wrong_address")
    assert DeliveryException.objects.get().day == NOW.date()


@pytest.mark.parametrize("state", ["cancelled", "delivered", "out"])
def test_an_order_that_ended_otherwise_meanwhile_is_left_to_a_dispatcher(db, state):
    """Two truths about one parcel: both are kept, and somebody is asked."""
    _, _, stops = closed_early()
    order = Order.objects.get(visits__stop=stops[0])
    Order.objects.filter(pk=order.pk).update(state=state)
    complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    order.refresh_from_db()
    alert = DeliveryException.objects.get()
    assert (order.state, order.attempts.get().outcome) == (state, "delivered")
    assert order.number in alert.words
    assert alert.day == NOW.date()


def test_completing_the_last_stop_does_not_close_the_route(db):
    """The van still has to come back, perhaps with parcels."""
    _, route, stops = make_world(orders=1)
    complete_stop(stop=stops[0], report=report(), order_ids=None, **WHO)
    route.refresh_from_db()
    assert route.state == "departed"


def test_a_report_from_the_future_counts_as_now(world):
    """A phone clock ahead of ours must not put a delivery into the evening."""
    _, _, stops = world
    late = report(minutes=600)
    assert complete_stop(stop=stops[0], report=late, order_ids=None, **WHO).stop.departed_at == NOW


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins():
    """A dispatcher and a driver press at the same moment: one attempt, and the other is told."""
    _, _, stops = make_world()
    gate, outcomes = threading.Barrier(2), []

    def press(event_id):
        stop = Stop.objects.get(pk=stops[0].pk)
        gate.wait(10)
        try:
            complete_stop(stop=stop, report=report(event_id), order_ids=None, **WHO)
            outcomes.append("done")
        except LastmileError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press, args=(f"e{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["already_recorded", "done"]
    assert Attempt.objects.count() == 1
