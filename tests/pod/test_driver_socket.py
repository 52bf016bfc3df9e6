"""The driver's websocket: who hears it, what rings it, and that it ends with the sign-in."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings as given
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.models import Driver, Role
from dispatch.services import routes
from dispatch.services.orders import cancel_order
from dispatch.services.visits import arrive_stop
from lastmile import bus, sockets
from lastmile.asgi import application
from lastmile.kernel import events
from lastmile.models import Event
from pod.subscribers import drivers_of, nudge
from tests.scenarios import DAY, at, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def layer_in_memory(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


class Cab:
    """A signed-in driver with a route."""

    def __init__(self, state: str = "departed") -> None:
        self.station = make_station()
        self.orders = make_orders(self.station, make_shop(self.station), 3)
        self.route = make_route(self.station, DAY, self.orders, state=state)
        self.driver = self.route.driver
        self.driver.user = make_person("driver", Role.DRIVER, self.station)
        self.driver.save()
        client = Client()
        client.force_login(self.driver.user)
        self.cookie = client.cookies[given.SESSION_COOKIE_NAME].value
        self.doing = {"actor": "test", "now": at(self.station, DAY, 9)}


@asynccontextmanager
async def listening(cookie: str):
    headers = [
        (b"origin", given.ORIGINS[0].encode()),
        (b"cookie", f"{given.SESSION_COOKIE_NAME}={cookie}".encode()),
    ]
    page = WebsocketCommunicator(application, "/ws/driver/", headers=headers)
    try:
        yield page
    finally:
        if not page.future.done():
            await page.disconnect()


def release(cab: Cab) -> None:
    routes.release_route(route=cab.route, version=cab.route.version, overrides={}, **cab.doing)


def recall(cab: Cab) -> None:
    routes.recall_route(route=cab.route, version=cab.route.version, **cab.doing)


def arrive(cab: Cab) -> None:
    arrive_stop(stop=cab.route.stops.first(), at=cab.doing["now"], **cab.doing)


def cancel(cab: Cab) -> None:
    cancel_order(order=cab.orders[2], **cab.doing)


def give_away(cab: Cab) -> None:
    """To somebody else: the page of whoever had it must lose it."""
    other = Driver.objects.create(station=cab.station, name="Other")
    routes.assign_driver(route=cab.route, version=cab.route.version, driver=other, **cab.doing)


@pytest.mark.parametrize(
    ("state", "happen"),
    [
        ("draft", release),
        ("released", recall),
        ("departed", arrive),
        ("departed", cancel),
        ("released", give_away),
    ],
)
def test_what_changes_a_drivers_day_rings_the_page(state: str, happen: Any) -> None:
    """A driver must not drive to where nothing waits any more."""
    cab = Cab(state)
    bus.drain()

    def do() -> None:
        happen(cab)
        bus.drain()

    async def story() -> None:
        async with listening(cab.cookie) as page:
            assert (await page.connect())[0]
            assert (await page.receive_json_from())["type"] == "hello"
            await database_sync_to_async(do)()
            assert (await page.receive_json_from(3)) == {"type": "live", "name": "route", "data": {}}

    asyncio.run(story())


def test_who_is_no_driver_hears_nothing() -> None:
    """A dispatcher has the board; a stranger nothing."""
    station = make_station()
    client = Client()
    client.force_login(make_person("dora", Role.DISPATCHER, station))

    async def story() -> None:
        for cookie in (client.cookies[given.SESSION_COOKIE_NAME].value, "none"):
            async with listening(cookie) as page:
                assert await page.connect() == (False, 4404)

    asyncio.run(story())


def sign_out(cab: Cab) -> None:
    Session.objects.all().delete()


def leave(cab: Cab) -> None:
    Driver.objects.update(active=False)


def disconnect(cab: Cab) -> None:
    Driver.objects.update(user=None)


@pytest.mark.parametrize("end", [sign_out, leave, disconnect])
def test_a_lost_phone_is_out_within_a_minute(end: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever found it must not learn of the next address."""
    monkeypatch.setattr(sockets, "RECHECK_S", 0.2)
    cab = Cab()

    async def story() -> None:
        async with listening(cab.cookie) as page:
            await page.connect()
            await page.receive_json_from()
            await database_sync_to_async(end)(cab)
            while (message := await page.receive_output(3))["type"] != "websocket.close":
                pass
            assert message["code"] == 4403

    asyncio.run(story())


def test_a_quiet_socket_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page takes 35 s of silence for a dead connection, and no station's number beats on this topic."""
    assert sockets.BEAT_S < 35
    monkeypatch.setattr(sockets, "BEAT_S", 0.1)
    cab = Cab()

    async def story() -> None:
        async with listening(cab.cookie) as page:
            await page.connect()
            await page.receive_json_from()
            assert (await page.receive_json_from(3))["name"] == "beat"

    asyncio.run(story())


def test_the_queries_do_not_grow_with_the_event() -> None:
    """An import tells of a thousand orders at once; the publisher serves every screen meanwhile."""
    cab = Cab()
    more = make_orders(cab.station, cab.orders[0].shop, 40)

    def count(order_ids: list[int]) -> int:
        event = events.OrdersChanged(station_id=cab.station.pk, what="updated", order_ids=order_ids)
        row = Event(name=event.name, data=event.data(), station_id=cab.station.pk)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert drivers_of(row) == {cab.driver.pk}
        return len(asked)

    assert count([cab.orders[0].pk]) == count([order.pk for order in cab.orders + more]) == 1


def test_drafts_ring_nobody() -> None:
    """Planning moves thousands of stops that no driver sees yet."""
    cab = Cab("draft")
    with transaction.atomic():
        event = events.RoutesChanged(
            station_id=cab.station.pk, what="edited", route_ids=[cab.route.pk], order_ids=[]
        )
        row = Event(name=event.name, data=event.data(), station_id=cab.station.pk)
    assert drivers_of(row) == set()


def test_what_is_long_past_rings_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A publisher that reads a year of ledger must not ring through it, push by push."""
    rung: list[Any] = []
    monkeypatch.setattr("lastmile.live.push", lambda *given: rung.append(given))
    cab = Cab()
    event = events.StopChanged(
        station_id=cab.station.pk,
        what="arrived",
        stop_id=1,
        route_id=cab.route.pk,
        order_ids=[],
    )
    row = Event(name=event.name, data=event.data(), station_id=cab.station.pk)
    nudge(row)
    assert len(rung) == 1
    row.recorded_at -= timedelta(minutes=6)
    nudge(row)
    assert len(rung) == 1


def test_an_open_page_counts_as_seen() -> None:
    """By its socket alone: a page that lies open between two stops asks for nothing else."""
    cab = Cab()
    assert cab.driver.seen_at is None

    async def story() -> None:
        async with listening(cab.cookie) as page:
            assert (await page.connect())[0]

    asyncio.run(story())
    cab.driver.refresh_from_db()
    assert cab.driver.seen_at is not None
    assert abs(cab.station.now() - cab.driver.seen_at) < timedelta(seconds=20)
