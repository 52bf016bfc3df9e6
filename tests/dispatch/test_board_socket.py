"""The board's websocket: who may hear it, what it takes from a page, and that no outage leaves a page behind."""

import asyncio
import json
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.conf import settings as given
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone

from dispatch.models import Membership, Role, Station
from dispatch.selectors import board
from dispatch.views import live as view
from lastmile import bus, live, sockets
from lastmile.asgi import application
from lastmile.kernel import events
from lastmile.management.commands import publish
from lastmile.models import User
from lastmile.valkey import make_private, server_command
from tests.scenarios import DAY, at, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def cookie(station: Station) -> str:
    client = Client()
    client.force_login(make_person("dora", Role.DISPATCHER, station))
    return client.cookies[given.SESSION_COOKIE_NAME].value


@pytest.fixture
def layer_in_memory(settings: Any) -> None:
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@asynccontextmanager
async def socket(station: Station, cookie: str):
    """A page's end of the socket."""
    headers = [
        (b"origin", given.ORIGINS[0].encode()),
        (b"cookie", f"{given.SESSION_COOKIE_NAME}={cookie}".encode()),
    ]
    page = WebsocketCommunicator(application, f"/ws/stations/{station.pk}/", headers=headers)
    try:
        yield page
    finally:
        if not page.future.done():
            await page.disconnect()


async def closed(page: WebsocketCommunicator, seconds: float = 3) -> int:
    """The code the server closes with, whatever it sends before."""
    while (message := await page.receive_output(seconds))["type"] != "websocket.close":
        pass
    return int(message["code"])


def left() -> bool:
    """Nothing of a socket is kept in this process."""
    return not live.hub().topics and not live.hub().readers


def tell(station: Station) -> None:
    with transaction.atomic():
        bus.publish(events.ClockChanged(station_id=station.pk), actor="test", at=at(station, DAY, 8))
    bus.drain()


def test_an_event_while_a_page_connects_is_in_the_greeting(
    station: Station, cookie: str, layer_in_memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read before joining, the number was old and the frame gone: the page stayed behind until the next beat."""
    joined = live.Hub.join

    async def slow(hub: live.Hub, station_id: int, outbox: live.Outbox) -> None:
        await database_sync_to_async(tell)(station)
        await joined(hub, station_id, outbox)

    async def story() -> None:
        async with socket(station, cookie) as page:
            assert (await page.connect())[0]
            assert (await page.receive_json_from())["seq"] == 1
            await database_sync_to_async(tell)(station)
            assert (await page.receive_json_from(3))["seq"] == 2

    monkeypatch.setattr(live.Hub, "join", slow)
    asyncio.run(story())


@pytest.mark.parametrize(
    "text",
    [
        '{"ack": Infinity}',
        '{"ack": -Infinity}',
        '{"ack": NaN}',
        '{"ack": true}',
        '{"ack": -1}',
        '{"ack": 1.5}',
        '{"ack": "1"}',
        '{"ack": null}',
        '{"no": 1}',
        "[1]",
        "7",
        " ",
        "[" * 16_000,
        '{"ack": ' + "9" * 16_000 + "}",
        " " * 16_400 + '{"ack": 1}',
    ],
)
def test_what_is_no_acknowledgement_closes_the_socket_and_no_more(
    station: Station, cookie: str, layer_in_memory: None, text: str
) -> None:
    """Whatever a page sends is answered by a code, never by an exception that leaves the socket in the hub."""

    async def story() -> None:
        async with socket(station, cookie) as page:
            await page.connect()
            await page.send_to(text_data=text)
            assert await closed(page) == 4400
        assert left()

    asyncio.run(story())


def test_bytes_are_no_acknowledgement(station: Station, cookie: str, layer_in_memory: None) -> None:
    async def story() -> None:
        async with socket(station, cookie) as page:
            await page.connect()
            await page.send_to(bytes_data=b'{"ack": 1}')
            assert await closed(page) == 4400

    asyncio.run(story())


@pytest.mark.parametrize("step", ["greeting", "accept", "receive"])
def test_a_handler_that_fails_leaves_nothing_in_the_hub(
    station: Station, cookie: str, layer_in_memory: None, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A socket that ended by an exception hears no `disconnect`: its outbox must not fill for ever."""

    def refuse(*args: Any, **fields: Any) -> None:
        raise RuntimeError("the database went away")

    async def fail(*args: Any, **fields: Any) -> None:
        refuse()

    async def use() -> None:
        async with socket(station, cookie) as page:
            await page.connect()
            await page.send_to(text_data='{"ack": 0}')
            await page.wait(3)

    async def story() -> None:
        monkeypatch.setattr(view.BoardSocket, step, refuse if step == "greeting" else fail)
        with pytest.raises(RuntimeError, match="went away"):
            await use()
        assert left()

    asyncio.run(story())


def test_a_connection_given_up_by_the_server_leaves_nothing_in_the_hub(
    station: Station, cookie: str, layer_in_memory: None
) -> None:
    """Daphne cancels an application that is slow to end."""

    async def story() -> None:
        async with socket(station, cookie) as page:
            await page.connect()
            assert not left()
            page.future.cancel()
            await asyncio.wait([page.future], timeout=3)
            assert left()

    asyncio.run(story())


def expire(user: User) -> None:
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))


def change_password(user: User) -> None:
    user.set_password("a new and longer one")
    user.save()


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def remove(user: User) -> None:
    Membership.objects.all().delete()


def demote(user: User) -> None:
    Membership.objects.update(role=Role.DRIVER)


def sign_out(user: User) -> None:
    Session.objects.all().delete()


