"""`up --public`: behind a proxy that speaks https, with secure cookies, live screens, and nobody's word believed."""

import asyncio
import http.client
import re
import socket as socket_module
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from lastmile.proxies import OwnProxies
from lastmile.runner import public
from lastmile.runner.parts import Where
from lastmile.runner.trouble import Trouble
from tests.faults.running import ROOT, environment, free_port
from tests.system import System

LOOPBACK = ("127.0.0.0/8", "::1/128")
TOLD = [
    (b"host", b"x"),
    (b"x-forwarded-for", b"6.6.6.6"),
    (b"X-Forwarded-Proto", b"https"),
    (b"forwarded", b"for=6"),
]


@pytest.mark.parametrize(
    ("address", "origin", "name"),
    [
        ("https://dispatch.example.org", "https://dispatch.example.org", "dispatch.example.org"),
        ("https://Dispatch.Example.org/", "https://dispatch.example.org", "dispatch.example.org"),
        ("https://van.lan:8443", "https://van.lan:8443", "van.lan"),
        ("https://van.lan:443", "https://van.lan", "van.lan"),
    ],
)
def test_the_public_address_gives_origin_and_name(address: str, origin: str, name: str) -> None:
    """The origin guards sockets to the letter, the name is what the proxy passes on."""
    site = public.site(address)
    assert (site.origin, site.name) == (origin, name)
    told = site.environment()
    assert (told["PUBLIC"], told["ALLOWED_HOSTS"], told["ORIGINS"]) == ("1", name, origin)
    assert (told["TRUSTED_PROXIES"], told["CONNECTIONS_PER_ADDRESS"]) == ("1", "0")


@pytest.mark.parametrize(
    "address",
    ["", "dispatch.example.org", "http://a.b", "https://", "https://a b", "https://a.b/path", "https://a.b:x",
     "https://*.a.b", "https://u:p@a.b", "https://a.b?x=1", "https://-a.b"],
)  # fmt: skip
def test_what_is_no_public_address_is_refused_in_a_sentence(address: str) -> None:
    with pytest.raises(Trouble, match="is no address"):
        public.site(address)


def test_a_public_run_listens_on_this_machine_only() -> None:
    """Whoever speaks to it directly is believed about https: that must be the proxy alone."""
    for host in ("127.0.0.1", "localhost", "::1", "[::1]"):
        public.require_loopback(host)
    for host in ("0.0.0.0", "::", "192.168.0.2", "example.org"):  # noqa: S104
        with pytest.raises(Trouble, match="behind a proxy"):
            public.require_loopback(host)


def test_people_are_told_the_public_address() -> None:
    where = Where("127.0.0.1", 8000, Path("/srv"))
    assert where.door == where.address
    assert Where("127.0.0.1", 8000, Path("/srv"), public.site("https://a.b")).door == "https://a.b"


@pytest.mark.parametrize(
    ("count", "client", "believed"),
    [
        (1, ("127.0.0.1", 5), True),
        (1, ("::1", 5), True),
        (1, ("::ffff:127.0.0.1", 5), True),
        (1, None, True),
        (1, ("192.0.2.7", 5), False),
        (1, ("nonsense", 5), False),
        (0, ("127.0.0.1", 5), False),
    ],
)
def test_only_our_own_proxy_is_believed(count: int, client: object, believed: bool) -> None:
    """A header that says "https" or another address is anybody's text unless our proxy wrote it."""
    seen = SimpleNamespace(headers=[])

    async def application(scope: dict, receive: object, send: object) -> None:
        seen.headers = [name.lower() for name, _ in scope["headers"]]

    guarded = OwnProxies(application, count=count, networks=LOOPBACK)  # type: ignore[arg-type]
    asyncio.run(guarded({"type": "http", "client": client, "headers": TOLD}, None, None))
    assert (len(seen.headers) == len(TOLD)) is believed
    assert b"host" in seen.headers


def test_words_that_cannot_be_served_end_the_start(tmp_path: Path) -> None:
    """One sentence, before anything is started."""
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up", "--public", "http://plain.example"],
        env=environment(tmp_path), capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "give it like https://" in done.stderr
    assert "Traceback" not in done.stderr


