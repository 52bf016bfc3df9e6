"""One form sent twice at the same moment, from two tabs: one effect, and no fault in either tab."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from dispatch.models import (
    Absence,
    Driver,
    Holiday,
    Invitation,
    Membership,
    Outage,
    RecurringOrder,
    ServiceLevel,
    Shift,
    ShopToken,
    StationDay,
    Vehicle,
)
from lastmile.models import Event, User
from tests.authorization.world import World, make_world
from tests.dispatch.test_setup import FLEET
from tests.dispatch.test_shops_page import FORM as TOKEN
from tests.dispatch.test_station_settings import form_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
Values = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A page's form, and what it may change once: `rows` counts it before and after."""

    url: Callable[[World], str]
    data: Callable[[World], Values]
    rows: Callable[[World], int]
    effect: int = 1
    role: str = "manager"


def at(name: str, *ids: str, query: str = "") -> Callable[[World], str]:
    return lambda world: (
        reverse(name, args=[world.own.station.pk, *(world.own.ids[i] for i in ids)])
        + query.format(day=soon(world))
    )


def soon(world: World) -> str:
    """A day ahead on which nothing is planned yet."""
    return str(world.own.station.now().date() + timedelta(days=9))


def told(name: str, **data: Any) -> Callable[[World], int]:
    """How often the ledger has heard of it."""
    return lambda world: Event.objects.filter(name=name, **{f"data__{k}": v for k, v in data.items()}).count()


def count(model: Any, **where: Any) -> Callable[[World], int]:
    return lambda world: model.objects.filter(**where).count()


def rendered(world: World, url: str, key: str, role: str = "manager") -> Any:
    """What a page shows before it is sent: the mark of its version."""
    return world.clients[role].get(url).context[key]


def a_free_shift(world: World) -> str:
    """One without a route."""
    shift = Shift.objects.get(pk=world.own.ids["shift_id"])
    later = timedelta(days=400)
    Shift.objects.filter(vehicle=shift.vehicle, start__gt=shift.start).delete()
    free = Shift.objects.create(
        station=shift.station, vehicle=shift.vehicle, driver=shift.driver, day=shift.day + later,
        start=shift.start + later, end=shift.end + later,
    )  # fmt: skip
    world.own.ids["shift_id"] = free.pk
    return at("fleet-shift", "shift_id")(world)


def removal(world: World) -> Values:
    mark = rendered(world, at("fleet-shift", "shift_id")(world), "row").mark
    return {"action": "remove", "mark": mark}


def settings_of(world: World) -> Values:
    sent = form_of(world.clients["manager"], world.own.station, "targets")
    return sent | {"target_on_time_pct": 83}


def series(world: World) -> Values:
    return {
        "name": "Bread twice", "shop": world.own.ids["shop_id"], "kind": "delivery", "weekdays": ["0", "1", "2"],
        "first_day": soon(world), "address": "Testikatu 1", "recipient": "Café", "phone": "040 1234567",
        "window_start": "08:00", "window_end": "10:00",
    }  # fmt: skip


def paused(world: World) -> Values:
    version = RecurringOrder.objects.get(pk=world.own.ids["recurring_id"]).version
    return {"do": "pause", "version": version}


def new_shift(world: World) -> Values:
    return {"vehicle": world.own.ids["vehicle_id"], "driver": world.own.ids["driver_id"], "day": soon(world),
            "start": "08:00", "end": "14:00"}  # fmt: skip


def days(world: World, **more: Any) -> Values:
    return {"first_day": soon(world), "last_day": soon(world), "reason": "x"} | more


PERSON = {"full_name": "Twice Person", "email": "twice@example.org", "role": "dispatcher"}

