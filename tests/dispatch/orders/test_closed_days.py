"""A day that somebody names may be a rest day of the station: it is taken, and they are told at once."""

from datetime import date
from typing import Any

import pytest

from dispatch.models import Holiday, Order, RecurringOrder
from tests.dispatch.orders.conftest import Desk
from tests.scenarios import DAY, make_orders, make_person

pytestmark = pytest.mark.django_db
HOLIDAY, SATURDAY, OPEN = "2026-03-11", "2026-03-14", "2026-03-12"
DAYS = pytest.mark.parametrize(("day", "warned"), [(HOLIDAY, True), (SATURDAY, True), (OPEN, False)])


@pytest.fixture
def rests(desk: Desk) -> Desk:
    """Open on workdays, but not on one of them."""
    desk.station.open_days = [0, 1, 2, 3, 4]
    desk.station.save()
    Holiday.objects.create(station=desk.station, day=HOLIDAY, name="Founders")
    return desk


def warned_of(answer: Any) -> bool:
    return '<li class="notice notice--warning">The station is closed on' in answer.text


@DAYS
def test_an_order_by_hand(rests: Desk, day: str, warned: bool) -> None:
    sent = rests.written(address="Teststreet 1", day=day)
    answer = rests.client.post(rests.url("order-new"), sent, follow=True)
    assert warned_of(answer) is warned
    assert Order.objects.get().day == date.fromisoformat(day)


@DAYS
def test_an_order_that_is_edited(rests: Desk, day: str, warned: bool) -> None:
    """Said when the day is named, not with every later word."""
    order = make_orders(rests.station, rests.shop, 1, window_start=None, window_end=None)[0]
    address = rests.url("order-edit", order.pk)
    answer = rests.client.post(address, rests.written(order, day=day), follow=True)
    assert warned_of(answer) is warned
    order.refresh_from_db()
    assert order.day == date.fromisoformat(day)
    assert not warned_of(rests.client.post(address, rests.written(order, note="ring"), follow=True))


@DAYS
def test_many_orders_moved(rests: Desk, day: str, warned: bool) -> None:
    orders = make_orders(rests.station, rests.shop, 2)
    sent = {"do": "move", "day": day, "order": [f"{order.pk}:{order.version}" for order in orders]}
    assert warned_of(rests.client.post(rests.url("orders-bulk"), sent)) is warned
    assert set(Order.objects.values_list("day", flat=True)) == {date.fromisoformat(day)}


@DAYS
def test_a_day_that_is_copied(rests: Desk, day: str, warned: bool) -> None:
    rests.client.force_login(make_person("mia", "manager", rests.station))
    make_orders(rests.station, rests.shop, 1)
    answer = rests.client.post(f"{rests.url('day-copy')}?day={DAY}", {"to": day}, follow=True)
    assert warned_of(answer) is warned
    assert Order.objects.filter(day=day).count() == 1


@pytest.mark.parametrize(("weekdays", "said"), [("0156", "Saturday, Sunday"), ("01", "")])
def test_a_series(rests: Desk, weekdays: str, said: str) -> None:
    """No order is made on those days; who chose them should not find out on a Saturday."""
    sent = {
        "name": "Bread", "shop": rests.shop.pk, "kind": "delivery", "weekdays": list(weekdays), "first_day": DAY,
        "address": "Teststreet 1", "window_start": "08:00", "window_end": "10:00",
    }  # fmt: skip
    answer = rests.client.post(rests.url("recurring-new"), sent, follow=True)
    assert RecurringOrder.objects.count() == 1
    assert warned_of(answer) is bool(said)
    assert f"made for them: {said}." in answer.text or not said
