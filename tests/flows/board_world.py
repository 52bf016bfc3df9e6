"""Run inside a system under test: `lay CODE`, `seen STATION VAN AGE_S SPEED`, `trouble STATION`; prints JSON."""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from dispatch.models import LivePosition, Parcel, Role, Route, Station, Vehicle, VehicleType, Zone  # noqa: E402
from dispatch.services.arrangements import arrange  # noqa: E402
from dispatch.services.exceptions import raise_exception  # noqa: E402
from dispatch.services.routes import depart_route, release_route  # noqa: E402
from dispatch.services.visits import Report, fail_stop  # noqa: E402
from tests.scenarios import CENTRE, DAY, at, make_fleet, make_orders, make_person, make_shop, make_station  # noqa: E402

VANS, ORDERS, ON_ROUTES = 5, 26, 6


def lay(code: str) -> None:
    """Routes R1 to R3 of six stops each, two vans without a route, eight orders in the pool, two dispatchers."""
    station = make_station(code, clock_wall=timezone.now(), plan_limit_s=2)
    fleet = make_fleet(station, DAY, VANS)
    orders = make_orders(station, make_shop(station), ORDERS)
    VehicleType.objects.update(capacity_pieces=10)  # so that nobody's work fits into one van
    ids = [order.pk for order in orders]
    orders[-1].skills = ["crane"]  # which no van has
    orders[-1].save()
    north = [[CENTRE[0] + 0.004, 24.8], [CENTRE[0] + 0.004, 25.1], [60.3, 25.1], [60.3, 24.8]]
    Zone.objects.create(station=station, name="North", polygon=north)
    sequences = {fleet.shifts[n].pk: ids[n : 3 * ON_ROUTES : 3] for n in range(3)}
    now = at(station, DAY, 7)
    arrange(
        station=station, day=DAY, sequences=sequences, versions={}, what="arranged", actor="system", now=now
    )
    names = [f"ann-{code.lower()}", f"bob-{code.lower()}"]
    for name in names:
        make_person(name, Role.DISPATCHER, station)
    make_person(f"finn-{code.lower()}", Role.FLOOR, station)
    routes = Route.objects.filter(station=station).order_by("name")
    aboard = Parcel.objects.filter(order__visits__stop__route__station=station).order_by("pk")
    cargo: dict[str, list[str]] = {}
    for name, barcode in aboard.values_list("order__visits__stop__route__name", "barcode"):
        cargo.setdefault(name, []).append(barcode)
    world = {
        "floor": f"finn-{code.lower()}",
        "cargo": cargo,
        "station": station.pk,
        "day": str(DAY),
        "names": names,
        "routes": {route.name: route.pk for route in routes},
        "pool": ids[3 * ON_ROUTES :],
    }
    print(json.dumps(world))


def seen(station_id: str, van: str, age_s: str, speed: str) -> None:
    """Say where a van was so long ago, eastward bound."""
    station = Station.objects.get(pk=station_id)
    vehicle = Vehicle.objects.filter(station=station).order_by("pk")[int(van)]
    place = {"lat": CENTRE[0] + 0.001 * int(van), "lng": CENTRE[1] + 0.002, "heading": 90.0}
    fix = {"speed_mps": float(speed), "fix_at": station.now() - timedelta(seconds=int(age_s))}
    LivePosition.objects.update_or_create(vehicle=vehicle, defaults=place | fix)


def trouble(station_id: str) -> None:
    """R1 is on the road: its first delivery failed, and it will be late at its third stop."""
    station = Station.objects.get(pk=station_id)
    now = station.now()
    route = Route.objects.get(station=station, name="R1")
    release_route(route=route, version=route.version, overrides={}, actor="test", now=now)
    route.refresh_from_db()
    depart_route(route=route, actor="test", now=now)
    first, _, third = route.stops.order_by("sequence")[:3]
    fail_stop(
        stop=first,
        report=Report("failed", now),
        reason="refused",
        order_ids=None,
        driver=route.driver,
        actor="test",
        now=now,
    )
    raise_exception(
        station=station,
        day=DAY,
        kind="late",
        severity=3,
        key="late:test",  # the watch minds its own only, while the route is on the road
        words="Trouble on R1",
        route=route,
        stop=third,
        order_ids=list(third.visits.values_list("order_id", flat=True)),
        now=now,
        actor="test",
    )


if __name__ == "__main__":
    {"lay": lay, "seen": seen, "trouble": trouble}[sys.argv[1]](*sys.argv[2:])
