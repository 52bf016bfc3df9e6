"""The turn of the night: everything that was open on a day ends, goes on or waits, once and whole."""

import threading
from datetime import date, time, timedelta

import pytest
from django.db import connection

from dispatch.models import (
    DeliveryException,
    Holiday,
    Order,
    Parcel,
    Plan,
    Route,
    StationDay,
    Stop,
    StopOrder,
)
from dispatch.models.exception import ExceptionKind
from dispatch.services import day_close
from dispatch.services.day_close import close_day, preview_close
from dispatch.services.exceptions import raise_exception
from dispatch.services.moves import Move, move_orders
from dispatch.services.orders import reopen_order
from dispatch.services.plan_scopes import About
from dispatch.services.plans import start_plan
from dispatch.services.rollover import sweep_stragglers
from dispatch.services.visits import Report, complete_stop, fail_stop
from lastmile.backup.checker import check as checked
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.scenarios import DAY, at, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def world():
    return make_world()


def make_world(**fields):
    """Three orders in the pool, two on a draft, two on a released route, three out (one delivered, one failed)."""
    station = make_station(**fields)
    shop = make_shop(station)
    fleet = make_fleet(station, DAY, 3)
    orders = make_orders(station, shop, 10)
    make_route(station, DAY, orders[3:5], fleet.shifts[0], state="draft")
    make_route(station, DAY, orders[5:7], fleet.shifts[1], state="released")
    out = make_route(station, DAY, orders[7:], fleet.shifts[2], state="departed")
    stops = list(out.stops.order_by("sequence"))
    visit(stops[0], "e1")
    visit(stops[1], "e2", reason="no_one_home")
    return station, orders, out


def visit(stop, event_id, reason=None, hour=10):
    station = stop.route.station
    report = Report(event_id=event_id, at=at(station, stop.route.day, hour))
    who = {"order_ids": None, "driver": None, "actor": "driver:1", "now": at(station, stop.route.day, 23)}
    if reason is None:
        return complete_stop(stop=stop, report=report, **who)
    return fail_stop(stop=stop, report=report, reason=reason, **who)


def evening(station, day=DAY):
    return at(station, day, 23, 30)


def close(station, day=DAY, **fields):
    given = {"actor": "user:dora", "now": evening(station, day), "vans_out_too": True} | fields
    return close_day(station=station, day=day, **given)


def whats(row):
    return sorted(change["what"] for change in row.changes)


def test_closing_settles_everything_and_says_so(world):
    """After the close nothing of the day is open, and the row names each thing with its reason."""
    station, orders, out = world
    closed = close(station)
    assert not closed.repeated
    assert not Route.objects.filter(station=station, day=DAY).exclude(state="closed").exists()
    assert not Order.objects.filter(day=DAY, state__in=("open", "planned", "out", "failed")).exists()
    assert not DeliveryException.objects.exclude(state="resolved").exists()
    assert Order.objects.filter(day=NEXT, state="open").count() == 9
    assert Order.objects.get(pk=orders[7].pk).state == "delivered"
    reasons = {change["id"]: change["reason"] for change in closed.day.changes if "reason" in change}
    assert [reasons[order.pk] for order in orders if order.pk in reasons] == [
        *["not_planned"] * 3,
        *["not_departed"] * 4,
        "attempt_failed",
        "not_reached",
    ]
    assert {"route_dissolved", "route_closed", "exception_resolved"} <= set(whats(closed.day))
    assert Route.objects.filter(station=station).count() == 2  # the draft nobody saw is gone
    assert Event.objects.filter(name="day.changed").count() == 1


def test_carried_orders_keep_number_hours_and_history(world):
    """The recipient was promised from 9 to 11: on the next day it is from 9 to 11, under the same number."""
    station, orders, _ = world
    before = Order.objects.get(pk=orders[1].pk)
    close(station)
    after = Order.objects.get(pk=orders[1].pk)
    assert (after.number, after.state, after.day) == (before.number, "open", NEXT)
    assert after.window_start - before.window_start == timedelta(days=1)
    assert after.window_end - before.window_end == timedelta(days=1)
    assert after.version > before.version
    assert after.left_out["code"] == "rolled_over"
    failed = Order.objects.get(pk=orders[8].pk)
    assert failed.attempts.count() == 1  # what was tried stays
    told = Event.objects.filter(name="orders.changed", data__what="rolled_over")
    assert sum(len(event.data["order_ids"]) for event in told) == 9


