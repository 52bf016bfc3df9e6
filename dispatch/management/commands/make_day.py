"""Lay out a believable day at a station."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch.models import Station
from dispatch.places.sample import doors
from dispatch.services.city import open_city
from dispatch.services.days import make_day
from lastmile.kernel.errors import LastmileError


class Command(BaseCommand):
    help = (
        "Lay out a believable day: orders at real addresses, vehicles, drivers, shifts. Same seed, same day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--station", required=True, metavar="CODE")
        parser.add_argument("--date", type=date.fromisoformat, help="YYYY-MM-DD; the station's today")
        parser.add_argument("--orders", type=int, default=120)
        parser.add_argument("--vehicles", type=int, default=8)
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *args: Any, **options: Any) -> None:
        station = Station.objects.filter(code__iexact=options["station"], sandbox_of=None).first()
        if station is None:
            codes = (
                ", ".join(Station.objects.filter(sandbox_of=None).values_list("code", flat=True))
                or "none yet"
            )
            raise CommandError(f"There is no station {options['station']}. Stations: {codes}.")
        now = station.now()
        day = options["date"] or now.astimezone(station.zone).date()
        try:
            city = open_city(settings.CITIES_HOME, station.city)
            made = make_day(
                station=station,
                day=day,
                orders=options["orders"],
                vehicles=options["vehicles"],
                seed=options["seed"],
                doors=doors(city.addresses_path),
                actor="system:make_day",
                now=now,
            )
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        if not made.anything:
            self.stdout.write(f"{station.code} {day}: there already, nothing added.")
            return
        self.stdout.write(
            f"{station.code} {day}: {made.orders:,} orders, {made.fleet.shifts} shifts, "
            f"{made.fleet.vehicles} new vehicles, {made.fleet.drivers} new drivers."
        )
