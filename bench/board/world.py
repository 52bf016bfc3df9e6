"""Run inside the installation: `lay ORDERS ROUTES`, `move SECONDS HERTZ`, `lock COUNT`. Prints JSON lines."""

import json
import os
import random
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from dispatch.models import LivePosition, Order, Role, Route, Station, Vehicle  # noqa: E402
from dispatch.services.arrangements import arrange  # noqa: E402
from dispatch.services.routes import lock_route  # noqa: E402
from lastmile import live  # noqa: E402
from tests.scenarios import CENTRE, DAY, at, make_fleet, make_orders, make_person, make_shop, make_station  # noqa: E402

SHARE_ON_ROUTES = 0.8
REACH = 0.012
CODE = "BENCH"


def lay(orders: int, routes: int) -> None:
    """So many orders, four of five of them on so many routes, a van with a place for each."""
    station = make_station(CODE, clock_wall=timezone.now())
    fleet = make_fleet(station, DAY, routes)
    made = make_orders(station, make_shop(station), orders, window_start=None, window_end=None)
    dice = random.Random(1)
    for order in made:
        order.lat = CENTRE[0] + dice.uniform(-REACH, REACH)
        order.lng = CENTRE[1] + dice.uniform(-2 * REACH, 2 * REACH)
    Order.objects.bulk_update(made, ["lat", "lng"], batch_size=500)
    each = int(orders * SHARE_ON_ROUTES / routes)
    now = at(station, DAY, 7)
    for number, shift in enumerate(fleet.shifts):
        ids = [order.pk for order in made[number * each : (number + 1) * each]]
        arrange(
            station=station,
            day=DAY,
            sequences={shift.pk: ids},
            versions={},
            what="arranged",
            actor="bench",
            now=now,
        )
    for vehicle in fleet.vehicles:
        LivePosition.objects.create(
            vehicle=vehicle, **_place(dice), heading=0, speed_mps=8, fix_at=station.now()
        )
    make_person("bench", Role.DISPATCHER, station)
    print(json.dumps({"station": station.pk, "day": str(DAY), "routes": routes, "orders": orders}))


def _place(dice: random.Random) -> dict[str, float]:
    return {
        "lat": CENTRE[0] + dice.uniform(-REACH, REACH),
        "lng": CENTRE[1] + dice.uniform(-2 * REACH, 2 * REACH),
    }


def move(seconds: float, hertz: float) -> None:
    """Push every vehicle's place so often, as the publisher of positions does; prints when each frame was sent."""
    station = Station.objects.get(code=CODE)
    ids = list(Vehicle.objects.filter(station=station).values_list("pk", flat=True))
    dice, until = random.Random(2), time.monotonic() + seconds
    places = {pk: _place(dice) for pk in ids}
    number = 0
    while time.monotonic() < until:
        began, number = time.monotonic(), number + 1
        now = station.now().isoformat()
        for place in places.values():
            place["lat"] += dice.uniform(-1, 1) * 1e-4
            place["lng"] += dice.uniform(-1, 1) * 2e-4
        # The first vehicle's heading carries the frame's number to the page.
        vehicles = [
            {"id": pk, **place, "heading": number % 360 if pk == ids[0] else 90, "speed_mps": 8, "at": now}
            for pk, place in places.items()
        ]
        sent = time.time()
        live.push(station.pk, {"type": "live", "name": "vehicles.moved", "data": {"vehicles": vehicles}})
        print(json.dumps({"heading": number % 360, "sent": sent}), flush=True)
        time.sleep(max(0.0, 1 / hertz - (time.monotonic() - began)))


def lock(count: int) -> None:
    """Lock and unlock one route so often, as a dispatcher elsewhere would; prints when each was begun."""
    route = Route.objects.filter(station__code=CODE).order_by("pk").first()
    assert route is not None
    for number in range(count):
        route.refresh_from_db()
        began, locked = time.time(), number % 2 == 0
        lock_route(route=route, version=route.version, locked=locked, actor="bench", now=route.station.now())
        print(json.dumps({"route": route.pk, "locked": locked, "sent": began}), flush=True)
        time.sleep(0.4)


if __name__ == "__main__":
    {"lay": lay, "move": move, "lock": lock}[sys.argv[1]](
        *map(float if sys.argv[1] == "move" else int, sys.argv[2:])
    )
