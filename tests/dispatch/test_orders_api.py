"""Orders, addresses and jobs by API: shops with tokens, members with sessions, strangers with nothing."""

import json
import threading
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.api.authentication import new_token
from dispatch.lifecycle import OrderState
from dispatch.models import IdempotencyKey, Order, Shop, ShopToken, Station
from dispatch.services.idempotency import answer_once
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import DAY, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
URL = "/api/v1/orders/"
BULK = "/api/v1/orders/bulk/"
ONE = {"external_id": "A1", "address": "Teststreet 1"}


class City:
    geocoder: FakeGeocoder | None = FakeGeocoder()


class NoCity:
    geocoder = None


@pytest.fixture(autouse=True)
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("dispatch.api.orders", "dispatch.api.order", "dispatch.api.addresses"):
        monkeypatch.setattr(f"{module}.open_city", lambda station: City())


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def token_of(shop: Shop) -> str:
    token, hashed = new_token("lms_")
    ShopToken.objects.create(shop=shop, name="test", prefix=token[:12], token_hash=hashed)
    return token


def caller(shop: Shop) -> Client:
    return Client(headers={"Authorization": f"Bearer {token_of(shop)}"})


def post(client: Client, url: str, body: Any, **headers: str) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(url, data, content_type="application/json", headers=headers)


def member(role: str, station: Station, name: str = "member") -> Client:
    client = Client()
    client.force_login(make_person(name, role, station))
    return client


def test_one_order_is_created_then_unchanged_then_updated(shop: Shop) -> None:
    client = caller(shop)
    answers = [post(client, URL, ONE), post(client, URL, ONE), post(client, URL, ONE | {"note": "x"})]
    assert [(a.status_code, a.json()["status"]) for a in answers] == [
        (201, "created"),
        (200, "unchanged"),
        (200, "updated"),
    ]
    card = answers[-1].json()["order"]
    assert (card["state"], card["version"], card["day"]) == ("open", 2, DAY.isoformat())


def test_a_bad_order_is_refused_with_every_fault(shop: Shop) -> None:
    answer = post(caller(shop), URL, {"external_id": "A1", "lat": 1e400, "lng": 24, "priority": True})
    assert answer.status_code == 400
    answer = post(caller(shop), URL, {"external_id": "A1", "phone": "x", "priority": True, "address": "a"})
    body = answer.json()
    assert answer.status_code == 400
    assert {error["field"] for error in body["data"]["errors"]} == {"phone", "priority"}
    assert body["cause"]
    assert body["action"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"null",
        b'"x"',
        b"{",
        b'{"external_id": NaN}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"external_id": "\\ud800", "address": "x"}',
        b'{"external_id": "A", "address": "x", "priority": ' + b"9" * 5000 + b"}",
        b'{"external_id": "A", "lat": 1e999, "lng": 1}',
        b'{"external_id": "A", "address": "x", "\\u0000": 1}',
        b'{"external_id": "A", "address": "x", "station": {"$gt": ""}}',
        b'{"external_id": "A", "address": "x", "station": "\\u0000"}',
        b"\xff\xfe",
    ],
)
@pytest.mark.parametrize("url", [URL, BULK])
def test_no_body_is_a_fault(shop: Shop, url: str, raw: bytes) -> None:
    """F18: whatever is sent, the answer is a problem with code, cause and action, and nothing is stored."""
    answer = post(caller(shop), url, raw)
    assert answer.status_code in (400, 404)
    assert {"code", "cause", "action"} <= answer.json().keys()
    assert not Order.objects.exists()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from([*ONE, "day", "window", "parcels", "skills"]), VALUES), max_size=4
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_json_of_the_right_shape_is_answered_row_by_row(shop: Shop, rows: list[dict[str, Any]]) -> None:
    answer = post(caller(shop), BULK, {"orders": rows})
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert [result["index"] for result in answer.json()["results"]] == list(range(len(rows)))


def test_a_bulk_call_answers_for_each_row(shop: Shop) -> None:
    """A bad row hides no other, and the answer says which is which."""
    rows = [
        ONE,
        {"external_id": "A2"},
        "text",
        ONE,
        {"external_id": "A3", "address": "Elsewhere", "colour": 1},
    ]
    answer = post(caller(shop), BULK, {"orders": rows, "day": "2026-03-11"})
    assert answer.status_code == 200
    body = answer.json()
    assert body["counts"] == {"created": 1, "updated": 0, "unchanged": 0, "rejected": 4}
    codes = [[error["code"] for error in result["errors"]] for result in body["results"]]
    assert codes == [[], ["missing"], ["not_an_order"], ["duplicate"], ["unknown_field"]]
    assert Order.objects.get().day.isoformat() == "2026-03-11"


@pytest.mark.parametrize("orders", [[], "x", None, [ONE] * 1001])
def test_bulk_limits(shop: Shop, orders: Any) -> None:
    assert post(caller(shop), BULK, {"orders": orders}).json()["code"] == "bad_orders"


