"""The shops page: tokens made, shown once and revoked by managers of all of the shop's stations, and by nobody else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dispatch.models import Role, Shop, ShopToken, Station
from dispatch.services.people import grant_role
from dispatch.services.shop_tokens import make_shop_token
from lastmile.models import Event
from tests.scenarios import make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
FORM = {"name": "web shop", "scopes": ["orders:read", "orders:write"], "lives": "365"}


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)


def person(role: str | None, station: Station, **fields: Any) -> Client:
    client = Client()
    client.force_login(make_person(f"p-{role}", role, station if role else None, **fields))
    return client


def url(station: Station, shop: Shop) -> str:
    return reverse("shop", args=[station.pk, shop.pk])


def test_a_token_is_shown_once_and_works(station: Station, shop: Shop) -> None:
    """In the answer and nowhere else: not in the next page, a session, or the ledger."""
    client = person("manager", station)
    answer = client.post(url(station, shop), FORM)
    assert answer.status_code == 201
    text = re.search(r'value="(lms_[\w-]+)"', answer.content.decode())
    assert text is not None
    assert "no-store" in answer.headers["Cache-Control"]
    assert Client(headers={"Authorization": f"Bearer {text[1]}"}).get("/api/v1/orders/").status_code == 200
    assert text[1] not in client.get(url(station, shop)).content.decode()
    assert all(text[1] not in str(row.get_decoded()) for row in Session.objects.all())
    event = Event.objects.get(name="token.changed")
    assert (event.data["what"], event.station_id, event.actor) == ("made", station.pk, "user:p-manager")
    assert text[1] not in str(event.data)
    token = ShopToken.objects.get()
    assert token.expires_at
    assert abs(token.expires_at - timezone.now() - timedelta(days=365)) < timedelta(minutes=1)


def test_scopes_sandbox_and_a_chosen_day(station: Station, shop: Shop) -> None:
    day = (timezone.now() + timedelta(days=10)).date()
    given = {
        "name": "try",
        "scopes": ["orders:read"],
        "lives": "date",
        "expires_on": str(day),
        "sandbox": "on",
    }
    answer = person("manager", station).post(url(station, shop), given)
    token = ShopToken.objects.get()
    assert 'value="lmt_' in answer.content.decode()
    assert (token.scopes, token.shop.sandbox_of) == (["orders:read"], shop)
    assert token.expires_at
    assert token.expires_at.astimezone(station.zone).isoformat()[:16] == f"{day + timedelta(days=1)}T00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"name": "x" * 61},
        {"scopes": []},
        {"scopes": ["orders:delete"]},
        {"lives": "date"},
        {"lives": "date", "expires_on": "2020-01-01"},
        {"lives": "date", "expires_on": "9999-12-31"},
        {"lives": "date", "expires_on": "soon"},
        {"lives": "7"},
    ],
)
def test_bad_forms_make_no_token_and_say_why(station: Station, shop: Shop, change: dict[str, Any]) -> None:
    answer = person("manager", station).post(url(station, shop), FORM | change)
    assert answer.status_code == 422
    assert b"field__error" in answer.content
    assert not ShopToken.objects.exists()


def test_revoking_ends_it_at_once_and_twice_is_once(station: Station, shop: Shop) -> None:
    token, text = make_shop_token(shop=shop, name="t", now=timezone.now(), actor="user:m")
    client = person("manager", station)
    revoke = reverse("shop-token-revoke", args=[station.pk, shop.pk, token.pk])
    assert [client.post(revoke).status_code for _ in range(2)] == [302, 302]
    assert Client(headers={"Authorization": f"Bearer {text}"}).get("/api/v1/orders/").status_code == 401
    assert Event.objects.filter(name="token.changed", data__what="revoked").count() == 1
    assert client.get(revoke).status_code == 405


def test_a_shop_of_several_stations_needs_a_manager_of_all(station: Station, shop: Shop) -> None:
    """Its token opens every one of them: one station's manager must not hand out the other's."""
    other = make_station("TKU")
    shop.stations.add(other)
    token, _ = make_shop_token(shop=shop, name="t", now=timezone.now(), actor="user:m")
    client = person("manager", station)
    assert client.get(url(station, shop)).status_code == 200
    assert client.post(url(station, shop), FORM).status_code == 403
    revoke = reverse("shop-token-revoke", args=[station.pk, shop.pk, token.pk])
    assert client.post(revoke).status_code == 403
    admin = person(None, station, is_superuser=True)
    assert admin.post(url(station, shop), FORM).status_code == 201


def test_roles(station: Station, shop: Shop) -> None:
    """403 for the wrong role, 404 for strangers and for shops of elsewhere."""
    pages = (reverse("shops", args=[station.pk]), url(station, shop))
    for role in ("dispatcher", "auditor", "floor", "driver"):
        client = person(role, station)
        assert [client.get(page).status_code for page in pages] == [403, 403], role
        assert client.post(pages[1], FORM).status_code == 403
    elsewhere = make_station("TKU")
    stranger = person("manager", elsewhere)
    assert [stranger.get(page).status_code for page in pages] == [404, 404]
    assert stranger.get(url(elsewhere, shop)).status_code == 404
    assert Client().get(pages[0]).status_code == 302


def test_the_lists_cost_the_same_for_one_and_fifty(station: Station, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = person("manager", station)
    costs = []
    for n in (1, 50):
        while station.shops.count() < n:
            make_shop(station, f"s{station.shops.count()}")
        shop = station.shops.first()
        assert shop is not None
        while shop.tokens.count() < n:
            make_shop_token(shop=shop, name=f"t{shop.tokens.count()}", now=timezone.now(), actor="user:m")
        for page in (reverse("shops", args=[station.pk]), url(station, shop)):
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert client.get(page).status_code == 200
            costs.append(len(queries))
    assert costs[:2] == costs[2:]


def test_the_admin_keeps_the_same_rule(station: Station, shop: Shop) -> None:
    """Else it would be the way around: a manager of one station makes no token for the other one."""
    client = Client()
    manager = make_person("admin-manager")
    grant_role(user=manager, station=station, role=Role.MANAGER)
    client.force_login(manager)
    add = reverse("admin:dispatch_shoptoken_add")
    assert client.post(add, {"shop": shop.pk, "name": "mine"}).status_code == 302
    token = ShopToken.objects.get()
    assert token.expires_at is not None
    shop.stations.add(make_station("TKU"))
    client.post(add, {"shop": shop.pk, "name": "theirs"})
    chosen = {"action": "revoke", "_selected_action": [token.pk]}
    client.post(reverse("admin:dispatch_shoptoken_changelist"), chosen)
    token.refresh_from_db()
    assert (ShopToken.objects.count(), token.revoked_at) == (1, None)


def test_a_manager_adds_a_shop_and_no_second_of_the_name() -> None:
    """Nobody should need an admin to begin: an order cannot be taken in before there is a shop."""
    station, other = make_station(), make_station("TKU")
    make_shop(other, "corner-books", name="Corner Books")
    client = Client()
    client.force_login(make_person("mia", Role.MANAGER, station))
    url = reverse("shop-new", args=[station.pk])
    said = {"name": "Bakery", "code": "", "email": "", "ship_complete": "on"}
    assert client.post(url, said).status_code == 302
    assert [shop.name for shop in station.shops.all()] == ["Bakery"]
    again = client.post(url, said | {"name": "Corner Books"})
    assert again.status_code == 422
    assert b"exists already" in again.content
    assert station.shops.count() == 1
    assert Event.objects.filter(name="settings.changed", data__noun="shop").count() == 1


def attaching(client: Client, station: Station, shop: Shop) -> int:
    return client.post(reverse("shop-new", args=[station.pk]), {"attach": shop.pk}).status_code


def test_an_admin_lets_a_shop_of_another_station_send_here_too() -> None:
    """The form that is refused offers it, the button does it, pressing twice is once, and the ledger knows."""
    station, other = make_station(), make_station("TKU")
    books = make_shop(other, "corner-books", name="Corner Books")
    admin = person(None, station, is_superuser=True)
    url = reverse("shop-new", args=[station.pk])
    refused = admin.post(url, {"name": "Corner Books", "code": "", "email": ""})
    assert refused.status_code == 422
    assert f'name="attach" value="{books.pk}"' in refused.content.decode()
    assert [attaching(admin, station, books) for _ in range(2)] == [302, 302]
    assert list(station.shops.all()) == [books]
    assert list(other.shops.all()) == [books]
    told = Event.objects.get(name="settings.changed", data__what="added")
    assert (told.station_id, told.data["row_id"]) == (station.pk, books.pk)
    again = admin.post(url, {"name": "Corner Books", "code": "", "email": ""})
    assert b'name="attach"' not in again.content


def test_a_manager_neither_sees_nor_takes_the_shops_of_other_stations() -> None:
    """Its orders would be his to read: who is asked for by id alone, or comes with a guessed form, gets nothing."""
    station, other = make_station(), make_station("TKU")
    books = make_shop(other, "corner-books", name="Corner Books")
    manager = person("manager", station)
    refused = manager.post(
        reverse("shop-new", args=[station.pk]), {"name": "Corner Books", "code": "", "email": ""}
    )
    assert b"exists already" in refused.content
    assert b'name="attach"' not in refused.content
    assert attaching(manager, station, books) == 403
    assert not station.shops.exists()
    assert not Event.objects.filter(name="settings.changed").exists()


def test_where_name_and_code_are_of_two_shops_a_person_chooses() -> None:
    """Guessing by either would let a stranger's orders in: both are shown, the code's first, none is taken."""
    station, other = make_station(), make_station("TKU")
    by_name = make_shop(other, "aa-books", name="Corner Books")
    by_code = make_shop(other, "books", name="Zebra Books")
    make_shop(other, "corner", name="Corner")
    admin = person(None, station, is_superuser=True)
    given = {"name": "Corner Books", "code": "books", "email": ""}
    offered = admin.post(reverse("shop-new", args=[station.pk]), given).content.decode()
    assert re.findall(r'name="attach" value="(\d+)"', offered) == [str(by_code.pk), str(by_name.pk)]
    assert not station.shops.exists()
    assert attaching(admin, station, by_name) == 302
    assert list(station.shops.all()) == [by_name]


def test_a_sandbox_twin_or_nothing_is_not_attached(station: Station, shop: Shop) -> None:
    """Nor is what no form sends a fault of ours."""
    twin = Shop.objects.create(name="Twin", code="twin", sandbox_of=shop)
    admin = person(None, station, is_superuser=True)
    url = reverse("shop-new", args=[station.pk])
    for asked in (twin.pk, 10**8, "", "x", "-1", "9" * 30, "²"):
        assert admin.post(url, {"attach": asked}).status_code == 404, asked
    assert list(station.shops.all()) == [shop]
