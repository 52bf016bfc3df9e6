"""Lay out the demo station on the demo city."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dispatch.places.sample import doors
from dispatch.services.city import open_city
from dispatch.services.demo import CITY, lay_demo
from dispatch.services.demo_removal import remove_demo
from lastmile.kernel.errors import LastmileError
from lastmile.models import User


class Command(BaseCommand):
    help = "The demo station, its people, today's and tomorrow's orders. Run again later, it lays out what is missing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--remove", action="store_true", help="take the demo away: station, people, rows, files"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self.remove()
            return
        try:
            city = open_city(settings.CITIES_HOME, CITY)
            demo = lay_demo(doors=doors(city.addresses_path), wall=timezone.now())
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        for day, made in demo.made.items():
            self.stdout.write(f"{day}: {made.orders} orders, {made.fleet.shifts} shifts laid out.")
        names = ", ".join(person.username for person in demo.people)
        self.stdout.write(f"{demo.station.name} ({demo.station.code}) lives {demo.day}. People: {names}.")

    def remove(self) -> None:
        try:
            counts = remove_demo(actor="system:demo", now=timezone.now())
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        if not counts:
            self.stdout.write("There is no demo here.")
            return
        self.stdout.write("Removed: " + ", ".join(f"{n:,} {name}" for name, n in counts.items() if n) + ".")
        if not User.objects.filter(is_superuser=True, is_active=True).exists():
            self.stdout.write(
                "No admin is left: manage.py setup_link prints the address to set up your own station."
            )
