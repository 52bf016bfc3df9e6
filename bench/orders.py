"""The list of orders at 100,000 orders: one page by every kind of search, through the view, as a browser gets it.

    python -m bench.orders [--orders 100000] [--days 100] [--postgresql] [--out FILE]

Prints the best and the middle of several runs in ms and asserts nothing: compare runs on one quiet machine only.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

NAMES = ("Anna", "Mika", "Äyräs", "Liisa", "Pekka", "Öster", "Sari", "Juha")
FAMILIES = ("Virtanen", "Korhonen", "Mäkinen", "Nieminen", "Laine", "Heikkilä")
STREETS = ("Mannerheimintie", "Hämeentie", "Runeberginkatu", "Fredrikinkatu", "Kalevankatu")
STATES = ("open", "planned", "delivered", "delivered", "delivered", "cancelled")
BATCH = 2_000
RUNS = 3


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--orders", type=int, default=100_000)
    words.add_argument("--days", type=int, default=100)
    words.add_argument("--postgresql", action="store_true")
    words.add_argument("--out", type=Path)
    options = words.parse_args()
    home = Path(tempfile.mkdtemp(prefix="lastmile-bench-"))
    os.environ |= {
        "LASTMILE_HOME": str(home),
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "lastmile.settings",
    }
    try:
        if options.postgresql:
            from tests.postgres import started

            os.environ["DATABASE_URL"] = started(home)
        found = measure(options)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    for name, (best, middle) in found.items():
        print(f"{name:44} best {best:7.1f}   middle {middle:7.1f}")
    if options.out:
        options.out.write_text(json.dumps(found, indent=2))


def measure(options: argparse.Namespace) -> dict[str, tuple[float, float]]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    station, order = lay(options)
    from tests.scenarios import make_person

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(make_person("dora", "dispatcher", station))
    address = f"/stations/{station.pk}/orders/"
    return {name: timed(client, address, asked) for name, asked in searches(order).items()}


def lay(options: argparse.Namespace) -> tuple[Any, Any]:
    """A station with its orders, the same at every run; returns it and an order from the middle."""
    from django.db import connection

    from dispatch.models import Order, Parcel
    from tests.scenarios import DAY, make_shop, make_station

    station = make_station("BIG")
    shop, dice = make_shop(station), random.Random(1)
    rows = [
        Order(
            station=station,
            shop=shop,
            external_id=f"W{1_000_000 + index}",
            number=f"LM-{dice.getrandbits(30):08X}{index:06d}",
            day=DAY + timedelta(days=index * options.days // options.orders - options.days // 2),
            state=dice.choice(STATES),
            recipient=f"{dice.choice(NAMES)} {dice.choice(FAMILIES)} {index}",
            phone=f"+35840{dice.randint(1_000_000, 9_999_999)}",
            address=f"{dice.choice(STREETS)} {dice.randint(1, 200)}",
            postcode=f"{dice.randint(0, 990):05d}",
            place="Helsinki",
            lat=60.17,
            lng=24.94,
        )
        for index in range(options.orders)
    ]
    Order.objects.bulk_create(rows, batch_size=BATCH)
    Parcel.objects.bulk_create(
        [Parcel(order=row, barcode=f"{row.number}-1") for row in rows], batch_size=BATCH
    )
    if connection.vendor == "postgresql":
        connection.cursor().execute("ANALYZE")
    return station, rows[len(rows) // 2]


def searches(order: Any) -> dict[str, dict[str, str]]:
    day = order.day.isoformat()
    return {
        "one day": {"day": day},
        "one day, a name": {"day": day, "q": "äyräs mäkinen"},
        "all days, the last page": {"day": "", "page": "99999"},
        "all days, sorted by recipient": {"day": "", "sort": "recipient"},
        "all days, a number": {"day": "", "q": order.number},
        "all days, a shop's number": {"day": "", "q": order.external_id},
        "all days, a barcode": {"day": "", "q": f"{order.number}-1"},
        "all days, a phone as spoken": {
            "day": "",
            "q": f"0{order.phone[4:6]} {order.phone[6:9]} {order.phone[9:]}",
        },
        "all days, one name": {"day": "", "q": order.recipient},
        "all days, many of a name": {"day": "", "q": "äyräs mäkinen"},
        "all days, a street and a number": {"day": "", "q": "manner 12"},
        "all days, nothing there": {"day": "", "q": "zzzz"},
    }


def timed(client: Any, address: str, asked: dict[str, str]) -> tuple[float, float]:
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        response = client.get(address, asked)
        times.append((time.perf_counter() - began) * 1000)
        if response.status_code != 200:
            raise SystemExit(f"{asked}: answered {response.status_code}")
    return round(min(times), 1), round(statistics.median(times), 1)


if __name__ == "__main__":
    main()
