"""Fixtures shared by all tests."""

import os
import secrets
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from lastmile.valkey import server_command

SLICES = 6  # of the long tests, one is in each `make test`
SLICE = os.environ.get("LASTMILE_TEST_SLICE")


def pytest_report_header() -> str | None:
    return (
        f"long tests: slice {SLICE} of {SLICES} (repeat it by LASTMILE_TEST_SLICE={SLICE})" if SLICE else None
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test that commits for real is about what the database decides: it runs on PostgreSQL too."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction") and not item.get_closest_marker("real"):
            item.add_marker(pytest.mark.database)
    if SLICE:
        _drop(config, items, _of_other_slices(items, int(SLICE)))
    # What starts processes mostly waits. Begun first, it is no tail at which one core has nothing to do.
    items.sort(key=lambda item: item.get_closest_marker("real") is None)


def _of_other_slices(items: list[pytest.Item], mine: int) -> set[pytest.Item]:
    """Long tests are dealt out by their order of names, which is the same in each of a run's processes."""
    assert 0 <= mine < SLICES, f"LASTMILE_TEST_SLICE is 0 to {SLICES - 1}"
    long = sorted((item for item in items if item.get_closest_marker("long")), key=lambda item: item.nodeid)
    return {item for place, item in enumerate(long) if place % SLICES != mine}


def _drop(config: pytest.Config, items: list[pytest.Item], dropped: set[pytest.Item]) -> None:
    config.hook.pytest_deselected(items=list(dropped))
    items[:] = [item for item in items if item not in dropped]


@pytest.fixture(autouse=True, scope="session")
def _static_files_once() -> None:
    """Each client builds the middleware anew, which looks at every static file: nearly half of a short test."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(self: WhiteNoiseMiddleware) -> None:
        asked = (self.static_prefix, self.max_age, self.index_file, self.allow_all_origins)
        if asked not in found:
            before = dict(self.files)
            look(self)
            found[asked] = {url: file for url, file in self.files.items() if before.get(url) is not file}
        self.files |= found[asked]

    WhiteNoiseMiddleware.add_files_from_finders = once


@pytest.fixture(autouse=True)
def _no_tending(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job's lease is tended on a connection of its own, which cannot see the rows of a test that never commits."""
    marker = request.node.get_closest_marker("django_db")
    if marker and not marker.kwargs.get("transaction"):
        from lastmile import jobs

        monkeypatch.setattr(jobs, "CANCEL_CHECK_S", 3600)


@pytest.fixture(autouse=True)
def _own_language() -> Iterator[None]:
    """A page that was asked for in German leaves its thread speaking German."""
    from django.utils import translation

    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a Valkey runs, its counters outlive a test, and the next one's first person has the same id."""
    from django.conf import settings
    from django.core.cache import caches

    prefix = f"test-{secrets.token_hex(6)}"
    monkeypatch.setitem(settings.CACHES["default"], "KEY_PREFIX", prefix)
    monkeypatch.setattr(caches["default"], "key_prefix", prefix)


@pytest.fixture(scope="session")
def valkey() -> Iterator[redis.Redis]:
    """The real server, on the unix socket that the settings name."""
    home = Path(os.environ["LASTMILE_HOME"])
    socket, folder = home / "run" / "valkey.sock", home / "valkey"
    for made in (socket.parent, folder):
        made.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(server_command(socket, folder), stdout=subprocess.DEVNULL) as process:
        client = redis.Redis(unix_socket_path=str(socket))
        deadline = time.monotonic() + 10
        while True:
            try:
                client.ping()
                break
            except redis.RedisError:
                assert time.monotonic() < deadline, "the embedded Valkey did not start"
                time.sleep(0.05)
        yield client
        client.close()
        process.terminate()


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The folder of test data beside the repository; tests that need it skip without."""
    named = os.environ.get("LASTMILE_DATA")
    if not named or not Path(named).is_dir():
        pytest.skip("LASTMILE_DATA is not set")
    return Path(named).resolve()
