"""Storing expectations: told when it matters, and rows never differ from what was told."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dispatch.models import Stop
from dispatch.services.clocks import set_clock
from dispatch.services.etas import StopEta, set_etas
from dispatch.services.positions import Pin, move_pins
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.scenarios import DAY, make_orders, make_route, make_shop, make_station

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/Helsinki"))


@pytest.fixture
def route(db):
    station = make_station()
    return make_route(station, DAY, make_orders(station, make_shop(station), 2), state="departed")


def etas(route, seconds=0, slack=600):
    stops = route.stops.order_by("sequence")
    moment = NOW + timedelta(seconds=seconds)
    return [StopEta(stop.pk, moment + timedelta(minutes=n), slack) for n, stop in enumerate(stops)]


def told():
    return Event.objects.filter(name="eta.changed").count()


def test_a_minute_is_told_less_is_not_even_stored(route):
    """A screen that only hears of big moves must still show exactly what the rows hold."""
    assert set_etas(route=route, etas=etas(route), now=NOW)
    assert not set_etas(route=route, etas=etas(route, 59), now=NOW)
    assert route.stops.first().eta == NOW
    assert set_etas(route=route, etas=etas(route, 60), now=NOW)
    assert told() == 2


def test_turning_late_is_told_at_once(route):
    """The colour of a stop hangs on the sign of its slack."""
    set_etas(route=route, etas=etas(route, slack=10), now=NOW)
    assert set_etas(route=route, etas=etas(route, slack=-10), now=NOW)


def test_a_stop_that_is_done_keeps_what_it_had(route):
    """An expectation that comes after the visit is worth nothing."""
    Stop.objects.filter(pk=route.stops.first().pk).update(state="completed", eta=NOW)
    set_etas(route=route, etas=etas(route, 600), now=NOW)
    first, second = route.stops.order_by("sequence")
    assert (first.eta, second.eta) == (NOW, NOW + timedelta(minutes=11))


def pin(route, seconds, **more):
    fields = {"lat": 60.1, "lng": 24.9, "heading": 1.0, "speed_mps": 2.0}
    ids = {"vehicle_id": route.vehicle_id, "station_id": route.station_id}
    rest = {"moving_since": None, "still_since": None}
    return Pin(**ids, **(fields | more), at=NOW + timedelta(seconds=seconds), **rest)


def test_pins_only_move_forward_in_time(route):
    """Two web processes may hold fixes of one van; the older one loses, whoever writes last."""
    assert move_pins(pins=[pin(route, 0)])
    assert move_pins(pins=[pin(route, 10, lat=60.2)])
    assert move_pins(pins=[pin(route, 5, lat=60.3)]) == []
    assert move_pins(pins=[pin(route, 10, lat=60.3)]) == []
    route.vehicle.live_position.refresh_from_db()
    assert route.vehicle.live_position.lat == 60.2


def test_setting_the_clock_back_frees_pins_of_its_future(route):
    """A simulated day begun anew would otherwise never move a van."""
    move_pins(pins=[pin(route, 600)])
    station = set_clock(station=route.station, business=NOW, speed=30, wall=NOW, actor="user:anna")
    assert station.clock.at(NOW + timedelta(seconds=2)) == NOW + timedelta(minutes=1)
    assert move_pins(pins=[pin(route, 1)])
    assert Event.objects.filter(name="clock.changed").count() == 1


def test_a_clock_must_run(route):
    """Speed zero would stop every expectation for good."""
    with pytest.raises(LastmileError):
        set_clock(station=route.station, business=NOW, speed=0, wall=NOW, actor="user:anna")
