"""Zones: where a station's areas lie, which vans serve them, and what the planner makes of it."""

from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from dispatch.models import Zone
from dispatch.places.geometry import inside
from dispatch.services import station_settings
from dispatch.services.mapping import RouteTimes, frame_of
from dispatch.services.planning_zones import Zones, within, zone_key
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_shop, make_station

pytestmark = pytest.mark.django_db
NORTH = [[60.17, 24.90], [60.17, 25.0], [60.20, 25.0], [60.20, 24.90]]
SOUTH = [[60.10, 24.90], [60.10, 25.0], [60.17, 25.0], [60.17, 24.90]]


@pytest.fixture
def world() -> Any:
    station = make_station()
    fleet = make_fleet(station, DAY, 1)
    free = {"window_start": None, "window_end": None, "lng": 24.94}
    shop = make_shop(station)
    orders = [make_orders(station, shop, 1, lat=lat, **free)[0] for lat in (60.175, 60.165)]
    zones = [
        Zone.objects.create(station=station, name=n, polygon=p)
        for n, p in (("North", NORTH), ("South", SOUTH))
    ]
    return station, fleet, orders, zones


def walked(world: Any) -> RouteTimes:
    station, fleet, orders, _ = world
    shift, ids = fleet.shifts[0].pk, [order.pk for order in orders]
    return frame_of(station, DAY, {shift: ids}).times(shift, ids)


def codes(world: Any) -> list[tuple[str, int | None]]:
    return [(each["code"], each["order_id"]) for each in walked(world).violations]


def test_a_van_serves_its_zones_only(world: Any) -> None:
    """A stop outside is a broken rule, named with its order; without zones the van goes everywhere."""
    _, fleet, orders, (north, south) = world
    assert codes(world) == []
    van = fleet.vehicles[0]
    van.zones = [north.pk]
    van.save()
    assert codes(world) == [("outside_zone", orders[1].pk)]
    van.zones, van.forbidden_zones = [], [north.pk, south.pk]
    van.save()
    assert codes(world) == [("outside_zone", orders[0].pk), ("outside_zone", orders[1].pk)]


def test_a_zone_that_is_gone_binds_nobody(world: Any) -> None:
    """Otherwise a van whose only zone was deleted would stand still, and nobody could see why."""
    _, fleet, _, (north, _) = world
    van = fleet.vehicles[0]
    van.zones = [north.pk]
    van.save()
    north.delete()
    assert codes(world) == []


def test_leaving_the_area_a_driver_knows_costs_what_the_station_says(world: Any) -> None:
    """Off by default; at a price each stop outside is paid for and shown."""
    station, fleet, orders, (north, _) = world
    driver = fleet.drivers[0]
    driver.home_zones = [north.pk]
    driver.save()
    plain = walked(world)
    assert plain.violations == []
    station_settings.change_settings(
        station=station,
        values={"dials": {"away_from_home": ["soft", 300]}},
        seen={},
        actor="user:b",
        now=at(station, DAY, 8),
    )
    priced = walked(world)
    assert [(each["code"], each["order_id"], each["cents"]) for each in priced.violations] == [
        ("away_from_home", orders[1].pk, 300)
    ]
    assert priced.cost_cents == plain.cost_cents + 300


def test_the_pages_tick_a_stations_own_zones(world: Any) -> None:
    """A manager ticks them; another station's are not offered and not taken."""
    station, fleet, _, (north, south) = world
    other = make_station("OTH")
    foreign = Zone.objects.create(station=other, name="Elsewhere", polygon=NORTH)
    client = Client()
    client.force_login(make_person("boss", "manager", station))
    van, driver = fleet.vehicles[0], fleet.drivers[0]
    url = reverse("fleet-vehicle", args=[station.pk, van.pk])
    shown = client.get(url).content.decode()
    assert "North" in shown
    assert "Elsewhere" not in shown
    data = {
        "name": van.name,
        "type": van.type_id,
        "active": "on",
        "zones": [north.pk],
        "forbidden_zones": [south.pk],
    }
    assert client.post(url, data).status_code == 302
    van.refresh_from_db()
    assert (van.zones, van.forbidden_zones) == ([north.pk], [south.pk])
    assert client.post(url, data | {"zones": [foreign.pk]}).status_code == 200
    url = reverse("fleet-driver", args=[station.pk, driver.pk])
    assert (
        client.post(url, {"name": driver.name, "active": "on", "home_zones": [south.pk]}).status_code == 302
    )
    driver.refresh_from_db()
    assert driver.home_zones == [south.pk]


def test_a_station_without_zones_is_not_asked(world: Any) -> None:
    """Most have none: no empty box on the form."""
    other = make_station("OTH")
    client = Client()
    client.force_login(make_person("boss", "manager", other))
    shown = client.get(reverse("fleet-vehicle-new", args=[other.pk])).content.decode()
    assert "forbidden_zones" not in shown


def test_inside_is_what_geometry_says() -> None:
    """Held against the one-point rule on rings that turn in on themselves, with corners on a level with points."""
    dice = np.random.default_rng(3)
    for _ in range(40):
        ring = dice.integers(0, 6, (int(dice.integers(3, 9)), 2)).astype(float)
        points = dice.integers(0, 6, (60, 2)).astype(float) + dice.choice([0.0, 0.37], (60, 2))
        closed = [(east, north) for north, east in [*ring.tolist(), ring[0].tolist()]]
        expected = [inside((east, north), closed) for north, east in points.tolist()]
        assert within(points, ring).tolist() == expected


def test_places_lie_in_all_zones_over_them(world: Any) -> None:
    """Areas may overlap; one without corners is none."""
    station, _, _, (north, south) = world
    over = Zone.objects.create(
        station=station, name="Over", polygon=[[60.1, 24.9], [60.1, 25], [60.3, 25], [60.3, 24.9]]
    )
    Zone.objects.create(station=station, name="Blank", polygon=[])
    found = Zones(station).of(np.array([[60.18, 24.95], [60.12, 24.95], [10.0, 10.0]]))
    assert found == [
        frozenset({zone_key(north.pk), zone_key(over.pk)}),
        frozenset({zone_key(south.pk), zone_key(over.pk)}),
        frozenset(),
    ]
