"""`manage.py backup [FILE]`: a whole copy, also while everything is running."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from lastmile.backup.make import make_backup
from lastmile.kernel.errors import LastmileError
from lastmile.runner.home import disk_words


class Command(BaseCommand):
    help = "Copy the database and all files into one archive, also while everything is running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, help="default: LASTMILE_HOME/backups/lastmile-TIME.tar.gz"
        )
        parser.add_argument(
            "--with-secrets", action="store_true",
            help="with the key that recipients' links and sign-ins stand on: keep such a backup as you keep the key",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        target = options["file"] or self.usual(f"lastmile-{now:%Y%m%dT%H%M%S}.tar.gz")
        try:
            made = make_backup(target=target, secrets=options["with_secrets"], now=now)
        except LastmileError as problem:
            raise CommandError(f"{problem.cause} {problem.action} [{problem.code}]") from problem
        except OSError as error:
            raise CommandError(disk_words(Path(settings.LASTMILE_HOME), error)) from error
        self.stdout.write(
            f"{made.path}: {made.rows:,} rows, {made.files:,} files, {made.bytes / 2**20:.1f} MiB."
        )
        if not made.secrets:
            self.stdout.write(
                "Without the secret key: keep a copy of it elsewhere, or after a restore recipients' links and "
                "sign-ins end. Cities are not in it: keep their extracts."
            )

    def usual(self, name: str) -> Path:
        folder = Path(settings.LASTMILE_HOME) / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / name