def test_orders_go_to_the_next_opening_day(world):
    """Saturday's leftovers are not promised for Sunday, nor for a holiday Monday."""
    station, _, _ = world
    station.open_days = [0, 1, 3, 4]
    station.save()
    Holiday.objects.create(station=station, day=date(2026, 3, 12), name="Market day")
    close(station)
    assert set(Order.objects.exclude(state="delivered").values_list("day", flat=True)) == {date(2026, 3, 13)}


def test_vans_on_the_road_ask_first(world):
    """A day with a van out is closed only by somebody who says so; the refusal changes nothing."""
    station, _, out = world
    with pytest.raises(LastmileError) as refused:
        close(station, vans_out_too=False)
    assert (refused.value.code, refused.value.data["routes"]) == ("vans_out", [out.name])
    assert Route.objects.get(pk=out.pk).state == "departed"
    assert not StationDay.objects.exists()


def test_closing_twice_is_once(world):
    """A second click finds the day closed, and moves nothing a second time."""
    station, _, _ = world
    first = close(station)
    again = close(station)
    assert (again.repeated, again.day.pk) == (True, first.day.pk)
    assert Event.objects.filter(name="day.changed").count() == 1
    assert Order.objects.filter(day=NEXT).count() == 9


@pytest.mark.parametrize(
    "step", ["_close_routes", "_end_plans", "freeze_facts", "_settle_orders", "_resolve_exceptions"]
)
def test_a_crash_between_steps_leaves_the_day_open_and_the_next_try_closes_it(world, monkeypatch, step):
    """Power fails at any point: the day is as it was, and closing again does the whole of it."""
    station, _, _ = world
    before = sorted(Order.objects.values_list("pk", "day", "state", "version"))
    real = getattr(day_close, step)

    def broken(*args, **kwargs):
        real(*args, **kwargs)
        raise RuntimeError("power")

    monkeypatch.setattr(day_close, step, broken)
    with pytest.raises(RuntimeError):
        close(station)
    assert sorted(Order.objects.values_list("pk", "day", "state", "version")) == before
    assert Route.objects.filter(state="closed").count() == 0
    monkeypatch.undo()
    assert not close(station).repeated
    assert Order.objects.filter(day=NEXT, state="open").count() == 9


def test_failed_orders_wait_where_the_station_says_so(world):
    """Some stations ring the recipient before they try again: their failed orders stay, and are named."""
    station, orders, _ = world
    station.after_failure = "wait"
    station.save()
    closed = close(station)
    order = Order.objects.get(pk=orders[8].pk)
    assert (order.state, order.day) == ("failed", DAY)
    waits = [change for change in closed.day.changes if change["what"] == "order_waits"]
    assert [change["id"] for change in waits] == [order.pk]


def test_after_so_many_attempts_an_order_waits(world):
    """The last try the station allows is followed by a person, not by another morning."""
    station, orders, _ = world
    station.max_attempts = 1
    station.save()
    close(station)
    assert Order.objects.get(pk=orders[8].pk).state == "failed"


def test_parcels_of_the_vans_are_back_in_the_station(world):
    """What came back on a van is on the floor tonight; what was handed over is not."""
    station, orders, _ = world
    Parcel.objects.filter(order=orders[9]).update(state="loaded")
    closed = close(station)
    states = dict(Parcel.objects.values_list("order_id", "state"))
    assert states[orders[9].pk] == "received"  # never reached
    assert states[orders[8].pk] == "received"  # nobody home
    assert states[orders[7].pk] == "delivered"
    assert {"what": "parcels_received", "count": 2} in closed.day.changes


