"""`manage.py verify`: does what is there hold together?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from lastmile.backup import checker


class Command(BaseCommand):
    help = "Check every sentence that must hold over the database and its files; changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--list", action="store_true", help="say what is checked, and check nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            for name in checker.names():
                self.stdout.write(f"- {name}")
            return
        findings = checker.check()
        for finding in findings:
            self.stderr.write(f"{finding.code}: {finding.words}")
        if findings:
            raise CommandError(f"{len(findings)} things are wrong; they are listed above.")
        self.stdout.write(f"Nothing is wrong: {len(checker.names())} kinds of rules hold.")
