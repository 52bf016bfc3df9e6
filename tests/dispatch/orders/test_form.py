"""The form of an order, as a dispatcher uses it and as it is misused."""

from datetime import date, time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.models import Order, ServiceLevel, StationDay
from lastmile.models import Event
from tests.dispatch.orders.conftest import Desk
from tests.scenarios import DAY, make_fleet, make_orders, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def errors(answer: Any) -> dict[str, str]:
    return {name: " ".join(each) for name, each in answer.context["form"].errors.items()}


def test_an_order_is_taken_in_by_hand(desk: Desk) -> None:
    """Words as people write them; the number is offered, the address searched for, the author named."""
    typed = {
        "address": "Teststreet 5", "phone": "040 123 4567", "weight_kg": "2,5", "window_start": "09:00",
        "window_end": "12:00", "note": "ring", "note_dispatch": "VIP", "skills": "lift chilled", "pieces": "2",
    }  # fmt: skip
    answer = desk.client.post(desk.url("order-new"), desk.written(**typed), follow=True)
    order = Order.objects.get()
    assert answer.redirect_chain[-1][0] == desk.url("order-show", order.pk)
    assert (order.state, order.phone, order.weight_g, order.skills) == (
        "open",
        "+358401234567",
        2500,
        ["chilled", "lift"],
    )
    assert order.external_id.startswith("M-")
    assert (order.day, order.note_dispatch, order.parcels.count()) == (DAY, "VIP", 2)
    assert Event.objects.get(name="orders.changed").actor == "user:dora"
    assert "VIP" in answer.content.decode()


def test_a_number_that_the_shop_has_is_not_overwritten(desk: Desk) -> None:
    """By API the same number means the same order; a person who types it means a new one."""
    order = make_orders(desk.station, desk.shop, 1)[0]
    sent = desk.written(address="Teststreet 5", external_id=order.external_id)
    answer = desk.client.post(desk.url("order-new"), sent)
    assert answer.status_code == 422
    assert order.number in errors(answer)["external_id"]
    assert Order.objects.get().address == order.address


def test_a_service_level_promises_day_and_window(desk: Desk) -> None:
    """The offered day is not in its way; one that was typed is kept."""
    ServiceLevel.objects.create(
        station=desk.station, code="next", name="Next day", cutoff=time(18), days_after=1,
        window_from=time(10), window_to=time(14),
    )  # fmt: skip
    page = desk.client.get(desk.url("order-new")).content.decode()
    assert "Next day: Wed 11 Mar, 10:00–14:00" in page
    desk.client.post(desk.url("order-new"), desk.written(address="Teststreet 1", service_level="next"))
    assert Order.objects.get().day == date(2026, 3, 11)
    sent = desk.written(address="Teststreet 1", service_level="next", day="2026-03-13")
    desk.client.post(desk.url("order-new"), sent)
    assert Order.objects.latest("pk").day == date(2026, 3, 13)


def test_a_pin_is_a_person_s_place(desk: Desk) -> None:
    """It is kept over the next upload, and none may stand in another country."""
    sent = desk.written(address="Nowhere 1", lat="60.180000", lng="24.950000")
    desk.client.post(desk.url("order-new"), sent)
    order = Order.objects.get()
    assert (order.state, order.lat, order.located_by) == ("open", 60.18, "person")
    abroad = desk.written(order, lat="40.0", lng="-3.7")
    assert "outside" in errors(desk.client.post(desk.url("order-edit", order.pk), abroad))["address"]


def test_an_address_that_is_not_found_waits_and_says_so(desk: Desk) -> None:
    answer = desk.client.post(desk.url("order-new"), desk.written(address="Unter den Linden 1"), follow=True)
    assert Order.objects.get().state == "needs_location"
    assert "needs a place on the map" in answer.content.decode()