FORMS = {
    "invite": Form(
        at("invite"), lambda w: PERSON, count(Invitation, email="twice@example.org", revoked_at=None)
    ),
    "invitation-renew": Form(
        at("invitation-renew", "invitation_id"),
        lambda w: {},
        count(Invitation, revoked_at=None, used_at=None),
        0,
    ),
    "invitation-revoke": Form(
        at("invitation-revoke", "invitation_id"),
        lambda w: {},
        told("person.changed", what="invitation_revoked"),
    ),
    "give": Form(
        at("person-give", "user_id"), lambda w: {"role": "dispatcher"}, count(Membership, role="dispatcher")
    ),
    "take": Form(
        at("person-take", "user_id"), lambda w: {"role": "floor"}, count(Membership, role="floor"), -1
    ),
    "remove": Form(at("person-remove", "user_id"), lambda w: {}, count(Membership, role="floor"), -1),
    "shop-token": Form(
        at("shop", "shop_id"),
        lambda w: TOKEN | {"name": "twice"},
        count(ShopToken, name="twice"),
    ),
    "shop-token-revoke": Form(
        at("shop-token-revoke", "shop_id", "token_id"), lambda w: {}, told("token.changed", what="revoked")
    ),
    "recurring-new": Form(at("recurring-new"), series, count(RecurringOrder, name="Bread twice")),
    "recurring-change": Form(
        at("recurring-change", "recurring_id"),
        paused,
        lambda w: RecurringOrder.objects.get(pk=w.own.ids["recurring_id"]).version,
    ),
    "station-settings": Form(at("station-settings"), settings_of, told("settings.changed")),
    "holiday": Form(
        at("settings-holiday-new"), lambda w: {"day": soon(w), "name": "Twice"}, count(Holiday, name="Twice")
    ),
    "holiday-remove": Form(at("settings-holiday-remove", "holiday_id"), lambda w: {}, count(Holiday), -1),
    "level": Form(
        at("settings-level-new"),
        lambda w: {"code": "twice", "name": "Twice", "days_after": 1, "cutoff": "10:00", "active": "on"},
        count(ServiceLevel, code="twice"),
    ),
    "fleet-shift-new": Form(at("fleet-shift-new", query="?day={day}"), new_shift, count(Shift)),
    "fleet-shift": Form(a_free_shift, removal, count(Shift, active=True), -1),
    "fleet-away": Form(
        at("fleet-away", query="?day={day}"), lambda w: days(w, driver=w.own.ids["driver_id"]), count(Absence)
    ),
    "fleet-out": Form(
        at("fleet-out", query="?day={day}"), lambda w: days(w, vehicle=w.own.ids["vehicle_id"]), count(Outage)
    ),
    "fleet-back": Form(
        at("fleet-back", "absence_id"), lambda w: {"back_on": "2026-03-01"}, count(Absence), -1
    ),
    "fleet-driver-new": Form(
        at("fleet-driver-new"), lambda w: {"name": "Twice", "active": "on"}, count(Driver, name="Twice")
    ),
    "fleet-vehicle-new": Form(
        at("fleet-vehicle-new"),
        lambda w: {
            "name": "Twice",
            "type": Vehicle.objects.get(pk=w.own.ids["vehicle_id"]).type_id,
            "active": "on",
        },
        count(Vehicle, name="Twice"),
    ),
    "day-close": Form(
        at("day-close", query="?day=2026-03-07"),
        lambda w: {"day": "2026-03-07"},
        count(StationDay, day="2026-03-07", closed_at__isnull=False),
    ),
    "setup-manager": Form(
        at("setup-manager"),
        lambda w: {"who": "other", "full_name": "Mia", "email": "mia@example.org"},
        count(Invitation, email="mia@example.org", revoked_at=None),
        role="admin",
    ),
    "setup-fleet": Form(
        at("setup-fleet"), lambda w: FLEET, count(Driver, name="Aino Virtanen"), role="admin"
    ),
}


def at_once(clients: list[Client], url: str, data: Values) -> list[int]:
    """The statuses of the same request, sent by all at the same moment."""
    ready, statuses = threading.Barrier(len(clients)), []

    def send(client: Client) -> None:
        client.raise_request_exception = False
        try:
            ready.wait(timeout=20)
            statuses.append(client.post(url, data).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def second_tab(world: World, role: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=world.people[role].pk))
    return client


@pytest.mark.parametrize("name", FORMS)
def test_the_same_form_from_two_tabs(name: str) -> None:
    """A double click, a slow answer and a second press: the second is told or finds it done."""
    form, world = FORMS[name], make_world()
    url, data = form.url(world), form.data(world)
    before = form.rows(world)
    statuses = at_once([world.clients[form.role], second_tab(world, form.role)], url, data)
    assert len(statuses) == 2
    assert all(status < 500 for status in statuses), statuses
    assert any(status < 400 for status in statuses), f"neither got through: {statuses}"
    effect = form.rows(world) - before
    assert effect == form.effect, (effect, statuses)
