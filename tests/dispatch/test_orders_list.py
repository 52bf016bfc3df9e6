"""What an auditor gets of the list of orders: rows to follow, and nobody's name in them, nor a way to ask for it."""

from datetime import timedelta

import pytest
from django.test import Client

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Role, StationDay
from dispatch.services.order_bulk import move_many
from lastmile.models import Event
from tests.scenarios import DAY, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
SECRETS = {
    "recipient": "Quirina Zweistein",
    "phone": "+358401239987",
    "email": "quirina@example.org",
    "note": "Ring twice",
    "note_dispatch": "Owes the shop money",
    "address": "Salaisuustie 77 B 12",
    "postcode": "00530",
    "location_note": "No house 77",
}
SAID = ("Quirina", "Zweistein", "40123", "quirina@", "Ring twice", "Owes the", "Salaisuustie 77", "house 77")


@pytest.fixture
def world():
    station = make_station()
    first, lost = make_orders(station, make_shop(station), 2, **SECRETS)
    Order.objects.filter(pk=lost.pk).update(state=OrderState.NEEDS_LOCATION, lat=None, lng=None)
    return station, first, lost


def client_of(station, role):
    client = Client()
    client.force_login(make_person(f"one-{role}", role, station))
    return client


def text_of(response):
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return body.decode()


@pytest.mark.parametrize("page", ["", "export.csv", "needs-location/"])
def test_no_page_or_file_of_orders_names_a_recipient_to_an_auditor(world, page):
    """reliability 5.1: an auditor reads orders masked, on the screen as in the file that leaves the house."""
    station, first, lost = world
    address = f"/stations/{station.pk}/orders/{page}"
    seen = text_of(client_of(station, Role.AUDITOR).get(address, {"day": DAY.isoformat()}))
    assert (lost.number if page == "needs-location/" else first.number) in seen
    assert [word for word in SAID if word in seen] == []
    open_ = text_of(client_of(station, Role.MANAGER).get(address, {"day": DAY.isoformat()}))
    assert "Quirina Zweistein" in open_


@pytest.mark.parametrize(
    ("asked", "finds"),
    [("quirina", 0), ("zwei", 0), ("0401239987", 0), ("salaisuustie", 0), ("NUMBER", 1), ("00530", 2)],
)
def test_an_auditor_cannot_find_out_by_searching_what_the_list_hides(world, asked, finds):
    """A hit for a guessed name, phone or street would tell what the mask hides; numbers and postcodes stay."""
    station, first, _ = world
    word = {"q": first.number if asked == "NUMBER" else asked}
    auditor = client_of(station, Role.AUDITOR)
    page = auditor.get(f"/stations/{station.pk}/orders/", word | {"day": ""})
    assert page.context["total"] == finds
    assert auditor.get("/api/v1/orders/", word).json()["count"] == finds
    dispatcher = client_of(station, Role.DISPATCHER)
    assert dispatcher.get(f"/stations/{station.pk}/orders/", word | {"day": ""}).context["total"] >= 1


def test_an_auditor_cannot_sort_by_what_is_hidden(world):
    """A list in the order of names tells names apart letter by letter."""
    station, first, _ = world
    Order.objects.filter(pk=first.pk).update(recipient="Zelda")
    auditor = client_of(station, Role.AUDITOR)
    for way in ("recipient", "-recipient", "address", "-address"):
        page = auditor.get(f"/stations/{station.pk}/orders/", {"day": "", "sort": way})
        shown = [order.pk for order in page.context["orders"]]
        assert shown == sorted(shown, reverse=way.startswith("-"))


def test_the_buttons_are_those_of_the_role(world):
    """Nobody is shown a way that ends at a refusal: the file is the manager's and auditor's, changes the board's."""
    station, *_ = world
    for role, file, changes in (
        (Role.DISPATCHER, False, True),
        (Role.MANAGER, True, True),
        (Role.AUDITOR, True, False),
    ):
        page = text_of(client_of(station, role).get(f"/stations/{station.pk}/orders/"))
        assert (f"/stations/{station.pk}/orders/export.csv" in page) is file
        assert ("data-choose-all" in page) is changes
        assert (f"/stations/{station.pk}/orders/new/" in page) is changes


def test_a_masked_file_is_recorded_like_any_other(world):
    """Numbers, days and streets left the system all the same."""
    station, *_ = world
    text_of(client_of(station, Role.AUDITOR).get(f"/stations/{station.pk}/orders/export.csv", {"day": ""}))
    event = Event.objects.get(name="data.exported")
    assert (event.actor, event.data["what"], event.data["rows"]) == ("user:one-auditor", "orders", 2)


def test_a_cell_that_a_spreadsheet_would_calculate_is_text(world):
    """A shop may call a recipient =HYPERLINK(...): whoever opens the file must not run it."""
    station, first, _ = world
    Order.objects.filter(pk=first.pk).update(recipient="=1+1", note="@SUM(A1)", external_id="-9")
    sheet = text_of(client_of(station, Role.MANAGER).get(f"/stations/{station.pk}/orders/export.csv"))
    line = next(line for line in sheet.splitlines() if first.number in line).split(",")
    assert {"'=1+1", "'@SUM(A1)", "'-9"} <= set(line)


def test_a_failed_order_moves_with_the_others_or_not_at_all(world):
    """A failed order gets its next day in one step; where that day is refused it is still failed, not half done."""
    station, first, _ = world
    Order.objects.filter(pk=first.pk).update(state=OrderState.FAILED)
    closed, open_ = DAY + timedelta(days=1), DAY + timedelta(days=2)
    StationDay.objects.create(station=station, day=closed, closed_at=station.now(), actor="user:x")

    def move(day):
        seen = {first.pk: Order.objects.get(pk=first.pk).version}
        return move_many(station=station, seen=seen, day=day, actor="user:x", now=station.now())[0]

    assert "closed" in move(closed).error
    assert Order.objects.values_list("state", "day").get(pk=first.pk) == (OrderState.FAILED, DAY)
    assert move(open_).error == ""
    assert Order.objects.values_list("state", "day").get(pk=first.pk) == (OrderState.OPEN, open_)
