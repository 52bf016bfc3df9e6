"""The line a van has driven: believed fixes in order of time, thinned, and not for those who may not see doors."""

from datetime import timedelta

import pytest
from django.test import Client

from dispatch.lifecycle import RouteState
from dispatch.models import Role
from lastmile.kernel.geo import decode_polyline
from tests.scenarios import DAY, at, make_fleet, make_orders, make_person, make_route, make_shop, make_station
from tracking.models import Device, Position
from tracking.selectors.tracks import MOST, track_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def driven():
    station = make_station()
    fleet, orders = make_fleet(station), make_orders(station, make_shop(station), 2)
    route = make_route(station, DAY, orders, fleet.shifts[0], RouteState.DEPARTED)
    device = Device.objects.create(driver=fleet.drivers[0], token_hash="x")
    return station, route, device


def fixes(driven, places, **fields):
    station, route, device = driven
    first = Position.objects.count()
    Position.objects.bulk_create(
        Position(
            device=device, seq=first + n, vehicle=route.vehicle, route=route, lat=lat, lng=lng,
            fix_at=at(station, DAY, 9) + timedelta(seconds=first + n),
            device_at=at(station, DAY, 9), server_at=at(station, DAY, 9), **fields,
        )
        for n, (lat, lng) in enumerate(places)
    )  # fmt: skip


def test_believed_fixes_in_order_of_time(driven):
    """A jump to another town is no way that was driven, and standing is one point."""
    fixes(driven, [(60.17, 24.94), (60.17, 24.94), (60.171, 24.95)])
    fixes(driven, [(10.0, 10.0)], flags="jump")
    assert decode_polyline(track_of(driven[1])) == [(60.17, 24.94), (60.171, 24.95)]


def test_a_long_day_is_thinned_from_end_to_end(driven):
    """As many points as a screen can show, the first and the last among them."""
    places = [(60.0 + n * 1e-4, 24.9) for n in range(3 * MOST)]
    fixes(driven, places)
    line = decode_polyline(track_of(driven[1]))
    assert len(line) == MOST
    assert line[0] == (60.0, 24.9)
    assert line[-1][0] == pytest.approx(places[-1][0])


def test_who_may_not_see_doors_does_not_see_the_way(driven):
    """An auditor gets no line, a stranger no route."""
    station, route, _ = driven
    fixes(driven, [(60.17, 24.94), (60.171, 24.95)])
    lines = {}
    for role, where in (
        (Role.DISPATCHER, station),
        (Role.AUDITOR, station),
        (Role.DISPATCHER, make_station("OTH")),
    ):
        client = Client()
        client.force_login(make_person(f"{role}-{where.code}", role, where))
        answer = client.get(f"/api/v1/routes/{route.pk}/track/")
        lines[f"{role}-{where.code}"] = answer.json().get("line", answer.status_code)
    assert lines["dispatcher-HEL"]
    assert lines["auditor-HEL"] == ""
    assert lines["dispatcher-OTH"] == 404
