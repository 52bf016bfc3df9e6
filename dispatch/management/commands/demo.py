"""Lay out the demo station on the demo city."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.places.sample import doors
from dispatch.services.city import open_city
from dispatch.services.demo import CITY, lay_demo
from lastmile.kernel.errors import LastmileError


class Command(BaseCommand):
    help = "The demo station, its people, today's and tomorrow's orders. Run again later, it lays out what is missing."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            city = open_city(settings.CITIES_HOME, CITY)
            demo = lay_demo(doors=doors(city.addresses_path), wall=timezone.now())
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        for day, made in demo.made.items():
            self.stdout.write(f"{day}: {made.orders} orders, {made.fleet.shifts} shifts laid out.")
        names = ", ".join(person.username for person in demo.people)
        self.stdout.write(f"{demo.station.name} ({demo.station.code}) lives {demo.day}. People: {names}.")
