"""Limits: what passes, what waits and how long, whose address counts, and what happens without Valkey."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from lastmile import limits
from lastmile.api import problem_response
from lastmile.kernel.errors import LastmileError

NOW = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)
MEMORY = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "limits"}}


@pytest.fixture(autouse=True)
def memory(settings: Any) -> Any:
    settings.CACHES = MEMORY
    cache.clear()
    yield
    cache.clear()


def take(key: str = "anna", after_s: float = 0, amount: int = 3, per_s: int = 60) -> int:
    return limits.take("test", key, amount=amount, per_s=per_s, at=NOW + timedelta(seconds=after_s))


def wait_of(**given: Any) -> int:
    with pytest.raises(LastmileError) as refused:
        take(**given)
    assert (refused.value.code, refused.value.status) == ("too_many", 429)
    wait = refused.value.data["retry_after"]
    assert isinstance(wait, int)
    return wait


def test_so_many_pass_and_the_next_waits() -> None:
    """The number means what it says, and each key has its own."""
    assert [take() for _ in range(3)] == [1, 2, 3]
    wait_of()
    assert take("ben") == 1


def test_no_burst_over_the_edge_of_a_window() -> None:
    """With plain windows twice the amount passes within two seconds around the edge."""
    for _ in range(3):
        take(after_s=59)
    wait_of(after_s=61)


@budget(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 119), min_size=3, max_size=12), st.integers(1, 5))
def test_whoever_waits_as_long_as_told_is_let_in(moments: list[int], amount: int) -> None:
    """Retry-After is a promise: a client that keeps it must not be refused again."""
    cache.clear()
    for moment in sorted(moments):
        try:
            take(after_s=moment, amount=amount)
        except LastmileError as refused:
            wait = int(str(refused.data["retry_after"]))
            take(after_s=moment + wait, amount=amount)
            return


def test_refused_turns_do_not_prolong_the_wait() -> None:
    """Else whoever knocks for somebody else could keep them out for ever."""
    for _ in range(3):
        take()
    first = wait_of()
    for _ in range(50):
        wait_of(after_s=10)
    assert take(after_s=first) > 0


def test_a_turn_given_back_does_not_count() -> None:
    """A good sign-in of an office behind one address must not use up the office's turns."""
    for _ in range(20):
        take()
        limits.give_back("test", "anna", per_s=60, at=NOW)


def test_a_hold_refuses_until_it_ends() -> None:
    limits.hold("test", "anna", seconds=8, at=NOW)
    assert wait_of(after_s=3) == 5
    assert take(after_s=8) == 1


def test_any_text_may_be_a_key() -> None:
    """A user name of 10,000 characters or a lone surrogate is a guess like any other."""
    assert take("ä \n\x00" * 10_000) == 1
    assert take("\ud800") == 1


def test_without_valkey_everything_passes_and_is_said_once(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A limit must not be what stops the work, and a log line per request would bury the rest."""
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nowhere/valkey.sock?db=3",
        }
    }
    with caplog.at_level(logging.INFO, "lastmile.limits"):
        for _ in range(10):
            take()
        limits.give_back("test", "anna", per_s=60, at=NOW)
        limits.hold("test", "anna", seconds=5, at=NOW)
        settings.CACHES = MEMORY
        take("after")
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_counts_are_shared_by_processes(settings: Any, valkey: redis.Redis) -> None:
    """On the real server: atomic steps, and keys that end by themselves."""
    from django.conf import settings as live

    from lastmile.valkey import client_url

    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": client_url(live.VALKEY_URL, 3),
        }
    }
    cache.clear()
    assert [take() for _ in range(3)] == [1, 2, 3]
    wait_of()
    store = redis.Redis.from_url(client_url(live.VALKEY_URL, 3))
    kept = list(store.keys("*limit:*"))
    assert kept
    assert all(0 < store.ttl(key) <= 120 for key in kept)
    store.close()


def client(peer: str, told: str | None, proxies: int, settings: Any) -> str:
    settings.TRUSTED_PROXIES = proxies
    headers = {} if told is None else {"HTTP_X_FORWARDED_FOR": told}
    return limits.address_of(RequestFactory().get("/", REMOTE_ADDR=peer, **headers))


@pytest.mark.parametrize(
    ("peer", "told", "proxies", "address"),
    [
        ("198.51.100.7", None, 0, "198.51.100.7"),
        ("198.51.100.7", "203.0.113.1", 0, "198.51.100.7"),  # nobody's proxy: a lie
        ("127.0.0.1", "203.0.113.1", 1, "203.0.113.1"),
        ("127.0.0.1", "10.9.8.7, 203.0.113.1", 1, "203.0.113.1"),  # the client wrote 10.9.8.7
        ("127.0.0.1", "10.9.8.7, 203.0.113.1, 192.0.2.4", 2, "203.0.113.1"),
        ("127.0.0.1", "203.0.113.1", 2, "127.0.0.1"),  # came past one of the proxies
        ("127.0.0.1", "", 1, "127.0.0.1"),
        ("127.0.0.1", "<script>", 1, "127.0.0.1"),
        ("127.0.0.1", "[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("127.0.0.1", "203.0.113.1:4711", 1, "203.0.113.1"),
        ("::ffff:203.0.113.9", None, 0, "203.0.113.9"),
        ("", None, 0, ""),
    ],
)
def test_nobody_chooses_their_own_address(
    peer: str, told: str | None, proxies: int, address: str, settings: Any
) -> None:
    """Whoever could invent an address would have as many turns as there are addresses."""
    assert client(peer, told, proxies, settings) == address


def test_a_network_of_version_six_counts_as_one() -> None:
    """One subscriber has 2**64 addresses to guess from."""
    assert limits.household_of("2001:db8::1") == limits.household_of("2001:db8::ffff:2")
    assert limits.household_of("2001:db8:0:1::1") != limits.household_of("2001:db8::1")
    assert limits.household_of("203.0.113.1") == "203.0.113.1"
    assert limits.household_of("") == ""


def test_the_api_says_when_to_come_back() -> None:
    """429 without Retry-After makes every client guess."""
    answer = problem_response(limits.too_many(12.2), {})
    assert answer is not None
    assert (answer.status_code, answer["Retry-After"]) == (429, "13")
