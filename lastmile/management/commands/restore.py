"""`manage.py restore FILE`: put a backup back, then ask the checker."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lastmile.backup.restore import restore_backup
from lastmile.kernel.errors import LastmileError
from lastmile.runner.home import Home, disk_words
from lastmile.runner.trouble import Trouble


class Command(BaseCommand):
    help = "Put a backup back into an installation that is not running, and check that it holds together."
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="move what is there aside first")

    def handle(self, *args: Any, **options: Any) -> None:
        home = Home(Path(settings.LASTMILE_HOME))
        try:
            home.make()
            home.take()
            done = restore_backup(
                source=options["file"], home=home.folder, force=options["force"], now=timezone.now()
            )
        except Trouble as trouble:
            raise CommandError(str(trouble)) from trouble
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        except OSError as error:
            raise CommandError(disk_words(Path(settings.LASTMILE_HOME), error)) from error
        rows = sum(done.about["rows"].values())
        self.stdout.write(
            f"Restored the state of {done.about['made_at']}: {rows:,} rows, {done.files:,} files."
        )
        if done.aside:
            self.stdout.write(f"What was there is in {done.aside}: delete it once all is well.")
        if not done.about["secrets"]:
            self.stdout.write(
                "It came without the secret key: sign-ins and recipients' links made elsewhere end."
            )
        for finding in done.findings:
            self.stderr.write(f"{finding.code}: {finding.words}")
        if done.findings:
            raise CommandError(f"The checker found {len(done.findings)} things wrong; they are listed above.")
        self.stdout.write("The checker found nothing wrong.")
