"""Run inside a system under test: a station, its people and today's fleet; prints ids as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")
django.setup()

from datetime import timedelta  # noqa: E402

from django.utils import timezone  # noqa: E402

from dispatch.models import Role, Shift  # noqa: E402
from tests.scenarios import DAY, at, make_fleet, make_person, make_shop, make_station  # noqa: E402


def main(vans: int) -> None:
    """Lay the world out: nothing but what a dispatcher needs before the first order comes in."""
    station = make_station(clock_wall=timezone.now())
    shop = make_shop(station, code="shop", name="Kauppa Oy")
    fleet = make_fleet(station, DAY, vans)
    Shift.objects.filter(station=station).update(
        start=at(station, DAY, 7, 30), end=at(station, DAY, 8) + timedelta(hours=9)
    )
    for name in ("dora", "dina"):
        make_person(name, Role.DISPATCHER, station)
    print(
        json.dumps(
            {
                "station": station.pk,
                "shop": shop.pk,
                "day": str(DAY),
                "drivers": [driver.pk for driver in fleet.drivers],
            }
        )
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
