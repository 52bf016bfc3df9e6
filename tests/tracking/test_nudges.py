"""Open pages of recipients hear that something changed: only theirs, only now and then, and never what."""

import asyncio

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as given
from django.core.cache import cache

from dispatch.models import Order
from dispatch.services.links import token_of
from dispatch.services.visits import Report, complete_stop
from lastmile import bus, live
from lastmile.asgi import application
from lastmile.models import Event
from tests.scenarios import DAY, at, make_orders, make_route, make_shop, make_station
from tracking.services import nudges
from tracking.subscribers import register


@pytest.fixture(autouse=True)
def fresh_counters(valkey):
    cache.clear()


@pytest.fixture
def pushed(monkeypatch):
    found = []
    monkeypatch.setattr(live, "push", lambda place, frame: found.append((place, frame)))
    return found


@pytest.fixture
def world(db):
    station = make_station()
    orders = make_orders(station, make_shop(station), 4)
    route = make_route(station, DAY, orders, state="departed")
    return station, orders, route


def deliver(station, route):
    complete_stop(
        stop=route.stops.order_by("sequence").first(),
        report=Report(event_id="e", at=at(station, DAY, 9)),
        order_ids=None,
        driver=None,
        actor="x",
        now=at(station, DAY, 23),
    )
    return Event.objects.filter(name="stop.changed").latest("id")


def test_a_delivery_nudges_those_who_watch_and_still_wait(world, pushed):
    """The one who got it and the ones after it see a new picture; nobody else listens, so nothing is sent."""
    station, orders, route = world
    other = make_route(station, DAY, make_orders(station, orders[0].shop, 1), state="departed")
    for order in (orders[0], orders[2], other.stops.get().orders.get()):
        nudges.watch(order.pk)
    event = deliver(station, route)
    assert nudges.orders_touched(event) == {order.pk for order in orders}
    nudges.nudge_touched(event)
    assert {place for place, _ in pushed} == {f"order.{orders[0].pk}", f"order.{orders[2].pk}"}
    assert all(frame == nudges.NUDGE for _, frame in pushed)


def test_no_two_nudges_within_five_seconds(world, pushed):
    """A route edited ten times in a row must not make its recipients' phones ask ten times."""
    _, orders, _ = world
    nudges.watch(orders[0].pk)
    assert [nudges.nudge([orders[0].pk]) for _ in range(3)] == [1, 0, 0]
    assert len(pushed) == 1


def test_without_valkey_nobody_is_nudged_and_nothing_breaks(world, pushed, monkeypatch):
    """The publisher goes on: pages ask by themselves every minute."""

    def away(*args):
        raise ConnectionError("away")

    monkeypatch.setattr(cache, "get_many", away)
    assert nudges.nudge([1, 2]) == 0
    assert pushed == []


def test_the_ledger_knows_its_subscriber(db):
    """Without being registered none of the above would ever run."""
    register()
    kinds = bus._subscribers["recipients"].events
    assert {"stop.changed", "routes.changed", "eta.changed", "orders.changed"} == kinds


@pytest.mark.django_db(transaction=True)
def test_a_link_opens_its_own_socket_and_no_other(settings):
    """Whoever holds a good link hears of that order; every other address is turned away."""
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    station = make_station()
    order = make_orders(station, make_shop(station), 1)[0]
    good, revoked = token_of(order), token_of(make_orders(station, order.shop, 1, link_version=2)[0])
    Order.objects.exclude(pk=order.pk).update(link_version=3)
    headers = [(b"origin", given.ORIGINS[0].encode())]

    async def story():
        socket = WebsocketCommunicator(application, f"/ws/track/{good}/", headers)
        assert (await socket.connect(timeout=20))[0]
        assert (await socket.receive_json_from(timeout=20))["type"] == "hello"
        await live.push_async(f"order.{order.pk}", nudges.NUDGE)
        assert await socket.receive_json_from(timeout=20) == nudges.NUDGE
        await socket.disconnect()
        for token in (revoked, "x", "1-" + "A" * 22):
            refused = WebsocketCommunicator(application, f"/ws/track/{token}/", headers)
            assert not (await refused.connect(timeout=20))[0]

    asyncio.run(story())
