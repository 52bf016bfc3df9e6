"""`manage.py up`: every part of Lastmile in one terminal, until Ctrl-C."""

import sys
import time
from argparse import ArgumentParser
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from lastmile import env, people, setup_link
from lastmile.models import User
from lastmile.runner import parts, prepare, public, ready
from lastmile.runner.home import Home, disk_words, require_port
from lastmile.runner.part import Part
from lastmile.runner.parts import Where
from lastmile.runner.supervisor import Stopped, Supervisor
from lastmile.runner.trouble import Trouble
from lastmile.valkey import client_url, make_private, server_command, socket_path

BASE = Path(settings.BASE_DIR)
DEMO_STATION = "HEL"
DEMO_PEOPLE = ("dispatcher", "manager", "admin", "driver")


class Command(BaseCommand):
    help = (
        "Start web, worker, scheduler, publisher and (unless VALKEY_URL is set) Valkey; Ctrl-C ends them all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--public", metavar="https://NAME", help="stand behind a proxy that speaks https")
        parser.add_argument("--demo", action="store_true", help="prepare the demo city and day, and live it")
        parser.add_argument("--speed", type=float, default=30.0, help="how fast the simulated day goes")
        parser.add_argument("--no-simulate", action="store_true", help="with --demo: do not start the day")
        parser.add_argument("--follow-parent", action="store_true", help="end when the starting program does")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        where = self.where(options)
        home = Home(where.home)
        try:
            home.make()
            home.take()
            require_port(
                where.host, where.port, f"manage.py up --port {where.port + 1}, or PORT= for make run"
            )
            with Supervisor(
                home, child_env(where), self.say, follow_parent=options["follow_parent"]
            ) as runner:
                home.remember(address=where.door, **runner.facts())
                self.start(runner, where)
                if options["demo"]:
                    self.demo(runner)
                ready.wait("The web server", lambda: ready.web(where.address, where.site), runner.look)
                for part in list(runner.parts):
                    ready.wait(f"The {part.name}", part.is_ready, runner.look)
                home.remember(address=where.door, **runner.facts())
                if options["demo"] and not options["no_simulate"]:
                    runner.start(parts.simulation(BASE, DEMO_STATION, options["speed"]))
                self.say(f"Lastmile is up at {where.door} after {time.monotonic() - began:.1f} s.")
                if options["demo"]:
                    self.doors(where)
                elif setup_link.is_needed():
                    self.say(
                        "Nobody is here yet. Set up your own station at this address (once, within 15 minutes):"
                    )
                    self.say(f"  {where.door}{setup_link.make(timezone.now())}")
                self.say("Ctrl-C ends it.")
                runner.watch()
        except Stopped:
            self.say("Stopped.")
        except Trouble as trouble:
            self.refuse(str(trouble))
        except OSError as error:
            self.refuse(disk_words(where.home, error))

    def where(self, options: dict[str, Any]) -> Where:
        """Where this run stands; a public one begins again first, with the settings that follow from its name."""
        plain = Where(options["host"], options["port"], Path(settings.LASTMILE_HOME))
        if not options["public"]:
            return plain
        try:
            site = public.site(options["public"])
            public.require_loopback(plain.host)
        except Trouble as trouble:
            self.refuse(str(trouble))
        if not settings.PUBLIC or site.origin != settings.SITE_URL:
            public.begin_again(site)
        call_command("check", deploy=True, fail_level="WARNING", stdout=StringIO())
        return replace(plain, site=site)

    def refuse(self, words: str) -> NoReturn:
        self.stderr.write(words)
        sys.exit(1)

    def say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()

    def start(self, runner: Supervisor, where: Where) -> None:
        if env.text("VALKEY_URL") is None:
            runner.start(embedded_valkey(where.home))
        if prepare.migrate():
            self.say("The database is ready.")
        if prepare.collect_static():
            self.say("The static files are ready.")
        url = client_url(settings.VALKEY_URL, 0)
        ready.wait("Valkey", lambda: ready.valkey(url), runner.look)
        for part in (parts.web(where), parts.publisher(BASE), parts.worker(), parts.scheduler(where)):
            runner.start(part)

    def demo(self, runner: Supervisor) -> None:
        """Lay out the demo while the parts are starting; what is there already stays."""
        call_command("city", "demo")
        runner.look()
        call_command("demo")

    def doors(self, where: Where) -> None:
        self.say("Sign in by one of these addresses (each works once, within 15 minutes):")
        for user in User.objects.filter(username__in=DEMO_PEOPLE, is_active=True):
            link = people.make_login_link(user=user, now=timezone.now())
            self.say(f"  {user.username:<12}{where.door}{link}")
        self.say(f"More of them: {sys.executable} manage.py login_link USER")


def child_env(where: Where) -> dict[str, str]:
    """What every part is told: where the installation lives and which names and origins it answers to."""
    home = {"LASTMILE_HOME": str(where.home)}
    if where.site:
        return home | where.site.environment()
    return home | {
        "LASTMILE_URL": where.address,
        "ALLOWED_HOSTS": ",".join(dict.fromkeys([*where.hosts(), *env.words("ALLOWED_HOSTS", [])])),
        "ORIGINS": ",".join(dict.fromkeys([*where.origins(), *env.words("ORIGINS", [])])),
    }


def embedded_valkey(home: Path) -> Part:
    socket = socket_path(home)
    make_private(socket.parent)
    socket.unlink(missing_ok=True)  # we hold the home's lock: whoever made it is dead
    return Part("valkey", server_command(socket, home / "valkey"))
