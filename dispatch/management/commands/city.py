"""Add, list and remove cities on the command line."""

import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from dispatch.places.city import City
from dispatch.places.errors import PlacesError
from dispatch.places.sources import DEMO_CITY, demo_extract, fetch, is_address
from dispatch.services.city import add_city, list_cities, open_city, remove_city
from lastmile.kernel.errors import LastmileError

BAR = 24
LINE_SECONDS = 1.0


class Command(BaseCommand):
    help = "Streets, map and addresses of a city, out of one OpenStreetMap extract."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        add = actions.add_parser("add", help="build a city, or replace it")
        add.add_argument("name")
        add.add_argument("source", metavar="FILE.osm.pbf|URL")
        remove = actions.add_parser("remove", help="take a city away")
        remove.add_argument("name")
        demo = actions.add_parser("demo", help=f"fetch and build the demo city, {DEMO_CITY}")
        for action in (add, remove, demo, actions.add_parser("list", help="what there is")):
            action.add_argument(
                "--home", type=Path, default=settings.CITIES_HOME, help="folder of all cities"
            )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options["home"].resolve(), options)
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem

    def _add(self, home: Path, options: dict[str, Any]) -> None:
        bar = Bar(sys.stderr)
        source = options["source"]
        downloaded = is_address(source)
        extract = (
            fetch(source, home / ".downloads", lambda share: bar("download", share))
            if downloaded
            else Path(source)
        )
        city = add_city(name=options["name"], extract=extract, home=home, progress=bar)
        bar.close()
        if downloaded:
            extract.unlink()
        self._tell(city)

    def _demo(self, home: Path, options: dict[str, Any]) -> None:
        extract = demo_extract(home / ".downloads")
        there = _there(home)
        if there is not None:
            self.stdout.write(f"{there.name} is there already.")
            return
        bar = Bar(sys.stderr)
        city = add_city(name=DEMO_CITY, extract=extract, home=home, progress=bar)
        bar.close()
        self._tell(city)

    def _list(self, home: Path, options: dict[str, Any]) -> None:
        cities = list_cities(home)
        for city in cities:
            self._tell(city)
        if not cities:
            self.stdout.write(f"No city in {home} yet: manage.py city add NAME FILE.osm.pbf")

    def _remove(self, home: Path, options: dict[str, Any]) -> None:
        remove_city(name=options["name"], home=home)
        self.stdout.write(f"Removed {options['name']}.")

    def _tell(self, city: City) -> None:
        info = city.info
        profiles = ", ".join(info.profiles) or "straight lines"
        background = "map" if info.tiles else "plain background"
        self.stdout.write(
            f"{info.name}: {info.addresses:,} addresses on {info.streets:,} streets, "
            f"{info.roads:,} roads ({profiles}), {background}, built {info.built_at:%Y-%m-%d %H:%M} UTC"
        )
        for note in info.notes:
            self.stdout.write(f"  note: {note.text} [{note.code}]")


def _there(home: Path) -> City | None:
    """The demo city where it is whole and of this program's format."""
    try:
        return open_city(home, DEMO_CITY)
    except PlacesError as problem:
        if problem.code in ("city_unknown", "city_broken", "city_outdated"):
            return None
        raise


class Bar:
    """One line a stage: percent and the time left; on no terminal, a plain line every few seconds."""

    def __init__(self, out: TextIO) -> None:
        self.out = out
        self.terminal = out.isatty()
        self.stage = ""
        self.began = self.wrote = 0.0
        self.share = 0.0

    def __call__(self, stage: str, share: float) -> None:
        now = time.monotonic()
        if stage != self.stage:
            self.close()
            self.stage, self.began, self.wrote, self.share = stage, now, now, 0.0
        self.share = max(self.share, share)
        pause = 0.1 if self.terminal else LINE_SECONDS
        if now - self.wrote >= pause and share < 1:
            self._write(now, self._left(now))
            self.wrote = now

    def close(self) -> None:
        """End the stage that is under way."""
        if self.stage:
            now = time.monotonic()
            self.share = 1.0
            self._write(now, f"{now - self.began:.1f} s", end="\n")
            self.stage = ""

    def _left(self, now: float) -> str:
        if self.share < 0.02:
            return ""
        return f"about {(now - self.began) * (1 - self.share) / self.share:.0f} s left"

    def _write(self, now: float, words: str, end: str = "") -> None:
        percent = f"{self.share * 100:3.0f} %"
        if self.terminal:
            filled = "█" * round(self.share * BAR)
            self.out.write(f"\r{self.stage:<10} {filled:·<{BAR}} {percent}  {words:<22}{end}")
        else:
            self.out.write(f"{self.stage}: {percent.strip()} {words}".rstrip() + "\n")
        self.out.flush()
