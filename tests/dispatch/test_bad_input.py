"""The same bad value at every door an order or a shift comes in by: each says why, none half-does it.

Files have their own tests (`tests/dispatch/imports/test_bad_input.py`, `test_xlsx_files.py`, `test_csv_files.py`).
"""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Order, RecurringOrder, Shift, Shop, Station
from dispatch.services.cities import StationCity
from dispatch.services.shop_tokens import make_shop_token
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
URL, BULK = "/api/v1/orders/", "/api/v1/orders/bulk/"
ONE = {"external_id": "A1", "address": "Teststreet 1"}
BAD = [
    ({"phone": "1-800-FLOWERS"}, "phone"),
    ({"window_start": "12:00", "window_end": "09:00"}, "window_end"),
    ({"day": "2026-03-29", "window_start": "03:30", "window_end": "05:00"}, "window_start"),
    ({"day": "46091"}, "day"),
    ({"weight_kg": "1.234,5"}, "weight_kg"),
    ({"note": "Caf\ufffd"}, "note"),
]
NAMES = ["phone", "window", "skipped hour", "Excel day", "two commas", "encoding"]


@pytest.fixture(autouse=True)
def city(monkeypatch: pytest.MonkeyPatch) -> None:
    known = FakeGeocoder()
    monkeypatch.setattr(StationCity, "geocoder", property(lambda self: known))


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


@pytest.fixture
def caller(shop: Shop, station: Station) -> Client:
    text = make_shop_token(shop=shop, name="t", now=station.clock_wall, actor="user:m")[1]
    return Client(headers={"Authorization": f"Bearer {text}"})


@pytest.fixture
def desk(station: Station) -> Client:
    client = Client()
    client.force_login(make_person("dora", "dispatcher", station))
    return client


def send(client: Client, url: str, body: Any, method: str = "post") -> Any:
    data = body if isinstance(body, bytes) else json.dumps(body)
    return getattr(client, method)(url, data, content_type="application/json")


@pytest.mark.parametrize(("fields", "field"), BAD, ids=NAMES)
def test_one_order_by_api(caller: Client, fields: dict[str, str], field: str) -> None:
    answer = send(caller, URL, ONE | fields)
    assert answer.status_code == 400
    assert field in {error["field"] for error in answer.json()["data"]["errors"]}
    assert not Order.objects.exists()


@pytest.mark.parametrize(("fields", "field"), BAD, ids=NAMES)
def test_a_change_by_api(
    caller: Client, station: Station, shop: Shop, fields: dict[str, str], field: str
) -> None:
    """Refused as a whole: the good field beside the bad one is not changed either."""
    order = make_orders(station, shop, 1)[0]
    answer = send(caller, f"{URL}{order.pk}/", fields | {"recipient": "Other"}, "patch")
    assert answer.status_code == 400
    body = answer.json()
    named = {error["field"] for error in body.get("data", {}).get("errors", [])} | {body.get("field")}
    assert field in named
    after = Order.objects.get(pk=order.pk)
    assert (after.recipient, after.version) == (order.recipient, order.version)


@pytest.mark.parametrize(("fields", "field"), BAD, ids=NAMES)
def test_a_row_among_many_by_api(caller: Client, fields: dict[str, str], field: str) -> None:
    """The rows around it come in, and the answer tells which one did not."""
    rows = [ONE, {"external_id": "A2", "address": "Teststreet 3"} | fields, ONE | {"external_id": "A3"}]
    answer = send(caller, BULK, {"orders": rows})
    assert answer.status_code in (200, 207), answer.content
    assert field in json.dumps(answer.json())
    assert set(Order.objects.values_list("external_id", flat=True)) == {"A1", "A3"}


