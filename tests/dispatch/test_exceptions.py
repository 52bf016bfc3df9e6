"""Delivery exceptions: one per cause, moved by people, resolved once; strangers see none."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client

from dispatch.models import DeliveryException
from dispatch.services.exceptions import (
    acknowledge_exception,
    raise_exception,
    resolve_exception,
    snooze_exception,
    wake_exceptions,
)
from lastmile.kernel.errors import LastmileError
from lastmile.models import Event
from tests.scenarios import DAY, make_orders, make_person, make_route, make_shop, make_station

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("Europe/Helsinki"))


@pytest.fixture
def world(db):
    station = make_station()
    orders = make_orders(station, make_shop(station), 2)
    return station, make_route(station, DAY, orders, state="departed"), orders


def alarm(world, words="Route R1 will be 25 min late", orders=None, severity=2):
    station, route, known = world
    return raise_exception(
        station=station,
        day=DAY,
        kind="late",
        severity=severity,
        key="late:route:1",
        words=words,
        route=route,
        stop=None,
        order_ids=[order.pk for order in (known if orders is None else orders)],
        now=NOW,
        actor="system:watch",
    )


def told():
    rows = Event.objects.filter(name="exception.changed").order_by("id")
    return [row.data["what"] for row in rows]


def test_one_per_cause_told_only_when_it_changes(world):
    """The watch looks every few seconds; screens must hear of a late route once, then of changes only."""
    first = alarm(world)
    assert alarm(world).pk == first.pk
    assert told() == ["raised"]
    alarm(world, words="Route R1 will be 40 min late")
    alarm(world, words="Route R1 will be 40 min late", orders=world[2][:1])
    assert told() == ["raised", "updated", "updated"]
    assert DeliveryException.objects.get().orders.count() == 1


def test_after_it_is_resolved_the_same_cause_is_a_new_exception(world):
    """History stays: the second time is another row."""
    first = resolve_exception(exception=alarm(world), actor="system:watch", now=NOW)
    assert (first.state, first.resolved_at) == ("resolved", NOW)
    assert alarm(world).pk != first.pk


def test_resolving_twice_is_told_once(world):
    """The watch and a dispatcher may resolve at the same moment."""
    row = alarm(world)
    resolve_exception(exception=row, actor="a", now=NOW)
    resolve_exception(exception=row, actor="b", now=NOW)
    assert told() == ["raised", "resolved"]


def test_an_acknowledged_one_is_not_raised_again(world):
    """Who takes care must not be alarmed anew, and the first one is the one named."""
    row = acknowledge_exception(exception=alarm(world), actor="user:anna", now=NOW)
    acknowledge_exception(exception=row, actor="user:ben", now=NOW)
    again = alarm(world)
    assert (again.pk, again.state, again.acknowledged_by) == (row.pk, "acknowledged", "user:anna")


def test_a_snoozed_one_wakes_when_its_time_is_over(world):
    """Out of sight is not forgotten."""
    row = snooze_exception(exception=alarm(world), minutes=10, actor="user:anna", now=NOW)
    assert wake_exceptions(station=world[0], now=NOW + timedelta(minutes=9)) == 0
    assert wake_exceptions(station=world[0], now=NOW + timedelta(minutes=10)) == 1
    row.refresh_from_db()
    assert (row.state, row.snoozed_until) == ("open", None)


@pytest.mark.parametrize("minutes", [0, -1, 24 * 60 + 1])
def test_a_senseless_snooze_is_refused(world, minutes):
    """A snooze for years would be a silent delete."""
    with pytest.raises(LastmileError) as refused:
        snooze_exception(exception=alarm(world), minutes=minutes, actor="user:anna", now=NOW)
    assert refused.value.field == "minutes"


def test_what_is_resolved_cannot_be_acknowledged(world):
    """The table of moves holds at this door too."""
    row = resolve_exception(exception=alarm(world), actor="a", now=NOW)
    with pytest.raises(LastmileError) as refused:
        acknowledge_exception(exception=row, actor="user:anna", now=NOW)
    assert refused.value.code == "illegal_move"


def test_the_database_keeps_one_per_cause(world):
    """Even a service that forgot to look cannot raise a second one."""
    row = alarm(world)
    row.pk = None
    with pytest.raises(Exception, match=r"UNIQUE|unique"), transaction.atomic():
        row.save()


def client_of(username, role, station):
    client = Client()
    client.force_login(make_person(username, role, station))
    return client


def test_dispatchers_answer_by_the_api_and_strangers_see_nothing(world):
    """The owner may, the wrong role may not, and for a stranger the row does not exist."""
    row, other = alarm(world), make_station("TKU")
    url = f"/api/v1/exceptions/{row.pk}/"
    assert client_of("eve", "dispatcher", other).post(f"{url}acknowledge/").status_code == 404
    assert client_of("dora", "driver", world[0]).post(f"{url}acknowledge/").status_code == 403
    assert Client().post(f"{url}acknowledge/").status_code in (401, 403)
    anna = client_of("anna", "dispatcher", world[0])
    card = anna.post(f"{url}acknowledge/").json()
    assert (card["state"], card["acknowledged_by"]) == ("acknowledged", "user:anna")
    bad = anna.post(f"{url}snooze/", {"minutes": "soon"}, content_type="application/json")
    assert (bad.status_code, bad.json()["field"]) == (400, "minutes")
    assert (
        anna.post(f"{url}snooze/", {"minutes": 5}, content_type="application/json").json()["state"]
        == "snoozed"
    )
    assert anna.post(f"{url}resolve/").json()["state"] == "resolved"