def test_plans_nobody_accepted_are_thrown_away(world):
    """A proposal of yesterday must not be accepted tomorrow."""
    station, _, _ = world
    plan = Plan.objects.create(station=station, day=DAY, state="proposed", actor="x")
    running = start_plan(about=About(station, DAY), time_limit_s=1, seed=1, actor="x", now=evening(station))
    closed = close(station)
    assert Plan.objects.get(pk=plan.pk).state == "discarded"
    assert Plan.objects.get(pk=running.pk).state == "cancelled"
    assert {"plan_discarded", "plan_cancelled"} <= set(whats(closed.day))


def test_other_days_and_other_stations_are_left_alone(world):
    """Closing Tuesday here does nothing to Wednesday, and nothing elsewhere."""
    station, _, _ = world
    shop = station.orders.first().shop
    later = make_orders(station, shop, 2, day=NEXT)
    other = make_station("TKU")
    theirs = make_orders(other, make_shop(other), 2)
    raise_exception(
        station=other,
        day=DAY,
        kind=ExceptionKind.LATE,
        severity=2,
        key="late:x",
        words="late",
        route=None,
        stop=None,
        order_ids=[],
        now=evening(other),
        actor="x",
    )
    close(station)
    assert {order.version for order in Order.objects.filter(pk__in=[o.pk for o in later])} == {1}
    assert set(Order.objects.filter(pk__in=[o.pk for o in theirs]).values_list("day", "state")) == {
        (DAY, "open")
    }
    assert DeliveryException.objects.get(station=other).state == "open"


def test_a_day_that_has_not_begun_cannot_be_closed(world):
    """Closing tomorrow by a wrong click would throw its plan away."""
    station, _, _ = world
    with pytest.raises(LastmileError) as refused:
        close(station, day=NEXT, now=evening(station))
    assert refused.value.code == "day_not_begun"


def test_a_day_closed_long_after_it_sends_its_orders_to_a_day_that_is_still_to_come(world):
    """A server that was off for a week must not roll orders from one past day into the next."""
    station, _, _ = world
    late = evening(station, DAY + timedelta(days=7))
    close(station, now=late)
    assert set(Order.objects.exclude(state="delivered").values_list("day", flat=True)) == {
        DAY + timedelta(days=7)
    }


def test_the_preview_says_what_closing_then_does(world):
    """People decide by the preview, so it must be what happens."""
    station, _, out = world
    preview = preview_close(station=station, day=DAY, now=evening(station))
    assert [route.pk for route in preview.vans_out] == [out.pk]
    assert (len(preview.undriven), preview.exceptions, preview.target) == (2, 1, NEXT)
    closed = close(station)
    carried = [change["id"] for change in closed.day.changes if change["what"] == "order_carried"]
    assert [order.order_id for order in preview.fate.carried] == carried


def test_a_closed_day_refuses_changes(world):
    """Read-only means every door: orders onto routes, and plans."""
    station, orders, _ = world
    close(station)
    moving = {"station": station, "day": DAY, "versions": {}, "actor": "x", "now": evening(station)}
    with pytest.raises(LastmileError) as refused:
        move_orders(move=Move(order_ids=[orders[0].pk]), **moving)
    assert refused.value.code == "day_closed"
    with pytest.raises(LastmileError) as refused:
        start_plan(about=About(station, DAY), time_limit_s=1, seed=1, actor="x", now=evening(station))
    assert refused.value.code == "day_closed"


def test_what_comes_to_a_closed_day_goes_on_like_the_rest(world):
    """An order put back into the pool of a day that is over would be seen by nobody."""
    station, orders, _ = world
    station.after_failure = "wait"
    station.save()
    close(station)
    Order.objects.filter(pk=orders[8].pk).update(state="open")
    moved = sweep_stragglers(station=station, now=at(station, NEXT, 9), actor="system:day")
    assert moved == 1
    assert Order.objects.get(pk=orders[8].pk).day == NEXT
    assert sweep_stragglers(station=station, now=at(station, NEXT, 9), actor="system:day") == 0


def late(station, stop, minutes=0, **fields):
    """A report of 14 o'clock that arrives on the next morning."""
    report = Report(event_id="late", at=at(station, DAY, 14, minutes))
    who = {"driver": None, "actor": "driver:1", "now": at(station, NEXT, 8)}
    return complete_stop(stop=stop, report=report, order_ids=None, **(who | fields))