def test_editing_sends_what_was_changed_and_searches_again(desk: Desk) -> None:
    """A window that nobody touched stays to the second; another address is another place."""
    order = make_orders(desk.station, desk.shop, 2)[1]
    desk.client.post(desk.url("order-edit", order.pk), desk.written(order, note="new"))
    changed = Order.objects.get(pk=order.pk)
    assert (changed.note, changed.window_start, changed.version) == ("new", order.window_start, 2)
    desk.client.post(desk.url("order-edit", order.pk), desk.written(order, address="Teststreet 9"))
    moved = Order.objects.get(pk=order.pk)
    assert (moved.lat, moved.located_by) == (60.1709, "geocoder")
    answer = desk.client.post(desk.url("order-edit", order.pk), desk.written(order), follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert Order.objects.get(pk=order.pk).version == 3


def test_two_people_edit_one_order(desk: Desk) -> None:
    """The second sees both values field by field, loses nothing, and saving again writes theirs over it."""
    order = make_orders(desk.station, desk.shop, 1, note="old", recipient="Anna")[0]
    mine = desk.written(order, note="mine", phone="0401234567")
    desk.client.post(desk.url("order-edit", order.pk), desk.written(order, note="theirs", recipient="Anne"))
    answer = desk.client.post(desk.url("order-edit", order.pk), mine)
    assert answer.status_code == 412
    rows = {row.name: (row.before, row.now, row.mine, row.both) for row in answer.context["meanwhile"]}
    assert rows == {
        "note": ("old", "theirs", "mine", True),
        "recipient": ("Anna", "Anne", "Anna", False),
    }
    assert Order.objects.get(pk=order.pk).note == "theirs"
    form = answer.context["form"]
    again = {name: form[name].value() or "" for name in form.fields}
    assert desk.client.post(desk.url("order-edit", order.pk), again).status_code == 302
    now = Order.objects.get(pk=order.pk)
    assert (now.note, now.recipient, now.phone) == ("mine", "Anne", "+358401234567")


def test_a_change_meanwhile_by_cancelling_is_told(desk: Desk) -> None:
    order = make_orders(desk.station, desk.shop, 1)[0]
    sent = desk.written(order, note="mine")
    Order.objects.filter(pk=order.pk).update(state="cancelled", version=2)
    answer = desk.client.post(desk.url("order-edit", order.pk), sent, follow=True)
    assert "has ended or failed" in answer.content.decode()
    assert Order.objects.get(pk=order.pk).note == ""


def test_another_door_takes_a_planned_order_off_its_route(desk: Desk) -> None:
    """A note stays on it; a stop must not be driven to the old door."""
    make_fleet(desk.station)
    orders = make_orders(desk.station, desk.shop, 3)
    route = make_route(desk.station, DAY, orders)
    desk.client.post(desk.url("order-edit", orders[1].pk), desk.written(orders[1], note="x"))
    assert Order.objects.get(pk=orders[1].pk).state == "planned"
    sent = desk.written(orders[1], address="Teststreet 3")
    answer = desk.client.post(desk.url("order-edit", orders[1].pk), sent, follow=True)
    assert f"came off route {route.name}" in answer.content.decode()
    assert Order.objects.get(pk=orders[1].pk).state == "open"
    assert route.stops.count() == 2


def test_in_the_van_only_words_change(desk: Desk) -> None:
    make_fleet(desk.station)
    orders = make_orders(desk.station, desk.shop, 2)
    make_route(desk.station, DAY, orders, state="departed")
    url = desk.url("order-edit", orders[0].pk)
    assert desk.client.post(url, desk.written(orders[0], note="back door")).status_code == 302
    assert Order.objects.get(pk=orders[0].pk).note == "back door"
    refused = desk.client.post(url, desk.written(orders[0], address="Teststreet 3"))
    assert "on its way" in errors(refused)["address"]
    assert "no phone" in errors(desk.client.post(url, desk.written(orders[0], phone="ask Anna")))["phone"]


def test_a_closed_day_is_read_only(desk: Desk) -> None:
    order = make_orders(desk.station, desk.shop, 1)[0]
    sent, new = desk.written(order, note="late"), desk.written(address="Teststreet 1")
    StationDay.objects.create(station=desk.station, day=DAY, closed_at=desk.station.now(), actor="user:x")
    answer = desk.client.post(desk.url("order-edit", order.pk), sent, follow=True)
    assert "is closed" in answer.content.decode()
    assert "Edit</a>" not in answer.content.decode()
    assert "closed" in errors(desk.client.post(desk.url("order-new"), new))["day"]
    assert Order.objects.count() == 1
    assert Order.objects.get().note == ""


def test_a_copy_begins_with_the_words_of_the_other(desk: Desk) -> None:
    """Not its number nor its barcodes, which belong to one order, nor a day that has passed."""
    order = make_orders(desk.station, desk.shop, 1, day=date(2026, 3, 2), note="ring", recipient="Anna")[0]
    form = desk.client.get(desk.url("order-new"), {"from": order.pk}).context["form"]
    shown = {name: form[name].value() for name in ("recipient", "note", "day", "external_id", "barcodes")}
    assert shown == {
        "recipient": "Anna", "note": "ring", "day": "2026-03-10", "external_id": None, "barcodes": None,
    }  # fmt: skip
    foreign = make_station("TKU")
    other = make_orders(foreign, make_shop(foreign), 1)[0]
    assert desk.client.get(desk.url("order-new"), {"from": other.pk}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"phone": "call Anna"}, "phone", "no phone number"),
        ({"window_start": "12:00", "window_end": "09:00"}, "window_end", "ends before"),
        ({"day": "2026-03-29", "window_start": "03:30"}, "window_start", "clocks skip"),
        ({"address": "x" * 5000}, "address", "limit"),
        ({"note": "y" * 100_000}, "note", "limit"),
        ({"recipient": "a\0b"}, "recipient", "Null"),
        ({"weight_kg": "heavy"}, "weight_kg", "number"),
        ({"pieces": "0"}, "pieces", "between"),
        ({"pieces": "2", "barcodes": "A B C"}, "pieces", "fit"),
        ({"day": "tomorrow"}, "day", "no day"),
        ({"email": "anna@"}, "email", "no e-mail"),
        ({"kind": "return"}, "kind", "valid choice"),
        ({"lat": "north", "lng": "1"}, "address", "number"),
        ({"address": ""}, "address", "neither"),
        ({"service_level": "gold"}, "service_level", "valid choice"),
        ({"skills": "ä!"}, "skills", "skill"),
    ],
)
def test_bad_input_is_a_field_s_error(desk: Desk, typed: dict[str, str], field: str, words: str) -> None:
    """By the rules of API and files; with a summary that leads to the field, and what was typed still there."""
    answer = desk.client.post(desk.url("order-new"), desk.written(**({"address": "Teststreet 1"} | typed)))
    assert answer.status_code == 422
    assert words in errors(answer)[field]
    assert f'href="#id_{field}"' in answer.content.decode()
    assert not Order.objects.exists()


