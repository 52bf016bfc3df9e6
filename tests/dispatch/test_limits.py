"""Every row of the table of limits, used up where it stands."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.limits import LIMITS, Limit, spend
from dispatch.services.shop_tokens import make_shop_token
from lastmile.kernel.errors import LastmileError
from tests.scenarios import make_person, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counters(valkey: redis.Redis) -> None:
    cache.clear()


def clients() -> dict[str, Client]:
    station = make_station()
    _, text = make_shop_token(shop=make_shop(station), name="t", now=timezone.now(), actor="user:m")
    member = Client()
    member.force_login(make_person("d", "dispatcher", station))
    token = Client(headers={"Authorization": f"Bearer {text}"})
    return {
        "member": member,
        "token": token,
        "nobody": Client(),
        "wrong": Client(headers={"Authorization": "Bearer lms_x"}),
    }


def post(client: Client, url: str) -> Any:
    return client.post(url, json.dumps({"orders": []}), content_type="application/json")


DOORS: dict[str, list[tuple[str, Callable[[Client], Any]]]] = {
    "optimize": [("member", lambda c: post(c, f"/api/v1/stations/{_station()}/optimize/"))],
    "imports": [("member", lambda c: _upload(c))],
    "api": [("token", lambda c: c.get("/api/v1/orders/"))],
    "bulk": [("token", lambda c: post(c, "/api/v1/orders/bulk/"))],
    "stranger": [
        ("nobody", lambda c: c.get("/api/v1/orders/")),
        ("wrong", lambda c: c.get("/api/v1/orders/")),
    ],
}


def _station() -> int:
    from dispatch.models import Station

    return Station.objects.get().pk


def _upload(client: Client) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from dispatch.models import Shop

    file = SimpleUploadedFile("x.csv", b"PK\x03\x04", "text/csv")
    given = {"shop": Shop.objects.get().pk, "day": "2026-03-10", "file": file}
    return client.post(reverse("import", args=[_station()]), given)


def test_the_table_is_what_was_decided() -> None:
    assert {name: (limit.amount, limit.per_s) for name, limit in LIMITS.items()} == {
        "optimize": (6, 60),
        "imports": (10, 3600),
        "api": (600, 60),
        "bulk": (60, 60),
        "stranger": (60, 60),
    }
    assert set(DOORS) == set(LIMITS)


@pytest.mark.parametrize("name", LIMITS)
def test_each_row_holds_at_its_door(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Up to the amount the door answers as ever, then 429; the others stay open."""
    monkeypatch.setitem(LIMITS, name, Limit(2, 3600))
    who = clients()
    for holder, knock in DOORS[name]:
        cache.clear()
        before = [knock(who[holder]).status_code for _ in range(2)]
        assert 429 not in before
        refused = knock(who[holder])
        assert refused.status_code == 429
        if name != "imports":  # a page, which says so in words
            assert refused.json()["code"] == "too_many"
            assert int(refused.headers["Retry-After"]) > 0
        if name == "stranger":
            assert who["token"].get("/api/v1/orders/").status_code == 200


@pytest.mark.parametrize("name", LIMITS)
def test_each_row_counts_to_its_amount(name: str) -> None:
    now = timezone.now()
    for _ in range(LIMITS[name].amount):
        spend(name, "somebody", at=now)
    with pytest.raises(LastmileError) as refusal:
        spend(name, "somebody", at=now)
    assert refusal.value.status == 429
    spend(name, "somebody else", at=now)
