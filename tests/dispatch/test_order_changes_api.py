"""One order by API: changed in part, on the version that was seen, by those whose it is; never a fault."""

import json
import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.api.authentication import new_token
from dispatch.lifecycle import OrderState, ParcelState
from dispatch.models import Order, Parcel, ServiceLevel, Shop, ShopToken, Station, StationDay
from dispatch.services.links import link_url
from lastmile.models import Event
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db
URL = "/api/v1/orders/"


class City:
    city = None
    geocoder = FakeGeocoder()


@pytest.fixture(autouse=True)
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("dispatch.api.orders", "dispatch.api.order"):
        monkeypatch.setattr(f"{module}.open_city", lambda station: City())


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


@pytest.fixture
def order(station: Station, shop: Shop) -> Order:
    return make_orders(station, shop, 2, phone="+358401234567", note="ring", note_dispatch="debts")[1]


def caller(shop: Shop, *scopes: str) -> Client:
    text, hashed = new_token("lms_")
    chosen = list(scopes) or ["orders:read", "orders:write"]
    ShopToken.objects.create(shop=shop, name="test", prefix=text[:10], token_hash=hashed, scopes=chosen)
    return Client(headers={"Authorization": f"Bearer {text}"})


def member(role: str, station: Station, name: str = "member") -> Client:
    client = Client()
    client.force_login(make_person(name, role, station))
    return client


