"""The remote engine against a real osrm-routed, and against servers that misbehave."""

import http.server
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from dispatch.roads.base import Profile, RoadsError
from dispatch.roads.dataset import dataset_path
from dispatch.roads.osrm_http import OsrmHttp, parse_urls
from dispatch.roads.osrm_local import OsrmLocal
from dispatch.roads.osrm_tools import program
from tests.dispatch.roads.town import ISLAND_NORTH_BLOCKS, ROCK_EAST_BLOCKS, place, places

TABLE_SIZE = 20


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def server(town_dir: Path) -> Iterator[str]:
    """A real osrm-routed serving the town's vans, with a small table limit so that blocks are needed."""
    port = free_port()
    limits = ["--max-table-size", str(TABLE_SIZE), "--max-viaroute-size", "100"]
    dataset = dataset_path(town_dir, Profile.VAN)
    command = [program("osrm-routed"), "--ip", "127.0.0.1", "--port", str(port), *limits, dataset]
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/nearest/v1/van/10.0,50.0")
        yield url
    finally:
        process.kill()
        process.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310
        except urllib.error.URLError:
            assert time.monotonic() < deadline, "osrm-routed did not start"
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def remote(server: str) -> OsrmHttp:
    return OsrmHttp({Profile.VAN: server}, max_table=TABLE_SIZE)


STOPS = [(row, column) for row in range(5) for column in range(5)]


def test_remote_and_local_matrices_are_the_same(remote: OsrmHttp, town: OsrmLocal) -> None:
    """One fleet on two machines must plan alike; 27 places need four blocks of the server's 20."""
    points = places(*STOPS, (ISLAND_NORTH_BLOCKS + 3, 3), (1, ROCK_EAST_BLOCKS))
    here, there = town.matrix(points, Profile.VAN), remote.matrix(points, Profile.VAN)
    # numbers travel as float32 there: a half may round the other way
    assert np.abs(here.durations - there.durations).max() <= 1
    assert np.abs(here.distances - there.distances).max() <= 1
    assert there.unreachable_pairs().tolist() == here.unreachable_pairs().tolist()
    assert here.unreachable_pairs().size > 0
    np.testing.assert_allclose(there.source_snaps, here.source_snaps, rtol=1e-5, atol=0.1)
    np.testing.assert_allclose(there.destination_snaps, here.destination_snaps, rtol=1e-5, atol=0.1)
    assert there.durations.dtype == np.int32
    assert there.durations.flags.c_contiguous


def test_remote_part_of_a_matrix(remote: OsrmHttp, town: OsrmLocal) -> None:
    """Rows and columns keep their order through the blocks."""
    points = places(*STOPS)
    sources, destinations = [24, 3], list(range(12, 25))
    here = town.matrix(points, Profile.VAN, sources=sources, destinations=destinations)
    there = remote.matrix(points, Profile.VAN, sources=sources, destinations=destinations)
    assert np.abs(here.durations - there.durations).max() <= 1
    assert remote.matrix(np.empty((0, 2)), Profile.VAN).durations.shape == (0, 0)


def test_remote_lines_turns_and_snaps_equal_the_local_ones(remote: OsrmHttp, town: OsrmLocal) -> None:
    """Both read the same answers; the islands' hop must be seen remotely too."""
    points = places((1, 1), (1, 4), (ISLAND_NORTH_BLOCKS + 3, 3))
    here, there = town.line(points, Profile.VAN), remote.line(points, Profile.VAN)
    assert there.legs == here.legs
    assert [leg.reachable for leg in there.legs] == [True, False]
    np.testing.assert_allclose(there.points, here.points)
    assert remote.turns(points[:2], Profile.VAN) == town.turns(points[:2], Profile.VAN)
    click = place(3.2, 4.5)
    assert remote.nearest(click, Profile.VAN).street == "Main Row 3"
    assert remote.nearest(click, Profile.VAN).metres == pytest.approx(
        town.nearest(click, Profile.VAN).metres, abs=0.1
    )
    with pytest.raises(RoadsError) as caught:
        remote.turns(points, Profile.VAN)
    assert caught.value.code == "roads_no_route"


def test_a_server_with_lower_limits_is_told_from_a_dead_one(server: str) -> None:
    """The operator's cure differs: raise a limit, or start the server."""
    greedy = OsrmHttp({Profile.VAN: server}, max_table=200)
    with pytest.raises(RoadsError) as caught:
        greedy.matrix(places(*STOPS, *STOPS), Profile.VAN)
    assert caught.value.code == "roads_server_refused"
    dead = OsrmHttp({Profile.VAN: f"http://127.0.0.1:{free_port()}"})
    with pytest.raises(RoadsError) as caught:
        dead.nearest(place(1, 1), Profile.VAN)
    assert caught.value.code == "roads_server_down"
    with pytest.raises(RoadsError) as caught:
        dead.nearest(place(1, 1), Profile.FOOT)
    assert caught.value.code == "roads_profile_missing"


@contextmanager
def serving(body: bytes, *, wait_s: float = 0.0) -> Iterator[str]:
    """A web server that answers everything with `body`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(wait_s)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Say nothing on the console."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as web:
        thread = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{web.server_port}"
        finally:
            web.shutdown()
            thread.join()


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>Welcome</html>", b"\xff" * 64, b'{"code": "Ok"}', b"\x10\0\0\0" + b"\0" * 60],
)
def test_an_odd_server_is_named_not_believed(body: bytes) -> None:
    """Another program on that port must give a clear error, never a matrix of garbage."""
    with serving(body) as url:
        roads = OsrmHttp({Profile.VAN: url})
        questions = [
            lambda: roads.matrix(places((1, 1), (1, 2)), Profile.VAN),
            lambda: roads.line(places((1, 1), (1, 2)), Profile.VAN),
            lambda: roads.nearest(place(1, 1), Profile.VAN),
            lambda: roads.turns(places((1, 1), (1, 2)), Profile.VAN),
        ]
        for question in questions:
            with pytest.raises(RoadsError) as caught:
                question()
            assert caught.value.code == "roads_server_odd"


def test_a_slow_server_is_given_up() -> None:
    """A planner waiting for ever blocks the day."""
    with serving(b"{}", wait_s=0.5) as url:
        roads = OsrmHttp({Profile.VAN: url}, timeout_s=0.1)
        with pytest.raises(RoadsError) as caught:
            roads.nearest(place(1, 1), Profile.VAN)
    assert caught.value.code == "roads_server_down"


def test_addresses_per_profile() -> None:
    """A bare osrm-routed serves one profile: the setting must be able to name one server for each."""
    assert parse_urls("http://osrm-{profile}:5000/")[Profile.CARGO_BIKE] == "http://osrm-cargo_bike:5000"
    assert parse_urls("van=http://a:5000, foot=https://b/x") == {
        Profile.VAN: "http://a:5000",
        Profile.FOOT: "https://b/x",
    }
    for wrong in ("file:///etc/passwd", "boat=http://a:5000", "van=nowhere", "localhost:5000"):
        with pytest.raises(RoadsError) as caught:
            parse_urls(wrong)
        assert caught.value.code == "roads_bad_url"
