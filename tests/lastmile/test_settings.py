"""Settings whose loss would be quiet: each is asserted where it takes effect."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from lastmile.celery import app
from lastmile.valkey import broker_url, client_url


@pytest.mark.django_db
def test_sqlite_connections_are_durable_and_concurrent() -> None:
    """WAL so that readers do not wait, FULL so that a power cut loses nothing acknowledged."""
    if connection.vendor != "sqlite":
        pytest.skip("these are SQLite's own settings")
    with connection.cursor() as cursor:
        values = {}
        for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
            cursor.execute(f"PRAGMA {name}")
            values[name] = cursor.fetchone()[0]
    # Django's test database is in memory, where WAL does not exist: the file's mode is asserted by itself below.
    assert values["synchronous"] == 2
    assert values["foreign_keys"] == 1
    assert values["busy_timeout"] == 20_000
    assert connection.transaction_mode == "IMMEDIATE"


@pytest.mark.django_db
def test_a_database_file_is_written_ahead(tmp_path: object) -> None:
    """The same options on a real file: what `up` opens."""
    from django.db.backends.sqlite3.base import DatabaseWrapper

    if connection.vendor != "sqlite":
        pytest.skip("these are SQLite's own settings")
    described = settings.DATABASES["default"] | {"NAME": f"{tmp_path}/real.sqlite3"}
    mine = DatabaseWrapper(connection.settings_dict | described, alias="real")
    with mine.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert cursor.execute("PRAGMA synchronous").fetchone()[0] == 2
    mine.close()


def test_requests_do_not_hold_the_write_lock() -> None:
    """With IMMEDIATE transactions a request-long transaction would serialise all readers."""
    assert not settings.DATABASES["default"].get("ATOMIC_REQUESTS", False)


def test_celery_is_only_a_doorbell() -> None:
    """Late acknowledgement is safe because attempts are counted in SQL; results live in the Job row."""
    conf = app.conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert conf.task_ignore_result
    assert list(conf.accept_content) == ["json"]
    assert conf.task_serializer == "json"
    transport = conf.broker_transport_options
    assert transport["visibility_timeout"] == 3 * conf.task_time_limit
    assert (transport["unacked_restore_interval"], transport["unacked_restore_throttle"]) == (5, 1)
    assert conf.worker_soft_shutdown_timeout == 10
    assert conf.worker_max_memory_per_child > 0


def test_origins_name_scheme_host_and_port() -> None:
    """An "allowed hosts" check would let another port of this machine open our sockets."""
    assert settings.ORIGINS
    for origin in settings.ORIGINS:
        scheme, _, rest = origin.partition("://")
        assert scheme in ("http", "https")
        assert "*" not in origin
        assert rest.rpartition(":")[2].isdigit()
    assert "*" not in settings.ALLOWED_HOSTS


def test_each_use_of_the_server_has_its_own_database() -> None:
    """Flushing the cache must not empty the queue."""
    addresses = [
        settings.CACHES["default"]["LOCATION"],
        settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0],
        settings.LEDGER_DOORBELL_URL,
        settings.CELERY_BROKER_URL,
    ]
    assert len({address.rpartition("=")[2] for address in addresses}) == 4


@pytest.mark.parametrize(
    ("url", "client", "broker"),
    [
        ("redis://h:1", "redis://h:1/2", "redis://h:1/2"),
        ("rediss://u:p@h:1", "rediss://u:p@h:1/2", "rediss://u:p@h:1/2"),
        ("unix:///a/b.sock", "unix:///a/b.sock?db=2", "redis+socket:///a/b.sock?virtual_host=2"),
    ],
)
def test_addresses_are_spelled_for_each_library(url: str, client: str, broker: str) -> None:
    assert (client_url(url, 2), broker_url(url, 2)) == (client, broker)


def test_the_live_layer_is_publish_subscribe() -> None:
    """The queueing layer silently drops the newest messages when it is full."""
    assert settings.CHANNEL_LAYERS["default"]["BACKEND"] == "channels_redis.pubsub.RedisPubSubChannelLayer"


def test_passwords_and_pages_are_kept_safe() -> None:
    assert "Argon2" in settings.PASSWORD_HASHERS[0]
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.SECURE_CSP["default-src"] == ["'none'"]
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [
        "rest_framework.permissions.IsAuthenticated"
    ]


@pytest.mark.parametrize(("public", "proxies"), [("1", 1), ("0", 0)])
def test_a_public_server_believes_one_proxy(public: str, proxies: int) -> None:
    """None trusted, all visitors share the proxy's limits; one trusted at home, everybody could name an address."""
    told = {name: value for name, value in os.environ.items() if name != "TRUSTED_PROXIES"}
    code = "from lastmile import settings; print(settings.TRUSTED_PROXIES)"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=told | {"PUBLIC": public},
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split()[-1] == str(proxies)
