"""Waiting for a part to answer."""

import time
import urllib.error
import urllib.request
from collections.abc import Callable

import redis

from lastmile.runner.public import Site
from lastmile.runner.trouble import Trouble

Alive = Callable[[], None]


def valkey(url: str) -> bool:
    """Whether the server at this address answers (it may still be reading its log)."""
    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()


def web(address: str, site: Site | None = None) -> bool:
    """Whether the server answers; one that stands behind a proxy is asked as the proxy would ask."""
    headers = (
        {"Host": site.name, "X-Forwarded-Proto": "https", "X-Forwarded-For": "127.0.0.1"} if site else {}
    )
    request = urllib.request.Request(f"{address}/health/", headers=headers)  # noqa: S310 - our own address
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def wait(what: str, answers: Callable[[], bool], alive: Alive, *, patience_s: float = 60.0) -> None:
    """Poll until it answers; `alive` raises when a part died, so nobody waits for the dead."""
    deadline = time.monotonic() + patience_s
    while not answers():
        alive()
        if time.monotonic() > deadline:
            raise Trouble(f"{what} did not answer within {patience_s:g} s: see the logs.")
        time.sleep(0.05)
