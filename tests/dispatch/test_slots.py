"""Windows to offer for an order, by what it would cost in the day as it is planned now."""

from typing import Any

import pytest
from django.test import Client

from dispatch.models import Order
from dispatch.services.mapping import frame_of, orders_of
from tests.scenarios import (
    DAY,
    at,
    make_fleet,
    make_orders,
    make_person,
    make_route,
    make_shop,
    make_station,
    place,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    station = make_station(opens_at="08:00", closes_at="15:00")
    fleet = make_fleet(station, DAY, 1)
    orders = make_orders(station, make_shop(station), 6, window_start=None, window_end=None)
    route = make_route(station, DAY, orders, fleet.shifts[0])
    client = Client()
    client.force_login(make_person("dora", "dispatcher", station))
    return station, fleet, orders, route, client


def ask(client: Client, station: Any, **row: Any) -> Any:
    lat, lng = place(11)
    body = {"day": str(DAY), "lat": lat, "lng": lng} | row
    url = f"/api/v1/stations/{station.pk}/slots/"
    return client.post(url, body, content_type="application/json")


def test_each_slot_costs_what_the_order_really_costs_there(world: Any) -> None:
    """The price of a window is the cheapest walk of the route with the order in it and that window promised."""
    station, fleet, _, route, client = world
    found = ask(client, station, windows=["09:00-10:00", "13:00–14:00"]).json()["slots"]
    assert len(found) == 2
    assert [each["cents"] for each in found] == sorted(each["cents"] for each in found)
    shift, ids = fleet.shifts[0].pk, orders_of(route)
    lat, lng = place(11)
    new = make_orders(station, make_shop(station, "other"), 1, lat=lat, lng=lng)[0]
    before = frame_of(station, DAY, {shift: ids}).times(shift, ids).cost_cents
    for slot in found:
        Order.objects.filter(pk=new.pk).update(window_start=slot["start"], window_end=slot["end"])
        frame = frame_of(station, DAY, {shift: [*ids, new.pk]})
        walks = [frame.times(shift, [*ids[:k], new.pk, *ids[k:]]) for k in range(len(ids) + 1)]
        assert slot["cents"] == min(times.cost_cents for times in walks if not times.violations) - before
        assert slot["start"] <= slot["served"] <= slot["end"]


def test_the_usual_windows_are_two_hours_of_the_opening(world: Any) -> None:
    """Who names none is offered those; the last one ends when the station closes, and none is later than the shift."""
    station, *_, client = world
    found = ask(client, station).json()["slots"]
    hours = sorted((each["start"][11:16], each["end"][11:16]) for each in found)
    utc = [("06:00", "08:00"), ("08:00", "10:00"), ("10:00", "12:00"), ("12:00", "13:00")]
    assert hours == utc


def test_an_order_of_the_plan_is_asked_as_if_it_were_not_in_it(world: Any) -> None:
    """Editing an order, its own place on the route is free for it."""
    station, _, orders, _, client = world
    first = orders[0]
    body = {"lat": first.lat, "lng": first.lng, "order_id": first.pk}
    known = ask(client, station, **body).json()["slots"]
    new = ask(client, station, lat=first.lat, lng=first.lng).json()["slots"]
    assert known
    assert new[0]["cents"] <= known[0]["cents"], (
        "a second order at a door that is visited anyway is nearly free"
    )


def test_what_cannot_be_carried_fits_nowhere(world: Any) -> None:
    """An empty list, not an error: the form says so."""
    station, *_, client = world
    assert ask(client, station, skills="crane").json() == {"slots": []}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"windows": ["12:00-11:00"]}, "bad_window"),
        ({"windows": ["noon"]}, "bad_window"),
        ({"windows": "09:00-10:00"}, "bad_window"),
        ({"windows": ["09:00-10:00"] * 25}, "bad_window"),
        ({"lat": None, "lng": None, "address": "Nowhere Lane 99"}, "not_found_address"),
        ({"weight_kg": "heavy"}, "not_a_number"),
        ({"colour": "red"}, "unknown_field"),
        ({"day": "2026-13-01"}, "bad_day"),
    ],
)
def test_bad_questions_are_refused_with_a_code(world: Any, row: dict[str, Any], code: str) -> None:
    """At the edge, before anything is worked out."""
    station, *_, client = world
    answer = ask(client, station, **row)
    assert 400 <= answer.status_code < 500
    assert answer.json()["code"] == code


def test_another_stations_order_is_not_held_up(world: Any) -> None:
    """Its place would say where another station's recipient lives."""
    station, *_, client = world
    other = make_station("OTH")
    foreign = make_orders(other, make_shop(other), 1)[0]
    assert ask(client, station, order_id=foreign.pk).status_code == 404
    assert at(station, DAY, 8) == station.now().replace(second=0, microsecond=0)
