"""The web server's own limits, kept before Django sees anything: measured on the real program."""

import http.client
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress

import psutil
import pytest

from lastmile.server import BODY_LIMIT, MIB, body_limit

HOST = "127.0.0.1"


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        (b"/", 1),
        (b"/nowhere/", 1),
        (b"/api/v1/orders/", 1),
        (b"/api/v1/orders/bulk/", 24),
        (b"/api/v1/orders/bulk/?station=1", 24),
        (b"/api/v1/stations/7/optimize/", 24),
        (b"/api/v1/stations/7/optimizer", 1),
        (b"/api/v1/stops/7/photos/", 12),
        (b"/api/v1/stops/7/proofs/", 12),
        (b"/driver/stops/7/deliver/", 12),
        (b"/driver/stops/7/fail/", 12),
        (b"/driver/stops/7/", 1),
        (b"/x/api/v1/orders/bulk/", 1),
        (b"/%2e\xff", 1),
    ],
)
def test_each_path_has_its_limit(path: bytes, limit: int) -> None:
    """Large bodies are for few addresses; a neighbour's name must not open the door."""
    assert body_limit(path) == limit * MIB


class Running:
    """The server as `up` starts it, on a free port."""

    def __init__(self, most: int = 256) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "lastmile.server", "--host", HOST, "--port", str(self.port)]
        env = os.environ | {"CONNECTIONS_PER_ADDRESS": str(most)}
        self.process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 30
        while True:
            with suppress(OSError), self.connect():
                return
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < deadline, "the server did not start"
            time.sleep(0.05)

    def connect(self) -> socket.socket:
        return socket.create_connection((HOST, self.port), timeout=5)

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    running = Running()
    yield running
    running.stop()


def answer(sock: socket.socket) -> bytes:
    """All the server says until it closes."""
    got = b""
    with suppress(ConnectionResetError):
        while data := sock.recv(65_536):
            got += data
    return got


def pour(sock: socket.socket, amount: int, frame: bool = False) -> int:
    """Send up to `amount` bytes, stop at the first refusal; returns how many were taken."""
    block = b"x" * 65_536
    piece = b"%x\r\n%s\r\n" % (len(block), block) if frame else block
    sent = 0
    with suppress(BrokenPipeError, ConnectionResetError):
        while sent < amount:
            sock.sendall(piece)
            sent += len(block)
    return sent


@pytest.mark.real
def test_a_huge_body_to_nowhere_is_refused_before_it_is_read(server: Running) -> None:
    """Daphne alone reads 200 MiB into memory and a file to say 404. Here: 413 after the headers, memory flat."""
    before = server.memory()
    with server.connect() as sock:
        sock.sendall(b"POST /nowhere/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 209715200\r\n\r\n")
        first = sock.recv(65_536)
        sent = pour(sock, 200 * MIB)
        assert first.startswith(b"HTTP/1.1 413 ")
        assert b'"code":"too_large"' in first
    # What fits the kernel's socket buffers counts as sent, though the server never read it.
    assert sent < 32 * MIB
    assert server.memory() - before < 16 * MIB


@pytest.mark.real
def test_a_body_that_hides_its_length_is_cut_when_it_grows_too_large(server: Running) -> None:
    """Chunked bodies tell no length: counted as they come."""
    before = server.memory()
    with server.connect() as sock:
        sock.sendall(b"POST /nowhere/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = pour(sock, 200 * MIB, frame=True)
        assert sent < 32 * MIB
        assert answer(sock).startswith(b"HTTP/1.1 413 ")
    assert server.memory() - before < 16 * MIB


@pytest.mark.real
def test_who_asks_first_is_told_without_sending(server: Running) -> None:
    """curl asks before large bodies: it gets the refusal, not a "100 Continue" along with it."""
    with server.connect() as sock:
        sock.sendall(
            b"POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n"
        )
        said = answer(sock)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in said


@pytest.mark.real
def test_what_is_within_its_limit_reaches_the_application(server: Running) -> None:
    """A bulk of 20 MiB passes the server (and is refused by the API only for its missing token)."""
    connection = http.client.HTTPConnection(HOST, server.port, timeout=20)
    connection.request("POST", "/api/v1/stations/", b"[" + b" " * (BODY_LIMIT - 1), {"Host": "localhost"})
    small = connection.getresponse()
    assert small.status in (401, 403)
    small.read()
    connection.request("POST", "/api/v1/orders/bulk/", b"[" + b" " * (20 * MIB), {"Host": "localhost"})
    assert connection.getresponse().status in (401, 403)
    connection.close()


@pytest.mark.real
def test_the_server_answers_on_after_refusals(server: Running) -> None:
    connection = http.client.HTTPConnection(HOST, server.port, timeout=20)
    connection.request("GET", "/health/", headers={"Host": "localhost"})
    response = connection.getresponse()
    assert response.status == 200
    assert response.headers["Server"] == "lastmile"
    connection.close()


@pytest.mark.real
def test_one_address_cannot_hold_all_connections() -> None:
    """Before anybody signed in, a single address gets so many open connections and no more."""
    running = Running(most=5)
    held: list[socket.socket] = []
    try:
        time.sleep(0.2)  # the starter's own probes are closed by now
        held = [running.connect() for _ in range(5)]
        time.sleep(0.2)
        with running.connect() as sixth:
            sixth.settimeout(5)
            assert answer(sixth) == b"", "closed without an answer"
        held.pop().close()
        time.sleep(0.2)
        with running.connect() as again:
            again.sendall(b"GET /health/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert re.match(rb"HTTP/1\.1 200 ", answer(again))
    finally:
        for sock in held:
            sock.close()
        running.stop()


@pytest.mark.real
def test_a_taken_port_ends_the_server_with_an_error() -> None:
    """Daphne alone logs the failure and exits with success: a supervisor would think all is well."""
    with closing(socket.socket()) as squatter:
        squatter.bind((HOST, 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        command = [sys.executable, "-m", "lastmile.server", "--host", HOST, "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