class Proxy:
    """What a reverse proxy does, without TLS: replaces what the client says about itself, passes bytes both ways."""

    def __init__(self, behind: int) -> None:
        self.behind = behind
        self.loop = asyncio.new_event_loop()
        self.port = free_port()
        started = threading.Event()
        self.thread = threading.Thread(target=self.serve, args=(started,), daemon=True)
        self.thread.start()
        assert started.wait(10)

    def serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self.loop)
        self.server = self.loop.run_until_complete(asyncio.start_server(self.carry, "127.0.0.1", self.port))
        started.set()
        self.loop.run_forever()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
            kept = [line for line in head[:-2] if not line.lower().startswith(b"x-forwarded-")]
            kept += [b"X-Forwarded-For: 203.0.113.9", b"X-Forwarded-Proto: https"]
            there, back = await asyncio.open_connection("127.0.0.1", self.behind)
            back.write(b"\r\n".join(kept) + b"\r\n\r\n")
            await asyncio.gather(self.pour(reader, back), self.pour(there, writer))

    async def pour(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                target.write(data)
                await target.drain()
        target.close()

    def stop(self) -> None:
        def end() -> None:
            self.server.close()
            for task in asyncio.all_tasks(self.loop):
                task.cancel()
            self.loop.call_later(0.1, self.loop.stop)

        self.loop.call_soon_threadsafe(end)
        self.thread.join(10)


NAME = "dispatch.test"
LAY = "from tests.scenarios import *; s = make_station(); make_person('dora', 'dispatcher', s); print('station', s.pk)"


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[System, Proxy, str]]:
    """A whole public installation with its proxy, and a station's id."""
    system = System(tmp_path_factory.mktemp("home"), "--public", f"https://{NAME}")
    proxy = None
    try:
        system.wait_ready()
        proxy = Proxy(system.port)
        station = system.run("manage.py", "shell", "-v0", "-c", LAY).split()[-1]
        yield system, proxy, station
    finally:
        if proxy:
            proxy.stop()
        system.kill_everything()


def ask(
    port: int, method: str, path: str, body: str = "", **headers: str
) -> tuple[http.client.HTTPResponse, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    mine = {"Host": NAME, "Connection": "close"} | {k.replace("_", "-"): v for k, v in headers.items()}
    connection.request(method, path, body or None, mine)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer, text


def cookies(answer: http.client.HTTPResponse) -> dict[str, str]:
    return {one.split("=")[0]: one for one in answer.msg.get_all("Set-Cookie") or []}


def screen(proxy: Proxy, station: str, cookie: str, origin: str) -> ClientConnection:
    """A browser's live connection through the proxy."""
    sock = socket_module.create_connection(("127.0.0.1", proxy.port), timeout=10)
    address = f"ws://{NAME}:{proxy.port}/ws/stations/{station}/"
    return connect(address, sock=sock, additional_headers={"Cookie": cookie}, origin=origin)  # type: ignore[arg-type]


@pytest.mark.real
def test_signing_in_and_the_live_board_work_through_the_proxy(behind: tuple[System, Proxy, str]) -> None:
    """The one test that a wrong cookie prefix, origin, scheme or upgrade header cannot pass."""
    system, proxy, station = behind
    assert f"up at https://{NAME} after" in system.said()
    link = system.run("manage.py", "login_link", "dora").strip().removeprefix(f"https://{NAME}")
    shown, text = ask(proxy.port, "GET", link)
    assert shown.status == 200
    assert shown.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    csrf = cookies(shown)["__Host-csrf"]
    assert "Secure" in csrf
    assert "Path=/" in csrf
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
    assert token is not None
    entered, _ = ask(
        proxy.port, "POST", link, f"csrfmiddlewaretoken={token[1]}", Cookie=csrf.split(";")[0],
        Origin=f"https://{NAME}", Content_Type="application/x-www-form-urlencoded",
    )  # fmt: skip
    assert entered.status == 302
    session = cookies(entered)["__Host-session"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in session.split(";")}
    cookie = session.split(";")[0]
    with screen(proxy, station, cookie, origin=f"https://{NAME}") as socket:
        assert '"hello"' in str(socket.recv(10))
    with pytest.raises(InvalidStatus, match="403"):
        screen(proxy, station, cookie, origin=f"http://{NAME}")


@pytest.mark.real
def test_other_names_and_plain_http_are_turned_away(behind: tuple[System, Proxy, str]) -> None:
    """A name in a Host header ends up in links: only ours. Without the proxy's word there is no https."""
    system, proxy, _ = behind
    assert ask(proxy.port, "GET", "/sign-in/", Host="evil.example")[0].status == 400
    plain, _ = ask(system.port, "GET", "/sign-in/")
    assert (plain.status, plain.headers["Location"]) == (301, f"https://{NAME}/sign-in/")
    assert ask(proxy.port, "GET", "/health/")[0].status == 200