def test_too_many_pieces_are_refused_before_anything_is_stored(shop: Shop) -> None:
    rows = [ONE | {"external_id": str(n), "pieces": 200} for n in range(101)]
    assert post(caller(shop), BULK, {"orders": rows}).json()["code"] == "too_many_pieces"
    assert not Order.objects.exists()


def test_only_shops_may_send_and_only_to_their_stations(station: Station, shop: Shop) -> None:
    make_station("TKU")
    assert post(Client(), URL, ONE).status_code == 401
    assert post(member("manager", station), URL, ONE).status_code == 403
    assert post(Client(headers={"Authorization": "Bearer lms_wrong"}), URL, ONE).status_code == 401
    assert post(caller(shop), URL, ONE | {"station": "TKU"}).status_code == 404
    shop.stations.add(make_station("OUL"))
    assert post(caller(shop), URL, ONE).json()["field"] == "station"
    assert post(caller(shop), URL, ONE | {"station": "OUL"}).status_code == 201


def test_a_repeated_request_is_answered_not_repeated(shop: Shop) -> None:
    """F41: same key and body: the same answer, even though the order would now be "unchanged"."""
    client, key = caller(shop), str(uuid4())
    first = post(client, URL, ONE, **{"Idempotency-Key": key})
    again = post(client, URL, ONE, **{"Idempotency-Key": key})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    other = post(client, URL, ONE | {"note": "x"}, **{"Idempotency-Key": key})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    assert post(client, BULK, {"orders": [ONE]}, **{"Idempotency-Key": key}).status_code == 422


def test_keys_of_two_shops_never_meet(station: Station, shop: Shop) -> None:
    other = make_shop(station, "other")
    for one in (shop, other):
        assert post(caller(one), URL, ONE, **{"Idempotency-Key": "k"}).json()["status"] == "created"


def test_a_refused_request_may_be_corrected_under_its_key(shop: Shop) -> None:
    client = caller(shop)
    assert post(client, URL, {"external_id": "A1"}, **{"Idempotency-Key": "k"}).status_code == 400
    assert post(client, URL, ONE, **{"Idempotency-Key": "k"}).status_code == 201
    assert post(client, URL, ONE, **{"Idempotency-Key": "x" * 256}).json()["code"] == "bad_idempotency_key"


def test_a_key_still_worked_on_is_409_and_one_left_by_a_dead_worker_is_taken_over() -> None:
    now = timezone.now()
    given_ = {"holder": "shop:a", "key": "k", "request": [1]}

    def nested() -> Any:
        with pytest.raises(LastmileError) as refusal:
            answer_once(**given_, now=now, work=lambda: (200, {}))
        assert refusal.value.status == 409
        return 201, {"first": True}

    assert answer_once(**given_, now=now, work=nested) == ((201, {"first": True}), False)
    IdempotencyKey.objects.update(status=None, began_at=now - timezone.timedelta(seconds=61))
    assert answer_once(**given_, now=now, work=lambda: (200, {"second": True}))[0] == (200, {"second": True})
    IdempotencyKey.objects.update(began_at=now - timezone.timedelta(hours=25))
    assert answer_once(**given_, now=now, work=lambda: (200, {}))[1] is False


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_with_one_key_make_one_order() -> None:
    """Eight clients that retry at once: one creates, the rest replay it or are told to wait."""
    client_shop = make_shop(make_station())
    token = token_of(client_shop)
    answers: list[Any] = []
    start = threading.Barrier(8)

    def send() -> None:
        client = Client(headers={"Authorization": f"Bearer {token}"})
        start.wait(10)
        answers.append(post(client, URL, ONE, **{"Idempotency-Key": "k"}))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert Order.objects.count() == 1
    assert len(answers) == 8
    assert {answer.status_code for answer in answers} <= {201, 409}
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert all(answer == made[0] for answer in made)


def test_lists_are_filtered_by_known_filters_only(
    station: Station, shop: Shop, django_assert_max_num_queries: Any
) -> None:
    make_orders(station, shop, 30)
    make_orders(station, shop, 1, state=OrderState.CANCELLED, recipient="Minna Canth")
    client = member("dispatcher", station)
    with django_assert_max_num_queries(8):
        body = client.get(URL, {"station": station.pk, "day": DAY.isoformat(), "page_size": 25}).json()
    assert (body["count"], len(body["results"])) == (31, 25)
    assert client.get(URL, {"state": "cancelled", "station": "HEL"}).json()["count"] == 1
    assert client.get(URL, {"q": "minna canth"}).json()["count"] == 1
    for query in ({"state": "x"}, {"day": "x"}, {"order": "id"}, {"q": "x" * 300}, {"page": "no"}):
        answer = client.get(URL, query)
        assert answer.status_code in (400, 404), query
    assert client.get(URL, {"q": "\0", "station": "9" * 40}).status_code == 200


