"""The board's log: who did what, in words, newest first."""

import pytest
from django.test import Client

from dispatch.models import Role
from dispatch.selectors.dispatch_log import PAGE
from dispatch.services import moves, undo
from dispatch.services.moves import Move
from lastmile import bus
from lastmile.kernel import events
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station

pytestmark = pytest.mark.django_db


def read(client: Client, station, query="") -> dict:
    return client.get(f"/api/v1/stations/{station.pk}/log/{query}").json()


def test_it_tells_who_did_what():
    """A move and its undoing are two lines with the name of who did them and the route they are about."""
    station = make_station()
    fleet, orders = make_fleet(station), make_orders(station, make_shop(station), 4)
    route = make_route(station, DAY, orders[:2], fleet.shifts[0])
    common = {"station": station, "day": DAY, "actor": "user:ann", "now": at(station, DAY, 9)}
    moves.move_orders(move=Move([orders[3].pk], route_id=route.pk), versions={}, **common)
    undo.undo(**common)
    client = Client()
    client.force_login(make_person("ann", Role.DISPATCHER, station))
    entries = read(client, station)["entries"]
    assert [(each["actor"], each["words"]) for each in entries] == [
        ("ann", "1 route: taken back."),
        ("ann", "1 route: moved."),
    ]
    assert entries[0]["route_ids"] == [route.pk]
    assert entries[1]["order_ids"] == [orders[3].pk]


def test_it_goes_back_page_by_page(django_assert_max_num_queries):
    """Neither machinery nor another station's work is in it; a wrong address gets an answer."""
    station, other = make_station(), make_station("OTH")
    for number in range(PAGE + 5):
        event = events.FleetChanged(station_id=(station, other)[number % 10 == 9].pk, day=str(DAY))
        bus.publish(event, actor="user:ann", at=at(station, DAY, 8))
    bus.publish(events.EtaChanged(station_id=station.pk, route_ids=[]), actor="x", at=at(station, DAY, 8))
    client = Client()
    client.force_login(make_person("ann", Role.DISPATCHER, station))
    with django_assert_max_num_queries(9):
        first = read(client, station)
    assert len(first["entries"]) == PAGE
    assert not first["more"]
    rest = read(client, station, f"?before={first['entries'][10]['id']}")
    assert len(rest["entries"]) == PAGE - 11
    assert client.get(f"/api/v1/stations/{station.pk}/log/?before=soon").status_code == 400
