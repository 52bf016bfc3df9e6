"""Run inside a system under test: `lay VANS`, `doors COUNT` print JSON; `clock STATION HH:MM` moves its time."""

import json
import os
import sys
from datetime import time, timedelta
from itertools import islice

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from dispatch.models import Role, Shift, Station  # noqa: E402
from dispatch.places.match import Verdict  # noqa: E402
from dispatch.places.sample import doors, draw  # noqa: E402
from dispatch.services.city import open_city  # noqa: E402
from dispatch.services.clocks import set_clock  # noqa: E402
from tests.scenarios import DAY, at, make_fleet, make_person, make_shop, make_station  # noqa: E402
from tracking.services.devices import issue_device  # noqa: E402


def lay(vans: int) -> None:
    """What a dispatcher needs before the first order comes in, and real addresses to order to."""
    station = make_station(clock_wall=timezone.now(), plan_limit_s=5)
    shop = make_shop(station, code="shop", name="Kauppa Oy")
    fleet = make_fleet(station, DAY, vans, capacity_pieces=20)
    Shift.objects.filter(station=station).update(
        start=at(station, DAY, 7, 30), end=at(station, DAY, 8) + timedelta(hours=9)
    )
    for name in ("dora", "dina"):
        make_person(name, Role.DISPATCHER, station)
    world = {
        "station": station.pk,
        "shop": shop.pk,
        "day": str(DAY),
        "tokens": {d.pk: issue_device(driver=d, now=station.now(), name="phone") for d in fleet.drivers},
        "doors": real_doors(80),
    }
    print(json.dumps(world))


def real_doors(count: int) -> list[tuple[str, str]]:
    """Street addresses of the city that its own search finds again."""
    city = open_city(settings.CITIES_HOME, "helsinki")
    return [
        (door.address, door.postcode)
        for door in islice(draw(doors(city.addresses_path), 7), count)
        if city.geocoder().geocode(f"{door.address}, {door.postcode}").verdict == Verdict.FOUND
    ]


def clock(station_id: str, clock_time: str) -> None:
    """Let the station's business time jump."""
    station = Station.objects.get(pk=station_id)
    there = time.fromisoformat(clock_time)
    business = at(station, DAY, there.hour, there.minute)
    set_clock(station=station, business=business, speed=1.0, wall=timezone.now(), actor="test")


if __name__ == "__main__":
    if sys.argv[1] == "lay":
        lay(int(sys.argv[2]))
    elif sys.argv[1] == "doors":
        print(json.dumps(real_doors(int(sys.argv[2]))))
    else:
        clock(*sys.argv[2:])