def test_each_sees_their_own_and_nothing_else(station: Station, shop: Shop) -> None:
    """Foreign orders look as if they did not exist, in lists, details and actions."""
    order = make_orders(station, shop, 1, state=OrderState.NEEDS_LOCATION, lat=None, lng=None)[0]
    elsewhere = make_station("TKU")
    detail = f"{URL}{order.pk}/"
    sees = {
        "shop": (caller(shop), 200),
        "other shop": (caller(make_shop(elsewhere)), 404),
        "dispatcher": (member("dispatcher", station, "d"), 200),
        "auditor": (member("auditor", station, "a"), 200),
        "driver": (member("driver", station, "v"), 404),
        "stranger": (member("manager", elsewhere, "s"), 404),
        "nobody": (Client(), 401),
    }
    for who, (client, status) in sees.items():
        assert client.get(detail).status_code == status, who
        listed = client.get(URL)
        assert listed.status_code == (401 if who == "nobody" else 200)
        assert who == "nobody" or listed.json()["count"] == int(status == 200)
    place = {"lat": 60.1, "lng": 24.9, "version": 1}
    refused = {"other shop": 403, "stranger": 404, "auditor": 403, "driver": 403, "nobody": 401}
    for who, status in refused.items():
        assert post(sees[who][0], f"{detail}locate/", place).status_code == status, who
    assert post(sees["auditor"][0], f"{detail}cancel/", {}).status_code == 403
    assert post(sees["stranger"][0], f"{detail}cancel/", {}).status_code == 404
    order.refresh_from_db()
    assert order.state == OrderState.NEEDS_LOCATION


def test_locating_and_cancelling_by_api(station: Station, shop: Shop) -> None:
    order = make_orders(station, shop, 1, state=OrderState.NEEDS_LOCATION, lat=None, lng=None)[0]
    client = member("dispatcher", station)
    url = f"{URL}{order.pk}/"
    assert post(client, f"{url}locate/", {"lat": 91, "lng": 24.9, "version": 1}).json()["code"] == "bad_place"
    assert (
        post(client, f"{url}locate/", {"lat": True, "lng": 24.9, "version": 1}).json()["code"] == "bad_place"
    )
    assert post(client, f"{url}locate/", {"lat": 60.1, "lng": 24.9}).json()["field"] == "version"
    assert post(client, f"{url}locate/", {"lat": 60.1, "lng": 24.9, "version": 1}).json()["state"] == "open"
    late = post(client, f"{url}locate/", {"lat": 60.2, "lng": 24.9, "version": 1})
    assert (late.status_code, late.json()["data"]["order"]["lat"]) == (412, 60.1)
    assert post(caller(shop), f"{url}cancel/", {}).json()["state"] == "cancelled"


def test_addresses_for_members(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    client = member("dispatcher", station)
    base = f"/api/v1/stations/{station.pk}/addresses/"
    assert client.get(base, {"q": "Teststreet 3"}).json()[0]["label"] == "Teststreet 3"
    assert client.get(f"{base}near/", {"lat": "60.17", "lng": "24.94"}).json()[0]["label"] == "Teststreet 1"
    assert client.get(f"{base}near/", {"lat": "10", "lng": "24.94"}).json() == []
    for query in ({"lat": "nan", "lng": "1"}, {"lat": "1e999", "lng": "1"}, {"lat": "99", "lng": "1"}, {}):
        assert client.get(f"{base}near/", query).status_code == 400
    assert member("dispatcher", make_station("TKU"), "s").get(base, {"q": "x"}).status_code == 404
    monkeypatch.setattr("dispatch.api.addresses.open_city", lambda station: NoCity())
    assert client.get(base, {"q": "x"}).json()["code"] == "no_city"


def test_jobs_are_seen_and_stopped_by_their_station(station: Station) -> None:
    job = Job.objects.create(kind="orders.import", station_id=station.pk, actor="x")
    loose = Job.objects.create(kind="other", actor="x")
    client = member("dispatcher", station)
    url = f"/api/v1/jobs/{job.pk}/"
    card = {"id": job.pk, "kind": "orders.import", "state": "queued", "percent": 0, "words": ""}
    assert client.get(url).json() == card | {"error": None, "result": {}}
    assert member("auditor", station, "a").post(f"{url}cancel/").status_code == 403
    assert member("manager", make_station("TKU"), "s").get(url).status_code == 404
    assert client.get(f"/api/v1/jobs/{loose.pk}/").status_code == 404
    assert Client().get(url).status_code == 401
    ended: list[Job] = []
    jobs._ended["orders.import"], kept = ended.append, jobs._ended.get("orders.import")
    try:
        assert client.post(f"{url}cancel/").json()["state"] == "cancelled"
    finally:
        if kept:
            jobs._ended["orders.import"] = kept
    assert len(ended) == 1