def test_a_report_after_the_close_is_counted_and_told(world):
    """Field reality wins over the night: the order is delivered, its new day loses it, the closed day says so."""
    station, orders, out = world
    before = close(station).day.facts
    stop = out.stops.get(sequence=3)
    assert Order.objects.get(pk=orders[9].pk).day == NEXT
    late(station, stop)
    late(station, stop)
    order = Order.objects.get(pk=orders[9].pk)
    assert (order.state, order.attempts.count()) == ("delivered", 1)
    assert set(order.parcels.values_list("state", flat=True)) == {"delivered"}
    row = StationDay.objects.get()
    gained = {name: count - before["counts"][name] for name, count in row.facts["counts"].items()}
    assert {name for name in ("delivered", "tried", "stops") if gained[name] == 1} == {
        "delivered",
        "tried",
        "stops",
    }
    assert (gained["open"], gained["orders"], gained["failed"]) == (-1, 0, 0)
    assert orders[9].pk in row.facts["rows"]["delivered"]
    assert row.facts["late_reports"] == 1
    assert [change["name"] for change in row.changes if change["what"] == "late_report"] == [order.number]


def test_a_late_delivery_takes_the_order_off_tomorrows_draft(world, monkeypatch):
    """Planned again already: it must not be driven a second time."""
    station, orders, out = world
    close(station)
    again = Order.objects.get(pk=orders[9].pk)
    route = make_route(station, NEXT, [again, *Order.objects.filter(day=NEXT, pk=orders[0].pk)])
    late(station, out.stops.get(sequence=3))
    again.refresh_from_db()
    assert again.state == "delivered"
    assert list(route.stops.values_list("orders", flat=True)) == [orders[0].pk]
    assert checked() == []


def test_late_facts_are_those_of_a_report_in_time(db):
    """Counting one order again must come to what counting the whole day would have."""
    station, _, out = make_world()
    twin_station, _, twin = make_world_at("TWN")
    for where, route in ((station, out), (twin_station, twin)):
        stop = route.stops.get(sequence=3)
        if where is station:
            close(where)
            late(where, stop)
        else:
            complete_stop(
                stop=stop, report=Report(event_id="x", at=at(where, DAY, 14)), order_ids=None,
                driver=None, actor="driver:1", now=at(where, DAY, 15),
            )  # fmt: skip
            close(where)
    facts, same = (StationDay.objects.get(station=where).facts for where in (station, twin_station))
    for part in ("counts", "reasons", "cost_cents"):
        assert facts[part] == same[part]


def make_world_at(code):
    return make_world(code=code)


def test_a_failed_order_put_back_on_a_closed_day_goes_on_at_once(world):
    """In the pool of a day that is over nobody would see it until the next sweep."""
    station, orders, _ = world
    station.after_failure = "wait"
    station.save()
    close(station)
    order = Order.objects.get(pk=orders[8].pk)
    moved = reopen_order(order=order, version=order.version, actor="user:dora", now=at(station, NEXT, 9))
    assert (moved.state, moved.day) == ("open", NEXT)


def test_an_empty_day_closes(db):
    """A Sunday without an order is closed like any other."""
    station = make_station(day_close_at=time(22))
    closed = close(station)
    assert closed.day.changes == []
    assert closed.day.facts["counts"]["orders"] == 0


@pytest.mark.parametrize("count", [1, 30])
def test_statements_do_not_grow_with_the_orders(db, count, django_assert_max_num_queries):
    """Closing holds the database: a thousand orders must not be a thousand statements."""
    station = make_station()
    make_orders(station, make_shop(station), count)
    with django_assert_max_num_queries(50):
        close(station)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_close_once():
    """The manager presses while the clock strikes: one closes, the other is told the same result."""
    station, _, _ = make_world()
    results, ready = [], threading.Barrier(2)

    def press():
        try:
            ready.wait()
            results.append(close(station).repeated)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False, True]
    assert StationDay.objects.count() == 1
    assert Order.objects.filter(day=NEXT).count() == 9
    assert not StopOrder.objects.filter(outcome="planned").exists()
    assert Stop.objects.filter(route__state="closed", state="planned").count() == 0
