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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that commits for real is about what the database decides: it runs on PostgreSQL too."""
    for item in items:
        marker = item.get_closest_marker("django_db")
        if marker and marker.kwargs.get("transaction") and not item.get_closest_marker("real"):
            item.add_marker(pytest.mark.database)


@pytest.fixture(autouse=True)
def _no_tending(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job's lease is tended on a connection of its own, which cannot see the rows of a test that never commits."""
    marker = request.node.get_closest_marker("django_db")
    if marker and not marker.kwargs.get("transaction"):
        from lastmile import jobs

        monkeypatch.setattr(jobs, "CANCEL_CHECK_S", 3600)


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
