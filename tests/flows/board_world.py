"""Run inside a system under test: `CODE` lays a station with three draft routes and a pool, prints JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from dispatch.models import Role, Route, VehicleType, Zone  # noqa: E402
from dispatch.services.arrangements import arrange  # noqa: E402
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
    routes = Route.objects.filter(station=station).order_by("name")
    world = {
        "station": station.pk,
        "day": str(DAY),
        "names": names,
        "routes": {route.name: route.pk for route in routes},
        "pool": ids[3 * ON_ROUTES :],
    }
    print(json.dumps(world))


if __name__ == "__main__":
    lay(sys.argv[1])