def test_a_clock_time_that_comes_twice_is_said_which(desk: Desk) -> None:
    """25 October 2026, Helsinki: 03:30 comes twice. The window begins with the first."""
    sent = desk.written(address="Teststreet 1", day="2026-10-25", window_start="03:30", window_end="05:00")
    answer = desk.client.post(desk.url("order-new"), sent, follow=True)
    assert "03:30 comes twice on 2026-10-25" in answer.content.decode()
    order = Order.objects.get()
    desk.client.post(desk.url("order-edit", order.pk), desk.written(order, note="x"))
    assert Order.objects.get().window_start == order.window_start


def test_a_foreign_shop_is_none(desk: Desk) -> None:
    other = make_shop(make_station("TKU"))
    for shop in (other.pk, "99999999999999999999999", "x", "-1", ""):
        answer = desk.client.post(desk.url("order-new"), desk.written(address="Teststreet 1", shop=shop))
        assert "shop" in errors(answer)


NASTY = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["", "\0", "9" * 400, "-1", "1e999", "NaN", "24:00", "0000-00-00", "[]", "{}", "\ud800", "null"]
    ),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.dictionaries(st.sampled_from([
    "shop", "external_id", "kind", "service_level", "day", "window_start", "window_end", "phone", "email", "lat",
    "lng", "pieces", "barcodes", "weight_kg", "volume_l", "service_min", "skills", "priority", "seen", "version",
    "postcode", "note",
]), NASTY, max_size=6))  # fmt: skip
def test_nothing_typed_breaks_the_form(desk: Desk, typed: dict[str, str]) -> None:
    """Taken, or refused at a field: never a 500, for new orders and for edited ones."""
    sent = {name: word.encode("utf-8", "replace").decode() for name, word in typed.items()}
    order = Order.objects.filter(state="open").first() or make_orders(desk.station, desk.shop, 1)[0]
    new = desk.client.post(desk.url("order-new"), desk.written(address="Elsewhere 1") | sent)
    edited = desk.client.post(desk.url("order-edit", order.pk), desk.written(order) | sent)
    assert (new.status_code in (302, 422), edited.status_code in (302, 412, 422)) == (True, True)