@pytest.mark.parametrize("end", [expire, change_password, deactivate, remove, demote, sign_out])
def test_a_socket_does_not_outlive_its_login(
    station: Station,
    cookie: str,
    layer_in_memory: None,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[User], None],
) -> None:
    """A dismissed dispatcher's open page must not go on showing customers' addresses: a minute at most."""
    assert sockets.RECHECK_S <= 60
    monkeypatch.setattr(sockets, "RECHECK_S", 0.2)

    async def story() -> None:
        async with socket(station, cookie) as page:
            await page.connect()
            await page.receive_json_from()
            assert await page.receive_nothing(0.5), "while all is well it stays"
            await database_sync_to_async(lambda: end(User.objects.get(username="dora")))()
            assert await closed(page) == 4403
        assert left()

    asyncio.run(story())


def test_a_stranger_hears_nothing(station: Station, layer_in_memory: None) -> None:
    async def story() -> None:
        async with socket(station, "no-such-session") as page:
            assert await page.connect() == (False, 4404)
        assert left()

    asyncio.run(story())


class Server:
    """A Valkey of this test's own, which it may kill."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "valkey.sock"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = server_command(self.path, self.folder)
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    async def up(self) -> None:
        self.start()
        with closing(redis.Redis(unix_socket_path=str(self.path))) as client:
            await until(lambda: answers(client), "Valkey did not start")


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


async def until(done: Callable[[], bool], what: str, seconds: float = 15) -> None:
    async with asyncio.timeout(seconds):
        while not done():
            await asyncio.sleep(0.05)
    assert done(), what


@pytest.fixture
def server(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("v")
    make_private(folder)
    made = Server(folder)
    url = f"unix://{made.path}"
    layer = given.CHANNEL_LAYERS["default"]
    settings.CHANNEL_LAYERS = {"default": layer | {"CONFIG": {"hosts": [f"{url}?db=1"], "prefix": "test"}}}
    yield made
    made.kill()


class Page:
    """What static/js/core/live.js and store.js do, in their simplest form."""

    def __init__(self, load: Callable[[], Awaitable[dict[str, Any]]]) -> None:
        self.load = load
        self.state: dict[str, Any] = {}
        self.fetched = 0
        self.ahead = 0

    async def refetch(self) -> None:
        self.state = json.loads(json.dumps(await self.load()))
        self.fetched += 1

    async def hear(self, frame: dict[str, Any]) -> None:
        if frame["type"] == "event" and frame["seq"] == self.state["seq"] + 1:
            self.state["seq"] = frame["seq"]
            cards = {card["id"]: card for card in self.state["orders"] + frame["patch"].get("orders", [])}
            self.state["orders"] = sorted(cards.values(), key=lambda card: card["id"])
        elif frame["type"] in ("event", "beat", "hello") and frame["seq"] > self.state["seq"]:
            await self.refetch()

    async def read(self, socket: WebsocketCommunicator) -> None:
        while True:
            frame = json.loads((await socket.receive_output(60))["text"])
            await self.hear(frame)
            await socket.send_json_to({"ack": 1})


def arrive(station: Station, count: int) -> None:
    """Orders come in and are told, as by the publisher."""
    made = make_orders(station, make_shop(station, f"shop-{count}"), count)
    event = events.OrdersChanged(
        station_id=station.pk, what="created", order_ids=[order.pk for order in made]
    )
    with transaction.atomic():
        bus.publish(event, actor="test", at=at(station, DAY, 8))
    bus.drain()


@pytest.mark.real
def test_pages_survive_the_death_of_valkey(station: Station, cookie: str, server: Server) -> None:
    """Killed for good and restarted: what was pushed meanwhile is lost, and the next beat brings every page up to
    date, on the same socket. The channel layer tells nobody that it reconnected, so nothing else could."""

    @database_sync_to_async
    def load() -> dict[str, Any]:
        return board.snapshot(station, DAY)

    async def story() -> None:
        await server.up()
        async with socket(station, cookie) as end:
            assert (await end.connect())[0]
            page = Page(load)
            await page.refetch()
            reading = asyncio.create_task(page.read(end))
            await database_sync_to_async(arrive)(station, 2)
            await until(lambda: page.state["seq"] == 1, "a frame was heard")
            assert page.fetched == 1
            server.kill()
            await database_sync_to_async(arrive)(station, 3)
            await server.up()
            assert page.state["seq"] == 1, "its frame is lost"
            for _ in range(60):
                await sync_to_async(publish.beat)()
                if page.state["seq"] == 2:
                    break
                await asyncio.sleep(0.25)
            await database_sync_to_async(arrive)(station, 4)
            await until(lambda: page.state["seq"] == 3, "frames are heard again")
            fresh = json.loads(json.dumps(await load()))
            assert page.state["orders"] == fresh["orders"]
            assert len(fresh["orders"]) == 9
            assert page.fetched == 2, "one snapshot made good for the outage"
            assert not reading.done()
            reading.cancel()

    asyncio.run(story())


@pytest.mark.real
def test_a_page_that_comes_while_valkey_is_away_is_asked_to_try_again(
    station: Station, cookie: str, server: Server
) -> None:
    """A deaf board that looks alive is the worst answer; and once the server is there, the next try must hear."""

    async def story() -> None:
        async with socket(station, cookie) as early:
            await early.connect(timeout=20)
            assert await closed(early, 10) == 1013
        assert left()
        await server.up()
        async with socket(station, cookie) as late:
            assert (await late.connect(timeout=20))[0]
            assert (await late.receive_json_from())["type"] == "hello"
            await database_sync_to_async(tell)(station)
            assert (await late.receive_json_from(5))["name"] == "clock.changed"

    asyncio.run(story())