def test_a_number_twice_in_one_bulk_is_one_order(caller: Client) -> None:
    """As in a file, the second is no second order, and is told."""
    answer = send(caller, BULK, {"orders": [ONE, ONE | {"note": "again"}]})
    assert answer.status_code in (200, 207), answer.content
    assert Order.objects.count() == 1
    assert "duplicate" in answer.content.decode()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_json_in_another_encoding_is_refused(caller: Client, encoding: str) -> None:
    """Read as anything else, the name would be wrong on the label."""
    text = json.dumps(ONE | {"recipient": "Jörg"}, ensure_ascii=False)
    answer = send(caller, URL, text.encode(encoding))
    assert answer.status_code in (400, 415)
    assert {"code", "cause", "action"} <= answer.json().keys()
    assert not Order.objects.exists()


def test_an_address_in_another_country_by_api_waits_for_a_person(caller: Client) -> None:
    answer = send(caller, URL, ONE | {"address": "Rue de Rivoli 1, Paris", "postcode": "75001"})
    assert answer.status_code == 201, answer.content
    order = Order.objects.get()
    assert (order.state, order.lat) == ("needs_location", None)


def test_a_formula_is_text_in_and_no_formula_out(caller: Client, station: Station) -> None:
    """It comes in as it was typed; a spreadsheet that opens the export runs nothing."""
    assert send(caller, URL, ONE | {"note": '=HYPERLINK("x")', "recipient": "@SUM(1)"}).status_code == 201
    assert Order.objects.get().note == '=HYPERLINK("x")'
    client = Client()
    client.force_login(make_person("mia", "manager", station))
    answer = client.get(reverse("orders-export", args=[station.pk]), {"day": str(DAY)})
    text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(",")]
    assert any("SUM" in cell or "HYPERLINK" in cell for cell in cells)
    assert not any(cell.startswith(("=", "@")) for cell in cells)


@pytest.mark.parametrize(("typed", "grams"), [("1,5", 1500), ("1.5", 1500), ("0,25", 250)])
def test_a_decimal_comma_is_a_comma_at_every_door(
    caller: Client, desk: Client, station: Station, shop: Shop, typed: str, grams: int
) -> None:
    assert send(caller, URL, ONE | {"weight_kg": typed}).status_code == 201
    page = desk.get(reverse("order-new", args=[station.pk])).context["form"]
    sent = {name: page[name].value() or "" for name in page.fields}
    sent |= {"shop": shop.pk, "external_id": "B1", "address": "Teststreet 1", "weight_kg": typed}
    assert desk.post(reverse("order-new", args=[station.pk]), sent).status_code == 302
    assert set(Order.objects.values_list("weight_g", flat=True)) == {grams}


@pytest.mark.parametrize(("fields", "field"), BAD[:2] + BAD[4:], ids=NAMES[:2] + NAMES[4:])
def test_a_recurring_order(
    desk: Client, station: Station, shop: Shop, fields: dict[str, str], field: str
) -> None:
    given = {"name": "Bread", "shop": shop.pk, "kind": "delivery", "weekdays": ["0"], "first_day": str(DAY),
             "address": "Teststreet 1", "window_start": "08:00", "window_end": "10:00"}  # fmt: skip
    field, fields = ("note_dispatch", {"note_dispatch": "Caf\ufffd"}) if field == "note" else (field, fields)
    answer = desk.post(reverse("recurring-new", args=[station.pk]), given | fields)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not RecurringOrder.objects.exists()


def test_a_driver_in_two_shifts_at_page_and_api(desk: Client, station: Station) -> None:
    """The van is free, the driver is not."""
    made = make_fleet(station, DAY, 2)
    made.shifts[1].delete()
    given = {"vehicle": made.vehicles[1].pk, "driver": made.drivers[0].pk, "start": "09:00", "end": "12:00"}
    page = desk.post(reverse("fleet-shift-new", args=[station.pk]) + f"?day={DAY}", given | {"day": str(DAY)})
    assert "driver" in page.context["form"].errors
    body = {
        "day": str(DAY),
        "vehicle_id": made.vehicles[1].pk,
        "driver_id": made.drivers[0].pk,
        "start": "09:00",
        "end": "12:00",
    }
    answer = send(desk, f"/api/v1/stations/{station.pk}/fleet/shifts/", body)
    assert (answer.status_code >= 400, answer.json()["code"]) == (True, "driver_double")
    assert Shift.objects.count() == 1