def send(client: Client, verb: str, url: str, body: Any, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    return getattr(client, verb)(url, raw, content_type="application/json", headers=named)


def one(order: Order) -> str:
    return f"{URL}{order.pk}/"


def test_a_field_is_changed_and_the_rest_stays(shop: Shop, order: Order) -> None:
    """A shop need not know or repeat what the station did with its order."""
    before = Order.objects.filter(pk=order.pk).values().get()
    answer = send(caller(shop), "patch", one(order), {"note": "back door"})
    assert answer.status_code == 200
    after = Order.objects.filter(pk=order.pk).values().get()
    assert {name for name in after if after[name] != before[name]} == {"note", "version"}
    assert answer.headers["ETag"].startswith('"2-')
    assert Event.objects.filter(name="orders.changed").last().data == {
        "what": "updated",
        "order_ids": [order.pk],
    }
    assert send(caller(shop), "patch", one(order), {"note": "back door"}).json()["version"] == 2


def test_null_empties_and_a_moved_day_takes_its_window_along(shop: Shop, order: Order) -> None:
    assert order.window_start
    assert order.window_end
    answer = send(caller(shop), "patch", one(order), {"note": None, "day": "2026-03-12"})
    card = answer.json()
    assert (card["note"], card["day"]) == ("", "2026-03-12")
    order.refresh_from_db()
    assert order.window_start.astimezone(order.station.zone).isoformat() == "2026-03-12T09:00:00+02:00"
    assert send(caller(shop), "patch", one(order), {"window": None}).json()["window_start"] is None


def test_a_new_address_is_searched_and_one_far_away_waits(shop: Shop, order: Order) -> None:
    """An address abroad must not become a pin abroad, whoever named the place."""
    client = caller(shop)
    assert send(client, "patch", one(order), {"address": "Teststreet 5"}).json()["lat"] == 60.1705
    lost = send(client, "patch", one(order), {"address": "Elsewhere 1"}).json()
    assert (lost["state"], lost["lat"]) == ("needs_location", None)
    abroad = send(client, "patch", one(order), {"lat": 48.85, "lng": 2.35}).json()
    assert (abroad["state"], abroad["lat"]) == ("needs_location", None)
    assert "outside" in abroad["location_note"]
    assert send(client, "patch", one(order), {"lat": 60.2, "lng": 24.9}).json()["state"] == "open"


def test_people_must_say_what_they_saw(station: Station, order: Order) -> None:
    """428 without a version, 412 with an old one and the newest card to go on with."""
    client = member("dispatcher", station)
    assert send(client, "patch", one(order), {"note": "a"}).status_code == 428
    assert send(client, "post", f"{one(order)}cancel/", {}).status_code == 428
    assert send(client, "patch", one(order), {"note": "a"}, If_Match='"1"').status_code == 200
    late = send(client, "patch", one(order), {"note": "b"}, If_Match='"1"')
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert late.json()["data"]["order"]["note"] == "a"
    assert late.json()["data"]["order"]["note_dispatch"] == "debts"
    late = send(client, "post", f"{one(order)}cancel/", {}, If_Match='"1"')
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    tag = client.get(one(order)).headers["ETag"]
    assert send(client, "post", f"{one(order)}cancel/", {}, If_Match=tag).json()["state"] == "cancelled"


@pytest.mark.parametrize("header", ["1", 'W/"1"', '"x"', '"1", "2"', '"99999999999999"', "'1'"])
def test_a_broken_if_match_is_refused(shop: Shop, order: Order, header: str) -> None:
    """Guessing what was meant would lose somebody's edit."""
    answer = send(caller(shop), "patch", one(order), {"note": "a"}, If_Match=header)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_if_match")


def test_shops_may_but_need_not_name_the_version(shop: Shop, order: Order) -> None:
    client = caller(shop)
    assert send(client, "patch", one(order), {"note": "a"}).status_code == 200
    assert send(client, "patch", one(order), {"note": "b"}, If_Match='"1"').status_code == 412
    assert send(client, "patch", one(order), {"note": "b"}, If_Match="*").status_code == 200


def test_what_did_not_change_is_not_sent_again(station: Station, shop: Shop, order: Order) -> None:
    """304 as long as nothing differs, not even the route it stands on."""
    client = caller(shop)
    tag = client.get(one(order)).headers["ETag"]
    assert client.get(one(order), headers={"If-None-Match": tag}).status_code == 304
    make_route(station, DAY, [order])
    again = client.get(one(order), headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["ETag"] != tag


def test_put_is_not_offered(shop: Shop, order: Order) -> None:
    """Whole orders are sent by POST under their own number; a second way would mean something else."""
    answer = send(caller(shop), "put", one(order), {"note": "a"})
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_cards_show_each_what_is_theirs(station: Station, shop: Shop, order: Order) -> None:
    """The station's own notes are for the station; the recipient's link is what shops send on."""
    for answer in (
        caller(shop).get(one(order)),
        caller(shop).get(f"{URL}by-external-id/{order.external_id}/"),
    ):
        assert "note_dispatch" not in answer.json()
        assert answer.json()["link"] == link_url(order)
    card = member("dispatcher", station).get(one(order)).json()
    assert card["note_dispatch"] == "debts"
    assert "link" not in card
    assert {"service_level", "recurring_id", "version"} <= card.keys()
    listed = caller(shop).get(URL).json()["results"]
    assert all("note_dispatch" not in each for each in listed)


def test_only_the_station_notes_things_for_the_dispatcher(station: Station, shop: Shop, order: Order) -> None:
    refused = send(caller(shop), "patch", one(order), {"note_dispatch": "mine"})
    assert (refused.status_code, refused.json()["code"]) == (400, "unknown_field")
    changed = send(
        member("dispatcher", station), "patch", one(order), {"note_dispatch": "paid"}, If_Match='"1"'
    )
    assert changed.json()["note_dispatch"] == "paid"
    again = send(
        caller(shop),
        "post",
        URL,
        {"external_id": order.external_id, "address": "Teststreet 1", "day": str(DAY)},
    )
    assert again.status_code == 200
    order.refresh_from_db()
    assert order.note_dispatch == "paid"  # what a shop sends whole does not hold it, and must not wipe it


def test_by_external_id(station: Station, shop: Shop, order: Order) -> None:
    """A shop knows its own number first, whatever is in it."""
    Order.objects.filter(pk=order.pk).update(external_id="2026/0007 ä")
    url = f"{URL}by-external-id/2026/0007%20%C3%A4/"
    assert caller(shop).get(url).json()["id"] == order.pk
    assert caller(make_shop(station, "other")).get(url).status_code == 404
    dispatcher = member("dispatcher", station)
    assert dispatcher.get(url).json()["field"] == "shop"
    assert dispatcher.get(url, {"shop": shop.code}).json()["id"] == order.pk
    assert caller(shop).get(f"{URL}by-external-id/%00/").status_code == 404


def test_scopes(shop: Shop, order: Order) -> None:
    """A token that reads cannot write, and the reverse; the refusal names what is missing."""
    reads, writes = caller(shop, "orders:read"), caller(shop, "orders:write")
    assert reads.get(one(order)).status_code == 200
    for answer in (
        send(reads, "patch", one(order), {"note": "a"}),
        send(reads, "post", URL, {"external_id": "A"}),
        send(reads, "post", f"{URL}bulk/", {"orders": []}),
        send(reads, "post", f"{one(order)}cancel/", {}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
        assert answer.json()["data"]["scope"] == "orders:write"
    assert writes.get(URL).json()["data"]["scope"] == "orders:read"
    assert send(writes, "patch", one(order), {"note": "a"}).status_code == 200


def test_a_key_answers_again_and_never_twice(shop: Shop, order: Order) -> None:
    """A PATCH whose answer was lost is answered, though its If-Match is old by now; another body is refused."""
    client = caller(shop)
    sent = {"Idempotency_Key": "k", "If_Match": '"1"'}
    first = send(client, "patch", one(order), {"note": "a"}, **sent)
    again = send(client, "patch", one(order), {"note": "a"}, **sent)
    assert (first.json(), first.headers["ETag"]) == (again.json(), again.headers["ETag"])
    assert again.headers["Idempotency-Replayed"] == "true"
    assert send(client, "patch", one(order), {"note": "b"}, **sent).status_code == 422
    off = [send(client, "post", f"{one(order)}cancel/", {}, Idempotency_Key="c") for _ in range(2)]
    assert off[0].json() == off[1].json()
    order.refresh_from_db()
    assert order.version == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_late() -> None:
    """Two people save the same version at the same moment: one change, one 412, nothing lost unseen."""
    station = make_station()
    order = make_orders(station, make_shop(station), 1)[0]
    clients = [member("dispatcher", station, name) for name in ("a", "b")]
    start, answers = threading.Barrier(2), []

    def save(client: Client, note: str) -> None:
        start.wait(10)
        answers.append(send(client, "patch", one(order), {"note": note}, If_Match='"1"').status_code)
        connection.close()

    threads = [threading.Thread(target=save, args=each) for each in zip(clients, "ab", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == [200, 412]
    order.refresh_from_db()
    assert order.version == 2


def test_days_that_are_closed_do_not_change(station: Station, shop: Shop, order: Order) -> None:
    """A closed day's numbers are facts; neither its orders nor new ones for it are taken."""
    StationDay.objects.create(station=station, day=DAY, closed_at=station.now(), actor="x")
    client = caller(shop)
    for answer in (
        send(client, "patch", one(order), {"note": "a"}),
        send(client, "post", f"{one(order)}cancel/", {}),
        send(client, "post", URL, {"external_id": "N", "address": "Teststreet 1", "day": str(DAY)}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "day_closed")
    StationDay.objects.update(day=DAY + timedelta(days=2))
    assert send(client, "patch", one(order), {"day": "2026-03-12"}).json()["code"] == "day_closed"


@pytest.mark.parametrize(
    ("state", "patch", "code"),
    [
        (OrderState.OUT, {"note": "a"}, "order_out"),
        (OrderState.DELIVERED, {"note": "a"}, "order_delivered"),
        (OrderState.CANCELLED, {"note": "a"}, "order_cancelled"),
        (OrderState.PLANNED, {"day": "2026-03-12"}, "order_planned"),
        (OrderState.PLANNED, {"address": "Teststreet 9"}, "order_planned"),
    ],
)
def test_what_is_past_changing_says_so(
    shop: Shop, order: Order, state: str, patch: dict[str, Any], code: str
) -> None:
    Order.objects.filter(pk=order.pk).update(state=state)
    answer = send(caller(shop), "patch", one(order), patch)
    assert (answer.status_code, answer.json()["code"]) == (409, code)


def test_parcels_that_are_scanned_stay(shop: Shop, order: Order) -> None:
    client = caller(shop)
    parcels = [{"barcode": "NEW-1", "weight_g": 700}, {"barcode": "NEW-2", "weight_g": 900}]
    card = send(client, "patch", one(order), {"parcels": parcels}).json()
    assert (card["pieces"], card["weight_g"]) == (2, 1600)
    Parcel.objects.filter(order=order).update(state=ParcelState.RECEIVED)
    assert send(client, "patch", one(order), {"pieces": 1}).json()["code"] == "parcels_scanned"
    taken = send(
        client,
        "patch",
        one(order),
        {"parcels": [{"barcode": Parcel.objects.exclude(order=order).first().barcode}]},
    )
    assert taken.json()["code"] == "barcode_taken"


def test_strangers_and_the_wrong_roles(station: Station, shop: Shop, order: Order) -> None:
    cases = {
        "stranger": (member("manager", make_station("TKU"), "s"), 404),
        "auditor": (member("auditor", station, "a"), 403),
        "floor": (member("floor", station, "f"), 404),
        "driver": (member("driver", station, "d"), 404),
        "other shop": (caller(make_shop(station, "other")), 404),
        "nobody": (Client(), 401),
    }
    for who, (client, status) in cases.items():
        assert send(client, "patch", one(order), {"note": "x"}, If_Match='"1"').status_code == status, who
    order.refresh_from_db()
    assert order.version == 1


def test_a_service_level_makes_the_promise(station: Station, shop: Shop) -> None:
    """Ordered at 08:00, before the cut-off: tomorrow, in the level's window; sent again it does not wander."""
    level = {"station": station, "code": "next", "name": "Next day", "cutoff": "12:00", "days_after": 1}
    ServiceLevel.objects.create(**level, window_from="10:00", window_to="14:00")
    client = caller(shop)
    row = {"external_id": "P", "address": "Teststreet 1", "service_level": "next"}
    card = send(client, "post", URL, row).json()["order"]
    assert (card["day"], card["service_level"]) == ("2026-03-11", "next")
    assert card["window_start"] == "2026-03-11T08:00:00+00:00"
    station.clock_business += timedelta(hours=6)
    station.save()
    assert send(client, "post", URL, row).json()["status"] == "unchanged"
    late = send(client, "post", URL, row | {"external_id": "Q"}).json()["order"]
    assert late["day"] == "2026-03-12"
    bad = send(client, "post", URL, row | {"external_id": "R", "service_level": "gold"})
    assert (bad.status_code, bad.json()["code"], bad.json()["field"]) == (
        400,
        "no_such_service_level",
        "service_level",
    )
    moved = send(client, "patch", f"{URL}{card['id']}/", {"day": "2026-03-13"}).json()
    assert (moved["day"], moved["service_level"]) == ("2026-03-13", "next")
    assert send(client, "patch", f"{URL}{card['id']}/", {"service_level": None}).json()["service_level"] == ""
    assert client.get(URL, {"service_level": "next"}).json()["count"] == 1
    assert client.get(URL, {"day_from": "2026-03-12", "state": "open,planned"}).json()["count"] == 2


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
NAMES = st.sampled_from(
    [
        *("day", "window", "window_start", "window_end", "parcels", "pieces", "skills", "lat", "lng", "kind"),
        *("address", "house_number", "phone", "email", "weight", "weight_kg", "weight_g", "service_level"),
        *("note", "priority", "service_min", "external_id", "barcodes", "note_dispatch"),
    ]
)
LIKELY = st.sampled_from(
    [
        "2026-03-12",
        "09:00-10:00",
        "24:00",
        "23:59",
        "Teststreet 7",
        "2026-03-10T25:00",
        "collection",
        60.2,
        24.9,
        3,
    ]
)


@given(st.dictionaries(NAMES, VALUES | LIKELY, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_patch_is_a_fault(shop: Shop, order: Order, patch: dict[str, Any]) -> None:
    """Whatever is sent: an order or a refusal with code, cause and action, and a row that reads the same after."""
    answer = send(caller(shop), "patch", one(order), patch)
    assert answer.status_code in (200, 400, 409), answer.content
    if answer.status_code != 200:
        assert {"code", "cause", "action"} <= answer.json().keys()
    assert isinstance(Order.objects.get(pk=order.pk).day, date)


@pytest.mark.parametrize(
    "raw", [b"[]", b"null", b'{"note": NaN}', b'{"lat": 1e999, "lng": 1}', b"[" * 50_000, b"\xff"]
)
def test_no_body_is_a_fault(shop: Shop, order: Order, raw: bytes) -> None:
    answer = send(caller(shop), "patch", one(order), raw)
    assert (answer.status_code, answer.json()["code"]) in {
        (400, "parse_error"),
        (400, "not_an_object"),
        (400, "not_a_number"),
    }
