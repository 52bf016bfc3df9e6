"""The list of orders: search, filters, order, counts, export, many at once."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dispatch.models import Order, Parcel, StationDay
from lastmile.models import Event
from tests.dispatch.orders.conftest import Desk
from tests.scenarios import DAY, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def found(desk: Desk, **asked: Any) -> set[str]:
    page = desk.client.get(desk.url("orders"), asked)
    return {order.recipient for order in page.context["orders"]}


@pytest.fixture
def people(desk: Desk) -> None:
    anna, ayra, otto = make_orders(desk.station, desk.shop, 3)
    Order.objects.filter(pk=anna.pk).update(
        recipient="Anna Virtanen", phone="+358401234567", address="Hämeentie 5", external_id="W-100200"
    )
    Order.objects.filter(pk=ayra.pk).update(recipient="Äyrä Virtanen", phone="+358407654321")
    Order.objects.filter(pk=otto.pk).update(recipient="Otto", day=DAY + timedelta(days=3), state="delivered")
    Parcel.objects.filter(order=otto).update(barcode="JJFI-77")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("virtanen", {"Anna Virtanen", "Äyrä Virtanen"}),
        ("VIRTANEN anna", {"Anna Virtanen"}),
        ("ÄYRÄ", {"Äyrä Virtanen"}),
        ("äyrä", {"Äyrä Virtanen"}),
        ("040 123 4567", {"Anna Virtanen"}),
        ("(040) 123-4567", {"Anna Virtanen"}),
        ("+358 40 1234567", {"Anna Virtanen"}),
        ("00358401234567", {"Anna Virtanen"}),
        ("123 45 67 virtanen", {"Anna Virtanen"}),
        ("hämeen 5", {"Anna Virtanen"}),
        ("HÄMEEN", {"Anna Virtanen"}),
        ("w-100200", {"Anna Virtanen"}),
        ("jjfi-77", {"Otto"}),
        ("100%", set()),
        ("virtanen otto", set()),
    ],
)
def test_search_finds_by_what_is_at_hand(desk: Desk, people: None, text: str, names: set[str]) -> None:
    """Every word must be found; a phone in any spelling; names in big letters or small, also beyond English."""
    assert found(desk, day="", q=text) == names


def test_an_empty_day_is_every_day_and_today_is_where_one_begins(desk: Desk, people: None) -> None:
    assert found(desk) == {"Anna Virtanen", "Äyrä Virtanen"}
    assert len(found(desk, day="")) == 3
    empty = desk.client.get(desk.url("orders"), {"q": "otto"}).content.decode()
    assert "Search all days" in empty


def test_filters_counts_and_order(desk: Desk, people: None) -> None:
    """Counts ignore the state that is asked for: they are the way to the others."""
    page = desk.client.get(desk.url("orders"), {"day": "", "state": "delivered", "sort": "-recipient"})
    assert {state["value"]: state["count"] for state in page.context["states"]} == {
        "": 3,
        "open": 2,
        "delivered": 1,
    }
    assert page.context["total"] == 1
    shown = desk.client.get(desk.url("orders"), {"day": "", "sort": "-day"}).context["orders"]
    assert shown[0].recipient == "Otto"
    assert found(desk, day="", kind="collection") == set()
    for odd in (
        {"day": "x"},
        {"state": "x"},
        {"shop": "9" * 30},
        {"sort": "password"},
        {"page": "x"},
        {"q": "\0"},
    ):
        assert desk.client.get(desk.url("orders"), odd).status_code == 200


def test_the_list_asks_no_more_for_more_rows(desk: Desk) -> None:
    make_orders(desk.station, desk.shop, 1, note_dispatch="VIP")
    url = desk.url("orders")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.client.get(url, {"q": "recipient"}).status_code == 200
        return len(caught)

    few = queries()
    make_orders(desk.station, desk.shop, 60)
    assert queries() == few
    assert few <= 20


def test_the_page_of_an_order_asks_no_more_for_more_events(desk: Desk) -> None:
    from dispatch.services.order_edit import edit_order
    from lastmile import bus

    order = make_orders(desk.station, desk.shop, 1)[0]
    url = desk.url("order-show", order.pk)

    def change(times: int) -> None:
        for n in range(times):
            now = Order.objects.get(pk=order.pk)
            edit_order(
                order=now, patch={"note": f"{now.version} {n}"}, version=now.version, actor="user:dora",
                now=desk.station.now(), geocoder=None,
            )  # fmt: skip
        bus.drain()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.client.get(url).status_code == 200
        return len(caught)

    change(1)
    few = queries()
    change(20)
    assert queries() == few


def test_an_export_needs_its_role_and_is_recorded(desk: Desk, people: None) -> None:
    """Dispatchers take files in; who takes them out is asked for more, and named (with the count, not the names)."""
    assert desk.client.get(desk.url("orders-export")).status_code == 403
    client = Client()
    client.force_login(make_person("mari", "manager", desk.station))
    answer = client.get(desk.url("orders-export"), {"day": "", "q": "virtanen"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert len(lines) == 3
    event = Event.objects.get(name="data.exported")
    assert (event.actor, event.data) == (
        "user:mari",
        {"what": "orders", "rows": 2, "detail": "all days all states"},
    )


def test_the_neighbours_follow_the_list(desk: Desk) -> None:
    first, second, third = make_orders(desk.station, desk.shop, 3)
    page = desk.client.get(desk.url("order-show", second.pk), {"sort": "-day"})
    assert (page.context["before"], page.context["after"]) == (third.pk, first.pk)


def pick(*orders: Order) -> list[str]:
    return [f"{order.pk}:{order.version}" for order in orders]


def test_many_orders_move_to_another_day_each_on_its_own(desk: Desk) -> None:
    """One on a route comes off it; one that is delivered says why it stays; windows keep their time of day."""
    make_fleet(desk.station)
    orders = make_orders(desk.station, desk.shop, 4)
    make_route(desk.station, DAY, orders[:1])
    Order.objects.filter(pk=orders[2].pk).update(state="delivered")
    url, fresh = desk.url("orders-bulk"), list(Order.objects.order_by("pk"))
    asked = desk.client.get(url, {"do": "move", "order": pick(*fresh)})
    assert len(asked.context["picked"]) == 4
    stale = f"{fresh[3].pk}:7"
    answer = desk.client.post(url, {"do": "move", "day": "2026-03-12", "order": [*pick(*fresh[:3]), stale]})
    done = answer.context["done"]
    assert [bool(row.error) for row in done] == [False, False, True, True]
    assert "delivered" in done[2].error
    assert "changed meanwhile" in done[3].error
    moved = Order.objects.get(pk=orders[1].pk)
    assert moved.day == date(2026, 3, 12)
    assert moved.window_start == orders[1].window_start + timedelta(days=2)
    assert Order.objects.get(pk=orders[0].pk).state == "open"


def test_many_are_cancelled_with_one_reason(desk: Desk) -> None:
    orders = make_orders(desk.station, desk.shop, 2, note_dispatch="VIP")
    foreign = make_station("TKU")
    other = make_orders(foreign, make_shop(foreign), 1)[0]
    sent = {"do": "cancel", "order": pick(*orders, other), "reason": "shop", "words": "bankrupt"}
    answer = desk.client.post(desk.url("orders-bulk"), sent)
    assert len(answer.context["done"]) == 2
    assert Order.objects.get(pk=orders[0].pk).note_dispatch == (
        "VIP · Cancelled: The shop asked for it, bankrupt"
    )
    assert Order.objects.get(pk=other.pk).state == "open"


@pytest.mark.parametrize(
    "sent", [{}, {"do": "x"}, {"do": "move", "order": "abc"}, {"do": "cancel", "order": "1:²"}]
)
def test_odd_choices_lead_back_to_the_list(desk: Desk, sent: dict[str, str]) -> None:
    assert desk.client.post(desk.url("orders-bulk"), sent).status_code == 302


def test_a_closed_day_takes_none(desk: Desk) -> None:
    order = make_orders(desk.station, desk.shop, 1)[0]
    StationDay.objects.create(
        station=desk.station, day=date(2026, 3, 9), closed_at=desk.station.now(), actor="user:x"
    )
    answer = desk.client.post(
        desk.url("orders-bulk"), {"do": "move", "day": "2026-03-09", "order": pick(order)}
    )
    assert "closed" in answer.context["done"][0].error
    bad = desk.client.post(desk.url("orders-bulk"), {"do": "move", "day": "soon", "order": pick(order)})
    assert bad.status_code == 422
