"""The page of recurring orders: list, form, pause and end, for those who run the board."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dispatch.models import Holiday, Order, RecurringOrder, Shop, Station
from dispatch.services.recurring import save_recurring
from lastmile import jobs
from lastmile.models import Job
from tests.scenarios import DAY, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def person(role: str, station: Station) -> Client:
    client = Client()
    client.force_login(make_person(f"p-{role}-{station.code}", role, station))
    return client


def form(shop: Shop, /, **changes: Any) -> dict[str, Any]:
    given = {
        "name": "Bread",
        "shop": shop.pk,
        "kind": "delivery",
        "weekdays": ["0", "1", "2"],
        "first_day": "2026-03-10",
        "address": "Testikatu 1",
        "recipient": "Café",
        "phone": "040 1234567",
        "window_start": "08:00",
        "window_end": "10:00",
        "note_dispatch": "pays monthly",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def test_a_series_is_made_seen_and_its_orders_come(station: Station, shop: Shop) -> None:
    Holiday.objects.create(station=station, day="2026-03-11", name="x")
    client = person("dispatcher", station)
    answer = client.post(reverse("recurring-new", args=[station.pk]), form(shop))
    assert answer.status_code == 302, answer.content
    page = client.get(answer.url).content.decode()
    assert "Bread" in page
    assert "<s>Wed 11 Mar</s>" in page
    jobs.run(Job.objects.get().pk)
    order = Order.objects.order_by("day")[0]
    assert (order.recipient, order.phone, order.note_dispatch) == ("Café", "+358401234567", "pays monthly")
    assert order.window_start is not None


def test_the_form_shows_what_is_kept_and_saves_the_change(station: Station, shop: Shop) -> None:
    client = person("dispatcher", station)
    client.post(reverse("recurring-new", args=[station.pk]), form(shop))
    series = RecurringOrder.objects.get()
    edit = reverse("recurring-edit", args=[station.pk, series.pk])
    page = client.get(edit).content.decode()
    for shown in ('value="Bread"', 'value="08:00"', 'value="2026-03-10"', 'value="pays monthly"'):
        assert shown in page
    assert client.post(edit, form(shop, name="Rolls", version=1, phone="")).status_code == 302
    series.refresh_from_db()
    assert (series.name, series.version, "phone" in series.fields) == ("Rolls", 2, False)
    late = client.post(edit, form(shop, name="Late", version=1))
    assert late.status_code == 412
    series.refresh_from_db()
    assert series.name == "Rolls"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"weekdays": None}, "weekdays"),
        ({"weekdays": ["9"]}, "weekdays"),
        ({"first_day": "soon"}, "first_day"),
        ({"last_day": "2026-03-01"}, "last_day"),
        ({"phone": "ring me"}, "phone"),
        ({"email": "nobody"}, "email"),
        ({"window_start": "10:00", "window_end": "09:00"}, "window_end"),
        ({"pieces": "many"}, "pieces"),
        ({"weight_kg": "-1"}, "weight_kg"),
        ({"address": ""}, "address"),
        ({"service_level": "gold"}, "service_level"),
        ({"shop": "0"}, "shop"),
        ({"version": "x"}, ""),
    ],
)
def test_bad_forms_are_answered_at_the_field(
    station: Station, shop: Shop, changes: dict[str, Any], field: str
) -> None:
    answer = person("dispatcher", station).post(
        reverse("recurring-new", args=[station.pk]), form(shop, **changes)
    )
    assert answer.status_code == 422
    assert field == "" or field in answer.context["form"].errors
    assert not RecurringOrder.objects.exists()


def test_pause_resume_end_on_the_version_shown(station: Station, shop: Shop) -> None:
    client = person("dispatcher", station)
    client.post(reverse("recurring-new", args=[station.pk]), form(shop))
    series = RecurringOrder.objects.get()
    change = reverse("recurring-change", args=[station.pk, series.pk])
    steps = [
        ("pause", "1", (False, 2)),
        ("resume", "1", (False, 2)),
        ("resume", "2", (True, 3)),
        ("x", "3", (True, 3)),
    ]
    steps += [("pause", "", (True, 3)), ("pause", "9" * 30, (True, 3))]
    for verb, version, expected in steps:
        assert client.post(change, {"do": verb, "version": version}).status_code == 302
        series.refresh_from_db()
        assert (series.active, series.version) == expected, (verb, version)
    client.post(change, {"do": "end", "version": "3"})
    series.refresh_from_db()
    assert series.last_day == DAY


def test_roles(station: Station, shop: Shop) -> None:
    elsewhere = make_station("TKU")
    series = save_recurring(
        station=station, shop=shop, name="Bread", fields={"address": "a", "lat": 60.17, "lng": 24.94},
        weekdays=[0], first_day=DAY, last_day=None, actor="user:m", now=station.now(),
    )  # fmt: skip
    pages = [
        reverse("recurring", args=[station.pk]),
        reverse("recurring-new", args=[station.pk]),
        reverse("recurring-edit", args=[station.pk, series.pk]),
    ]
    for role, status in (
        ("dispatcher", 200),
        ("manager", 200),
        ("auditor", 403),
        ("floor", 403),
        ("driver", 403),
    ):
        client = person(role, station)
        assert [client.get(page).status_code for page in pages] == [status] * 3, role
    stranger = person("manager", elsewhere)
    assert [stranger.get(page).status_code for page in pages] == [404] * 3
    assert stranger.get(reverse("recurring-edit", args=[elsewhere.pk, series.pk])).status_code == 404
    change = reverse("recurring-change", args=[station.pk, series.pk])
    assert stranger.post(change, {"do": "pause", "version": "1"}).status_code == 404


def test_the_list_costs_the_same_for_one_and_fifty(station: Station, shop: Shop) -> None:
    client = person("dispatcher", station)
    costs = []
    for n in (1, 50):
        for index in range(RecurringOrder.objects.count(), n):
            RecurringOrder.objects.create(
                station=station,
                shop=shop,
                name=f"S{index}",
                fields={},
                weekdays=[0],
                first_day=DAY,
                actor="x",
            )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("recurring", args=[station.pk])).status_code == 200
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_without_a_shop_the_form_leads_those_who_may_to_where_one_is_added(station: Station) -> None:
    """An empty page must not be a dead end, nor lead a dispatcher to a door that is shut."""
    new, add = (reverse(name, args=[station.pk]) for name in ("recurring-new", "shop-new"))
    for role, led in (("manager", True), ("dispatcher", False)):
        page = person(role, station).get(new).content.decode()
        assert "No shop sends to this station yet" in page
        assert (f'href="{add}"' in page) == led, role
