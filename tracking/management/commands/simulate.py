"""`manage.py simulate`: live a station's day through the public API, as the drivers' phones would."""

import signal
import threading
from argparse import ArgumentParser
from datetime import time
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch.models import Station
from lastmile.kernel.errors import LastmileError
from tracking.services.simulation import Simulation, Wish


class Command(BaseCommand):
    help = (
        "Drive the released routes of a day: positions, arrivals, deliveries, failures, back to the station."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--station", required=True, metavar="CODE")
        parser.add_argument("--speed", type=float, default=1.0, help="1 is real time; up to 120 makes sense")
        parser.add_argument("--seed", type=int, default=1, help="the same seed meets the same luck")
        parser.add_argument("--base-url", default=settings.ORIGINS[0], help="where the server listens")
        parser.add_argument("--until", type=time.fromisoformat, help="HH:MM of the station's time")
        parser.add_argument("--dispatch", action="store_true", help="plan, accept and release as well")

    def handle(self, *args: Any, **options: Any) -> None:
        station = Station.objects.filter(code__iexact=options["station"], sandbox_of=None).first()
        if station is None:
            codes = (
                ", ".join(Station.objects.filter(sandbox_of=None).values_list("code", flat=True))
                or "none yet"
            )
            raise CommandError(f"There is no station {options['station']}. Stations: {codes}.")
        stop = threading.Event()

        def end(signum: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        wish = Wish(
            speed=options["speed"],
            seed=options["seed"],
            base_url=options["base_url"],
            until=options["until"],
            dispatch=options["dispatch"],
        )
        try:
            Simulation(station=station, wish=wish, stop=stop, say=self.say).run()
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
