"""Sandboxes: trial orders behave like real ones and are nowhere to be seen but by the token that sent them."""

import json
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from dispatch.models import Order, Parcel, ServiceLevel, Shop, Station
from dispatch.selectors.board import snapshot
from dispatch.services.sandbox import sandbox_shop, sandbox_station
from dispatch.services.shop_tokens import make_shop_token
from tests.scenarios import make_person, make_shop, make_station

pytestmark = [pytest.mark.django_db, pytest.mark.database]
URL = "/api/v1/orders/"
ONE = {"external_id": "A1", "address": "Testikatu 1", "lat": 60.17, "lng": 24.94}


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def client_of(shop: Shop) -> tuple[Client, str]:
    _, text = make_shop_token(shop=shop, name="t", now=timezone.now(), actor="user:m")
    return Client(headers={"Authorization": f"Bearer {text}"}), text


def trial(shop: Shop) -> Client:
    client, text = client_of(sandbox_shop(shop=shop, actor="user:m"))
    assert text.startswith("lmt_")
    return client


def send(client: Client, verb: str, url: str, body: Any) -> Any:
    return getattr(client, verb)(url, json.dumps(body), content_type="application/json")


def test_a_trial_runs_through_the_whole_api_and_every_answer_says_so(station: Station, shop: Shop) -> None:
    client = trial(shop)
    made = send(client, "post", URL, ONE | {"station": station.code})
    url = f"{URL}{made.json()['order']['id']}/"
    answers = [
        made,
        client.get(url),
        client.get(URL, {"station": station.code}),
        client.get(f"{URL}by-external-id/A1/"),
        send(client, "patch", url, {"note": "x"}),
        send(client, "post", f"{URL}bulk/", {"orders": [ONE | {"external_id": "A2"}]}),
        send(client, "post", f"{url}cancel/", {}),
        send(client, "patch", url, {"note": "y"}),
        send(client, "post", URL, {}),
    ]
    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 200, 200, 200, 409, 400]
    assert all(answer.json()["sandbox"] is True for answer in answers)
    assert answers[2].json()["count"] == 1
    assert made.json()["order"]["number"].startswith("TEST-")


def test_neither_sees_the_other(station: Station, shop: Shop) -> None:
    """Same numbers, same barcodes: a trial must not stand in the way of the real order, nor show it."""
    tried, real = trial(shop), client_of(shop)[0]
    row = ONE | {"parcels": [{"barcode": "B1"}]}
    trial_id = send(tried, "post", URL, row).json()["order"]["id"]
    real_answer = send(real, "post", URL, row)
    assert real_answer.json()["status"] == "created"
    assert "sandbox" not in real_answer.json()
    real_id = real_answer.json()["order"]["id"]
    assert real.get(f"{URL}{trial_id}/").status_code == 404
    assert tried.get(f"{URL}{real_id}/").status_code == 404
    assert send(tried, "patch", f"{URL}{real_id}/", {"note": "x"}).status_code == 404
    assert [each["id"] for each in real.get(URL).json()["results"]] == [real_id]
    assert [each["id"] for each in tried.get(URL).json()["results"]] == [trial_id]
    assert Parcel.objects.get(order_id=real_id).barcode == "B1"
    assert send(tried, "post", URL, row).json()["status"] == "unchanged"


def test_nobody_at_the_station_meets_trial_orders(station: Station, shop: Shop) -> None:
    """Not on lists, pages, boards, nor for an admin."""
    order_id = send(trial(shop), "post", URL, ONE).json()["order"]["id"]
    day = Order.objects.get(pk=order_id).day
    for role in ("manager", None):
        client = Client()
        person = make_person(f"p-{role}", role, station if role else None, is_superuser=role is None)
        client.force_login(person)
        assert client.get(f"{URL}{order_id}/").status_code == 404
        assert client.get(URL).json()["count"] == 0
        assert client.get(f"/stations/{Station.objects.get(sandbox_of=station).pk}/").status_code == 404
    assert snapshot(station, day)["orders"] == []


def test_a_twin_follows_its_station(station: Station, shop: Shop) -> None:
    """A trial a year later meets the rules of that day, and the service levels the station sells."""
    client = trial(shop)
    send(client, "post", URL, ONE)
    ServiceLevel.objects.create(station=station, code="std", name="Standard", cutoff="23:59", days_after=1)
    Station.objects.filter(pk=station.pk).update(time_zone="Europe/Stockholm", setup_time_s=99)
    made = send(client, "post", URL, ONE | {"external_id": "A2", "service_level": "std"})
    assert made.json()["order"]["service_level"] == "std"
    twin = Station.objects.get(sandbox_of=station)
    assert (twin.time_zone, twin.setup_time_s, twin.city) == ("Europe/Stockholm", 99, station.city)
    assert Station.objects.filter(sandbox_of=station).count() == 1


def test_twins_find_free_names(station: Station, shop: Shop) -> None:
    make_shop(station, f"{shop.code}-trial", name=f"{shop.name} (sandbox)")
    twin = sandbox_shop(shop=shop, actor="user:m")
    assert sandbox_shop(shop=shop, actor="user:m") == twin
    assert (twin.code, twin.sandbox_of) == (f"{shop.code}-trial2", shop)
    make_station(f"{station.code}-trial")
    here = sandbox_station(station=station, shop=twin, actor="user:m")
    assert here.code == f"{station.code}-trial2"
