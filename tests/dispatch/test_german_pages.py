"""The main pages in German: made at all, in their language, with no English text that has a translation."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from dispatch.api.authentication import new_token
from dispatch.models import Order, OrderImport, Role, Shop, ShopToken
from dispatch.services import links
from lastmile.models import User
from tests import scenarios
from tests.full_world import full_world
from tests.lastmile.test_languages import catalogue

pytestmark = pytest.mark.django_db
PAGES = (
    "board", "orders", "order-new", "recurring", "import", "needs-location", "fleet", "fleet-stock", "fleet-away",
    "fleet-shift-new", "fleet-vehicle-new", "day", "people", "audit", "shops", "station-settings",
)  # fmt: skip


@pytest.fixture
def world() -> Any:
    station = full_world()
    person = scenarios.make_person("greta", Role.MANAGER, station)
    User.objects.filter(pk=person.pk).update(language="de")
    client = Client()
    client.force_login(User.objects.get(pk=person.pk))
    return station, client


def english() -> set[str]:
    """Texts whose German differs, without those that are a German word too."""
    texts = {m.id for m in catalogue("de") if isinstance(m.id, str) and m.id != m.string}
    return texts - {m.string for m in catalogue("de")}


def shown(page: str) -> set[str]:
    page = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.S)
    attributes = re.findall(r'(?:aria-label|title|placeholder)="([^"]*)"', page)
    return {unescape(text).strip() for text in [*attributes, *re.split(r"<[^>]*>", page)]}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_station_is_german(world: Any, name: str) -> None:
    """The language is the person's own, and nothing on the page is left in English."""
    station, client = world
    answer = client.get(reverse(name, args=[station.pk]), {"day": str(scenarios.DAY)})
    assert answer.status_code == 200
    page = answer.content.decode()
    assert '<html lang="de">' in page
    assert answer.headers["Content-Language"] == "de"
    assert shown(page) & english() == set()


def test_order_pages_and_imports_are_german(world: Any) -> None:
    """Pages of one thing: the order with its history, its form, an import, the account."""
    station, client = world
    order = Order.objects.filter(station=station).first()
    addresses = [reverse(name, args=[station.pk, order.pk]) for name in ("order-show", "order-edit")]
    addresses += [reverse("import-show", args=[station.pk, OrderImport.objects.get(station=station).pk])]
    for address in [*addresses, reverse("account")]:
        answer = client.get(address, follow=True)
        assert answer.status_code == 200, address
        assert shown(answer.content.decode()) & english() == set(), address


def test_a_refusal_is_said_in_german(world: Any) -> None:
    """To somebody who is signed in; cause and action both."""
    answer = world[1].get("/api/v1/orders/999999/")
    assert answer.status_code == 404
    assert "wurde nicht gefunden" in answer.json()["cause"] or answer.json()["cause"] == "Nicht gefunden."


def test_programs_are_answered_in_english() -> None:
    """A shop's program may compare words; its library may ask for any language."""
    shop = scenarios.make_shop(scenarios.make_station())
    token, digest = new_token("lms_")
    ShopToken.objects.create(
        shop=Shop.objects.get(pk=shop.pk), name="web", token_hash=digest, prefix=token[:8]
    )
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "de"}
    answer = Client().get("/api/v1/orders/999999/", headers=headers)
    assert answer.status_code == 404
    assert answer.headers["Content-Language"] == "en"
    assert "not" in answer.json()["cause"]


@pytest.mark.parametrize(("asked", "language"), [("de-CH,en;q=0.5", "de"), ("en", "en"), ("fi", "de")])
def test_strangers_choose_by_their_browser_and_recipients_fall_back_to_the_station(
    asked: str, language: str
) -> None:
    """A recipient whose language nobody speaks reads the station's; the sign-in page falls back to English."""
    station = scenarios.make_station(language="de")
    order = scenarios.make_orders(station, scenarios.make_shop(station), 1)[0]
    answer = Client().get(links.link_path(order), headers={"Accept-Language": asked})
    assert answer.headers["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.content.decode()
    entrance = Client().get(reverse("sign-in"), headers={"Accept-Language": asked})
    expected = "en" if asked == "fi" else language
    assert f'<html lang="{expected}">' in entrance.content.decode()
    assert "Accept-Language" in entrance.headers["Vary"]
    with translation.override(expected):
        assert translation.gettext("Sign in") in entrance.content.decode()


def test_what_readers_and_the_address_search_say_is_german(world: Any) -> None:
    """They know no language: a bad field of a form, of the API and the note of an address are said at the edge."""
    station, client = world
    order = Order.objects.filter(station=station).first()
    assert order is not None
    Order.objects.filter(pk=order.pk).update(
        location_note="More than one place fits. 'A 1' and 'B 1' fit equally well."
    )
    page = client.get(reverse("order-show", args=[station.pk, order.pk])).content.decode()
    assert "Mehr als ein Ort passt. „A 1“ und „B 1“ passen gleich gut." in page
    given = {
        "shop": order.shop_id,
        "kind": "delivery",
        "external_id": "X1",
        "address": "Testikatu 1",
        "phone": "call Anna",
    }
    form = client.post(reverse("order-new", args=[station.pk]), given).content.decode()
    assert "“call Anna” ist keine Telefonnummer" in unescape(form)
    url = f"/api/v1/orders/{order.pk}/"
    tag = client.get(url).headers["ETag"]
    patch = {"content_type": "application/json", "headers": {"If-Match": tag}}
    refused = client.patch(url, {"phone": "call Anna", "pieces": "x"}, **patch)
    assert refused.status_code == 400, refused.content
    causes = [each["cause"] for each in refused.json()["data"]["errors"]]
    assert len(causes) == 2
    assert all("ist kein" in cause for cause in causes)
