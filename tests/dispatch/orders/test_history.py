"""An order's events are found by their links, and those of the last moment without."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.models import DeliveryException, OrderEvent
from dispatch.selectors.order_history import order_history
from dispatch.services.orders import cancel_order, locate_order
from lastmile import bus
from lastmile.models import Event
from tests.scenarios import DAY, make_orders, make_shop, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def orders() -> Any:
    station = make_station()
    return make_orders(station, make_shop(station), 3)


def test_what_was_done_just_now_is_shown_before_and_after_it_is_linked(orders: Any) -> None:
    """The page after a button must not say that nothing happened, only because a subscriber sleeps."""
    now = orders[0].station.now()
    locate_order(order=orders[0], lat=60.17, lng=24.94, version=1, actor="user:a", now=now)
    cancel_order(order=orders[1], actor="user:b", now=now)
    cancel_order(order=orders[0], actor="user:b", now=now + timedelta(minutes=1))
    before = [event.data["what"] for event in order_history(orders[0])]
    assert before == ["cancelled", "located"]
    assert not OrderEvent.objects.exists()
    bus.drain()
    assert [event.data["what"] for event in order_history(orders[0])] == before
    assert OrderEvent.objects.filter(order=orders[0]).count() == 2
    assert [event.data["what"] for event in order_history(orders[1])] == ["cancelled"]


def test_an_alert_is_told_of_the_orders_at_risk(orders: Any) -> None:
    """Its event names the alert alone."""
    station = orders[0].station
    alert = DeliveryException.objects.create(
        station=station, day=DAY, kind="late", key="k", words="Late.", raised_at=station.now()
    )
    alert.orders.add(orders[2])
    Event.objects.create(
        station_id=station.pk, name="exception.changed", actor="system:x", at=station.now(),
        data={"what": "raised", "exception_id": alert.pk},
    )  # fmt: skip
    bus.drain()
    assert [len(order_history(order)) for order in orders] == [0, 0, 1]


def test_told_twice_is_once_and_a_deleted_order_is_no_fault(orders: Any) -> None:
    """Subscribers hear every event at least once; demo data goes while events wait."""
    from dispatch.services.order_links import link_event

    gone = orders[2].pk
    event = Event.objects.create(
        station_id=1, name="orders.changed", actor="x", at=orders[0].station.now(),
        data={"what": "created", "order_ids": [orders[0].pk, gone]},
    )  # fmt: skip
    orders[2].parcels.all().delete()
    orders[2].delete()
    for _ in range(2):
        link_event(event)
    assert list(OrderEvent.objects.values_list("order_id", flat=True)) == [orders[0].pk]


def test_the_ledger_may_grow(orders: Any) -> None:
    """Four queries, and none of them reads the JSON of other orders' events."""
    station = orders[0].station
    for _ in range(30):
        cancel_order(order=orders[1], actor="user:a", now=station.now())
    bus.drain()
    with CaptureQueriesContext(connection) as queries:
        order_history(orders[0])
    assert len(queries) == 4
