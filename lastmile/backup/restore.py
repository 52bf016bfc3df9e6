"""Putting a backup back into an installation that is not running."""

import os
import secrets
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from lastmile.backup import archive, checker, database
from lastmile.kernel.errors import LastmileError
from lastmile.models import Stream

ROOM = 64 * 2**20


@dataclass
class Restored:
    """What a restore came to; `findings` is empty when the checker found nothing wrong."""

    about: dict[str, Any]
    files: int = 0
    aside: Path | None = None
    findings: list[checker.Finding] = field(default_factory=list)


def restore_backup(*, source: Path, home: Path, force: bool, now: datetime) -> Restored:
    """Unpack, hold against its hashes, swap in, migrate, begin new epochs, and ask the checker.

    The caller holds the home's lock. Until all of the archive is proved whole nothing is touched; what was there
    goes aside, it is not deleted. Raises LastmileError ``archive_damaged``, ``archive_newer``, ``archive_engine``,
    ``home_used``, ``no_space``, ``no_archive``.
    """
    about = archive.read_about(source)
    _require_fits(about)
    if not force and database.is_used():
        raise LastmileError(
            "home_used", f"{home} holds an installation already.",
            "Restore into an empty LASTMILE_HOME, or use --force: what is there is then moved aside.", status=409,
        )  # fmt: skip
    _require_space(home, source)
    with tempfile.TemporaryDirectory(dir=home, prefix=".restore-") as workshop:
        laid = Path(workshop)
        manifest = archive.unpack(source, laid)
        copy = _database_of(laid)
        database.require_whole(copy)
        done = Restored(about, files=sum(name.startswith(archive.MEDIA) for name in manifest["members"]))
        aside = home / f"before-restore-{now:%Y%m%dT%H%M%S}"
        database.put_back(copy, aside)
        _swap_media(laid / "media", aside)
        _put_secret(laid / archive.SECRET, home)
    done.aside = aside if aside.exists() else None
    done.findings += _compare(about)
    call_command("migrate", verbosity=0, interactive=False)
    begin_epochs()
    done.findings += checker.check()
    return done


def _require_fits(about: dict[str, Any]) -> None:
    if about.get("engine") != connection.vendor:
        raise LastmileError(
            "archive_engine", f"This backup is of {about.get('engine')}, this installation uses {connection.vendor}.",
            "Set DATABASE_URL to the same kind of database.",
        )  # fmt: skip
    known = {
        f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    }
    ahead = [name for name in about.get("migrations", []) if name not in known]
    if ahead:
        raise LastmileError(
            "archive_newer", f"A newer Lastmile ({about.get('version')}) made this backup: {ahead[0]} is unknown.",
            "Bring this program up to that version first.",
        )  # fmt: skip


def _require_space(home: Path, source: Path) -> None:
    needed, free = 8 * source.stat().st_size + ROOM, shutil.disk_usage(home).free
    if free < needed:
        raise LastmileError(
            "no_space", f"{home} has {free >> 20} MiB free; unpacking may need {needed >> 20} MiB.",
            "Free some room.", status=507,
        )  # fmt: skip


def _database_of(laid: Path) -> Path:
    there = [laid / name for name in archive.DATABASES if (laid / name).is_file()]
    if len(there) != 1:
        raise archive.damaged("it holds no database.")
    return there[0]


def _swap_media(laid: Path, aside: Path) -> None:
    media = Path(settings.MEDIA_ROOT)
    if media.exists() and any(media.iterdir()):
        aside.mkdir(exist_ok=True)
        media.replace(aside / "media")
    elif media.exists():
        media.rmdir()
    if laid.exists():
        laid.replace(media)
    else:
        media.mkdir(parents=True)


def _put_secret(laid: Path, home: Path) -> None:
    """The key of links and sign-ins, where the backup was made with it."""
    if laid.is_file():
        laid.chmod(0o600)
        os.replace(laid, home / "secret_key")  # noqa: PTH105 - onto a file that is there


def _compare(about: dict[str, Any]) -> list[checker.Finding]:
    """Rows that are there against rows that were counted when the copy was made."""
    now, then = database.row_counts(), about["rows"]
    wrong = [name for name in then if now.get(name) != then[name]]
    return [
        checker.Finding("rows_differ", f"{name}: {now.get(name)} rows, {then[name]} in the backup.")
        for name in wrong
    ]


def begin_epochs() -> None:
    """Numbers of events may be given again after a restore: screens must take a snapshot, not go on from theirs."""
    with transaction.atomic():
        for stream in Stream.objects.all():
            Stream.objects.filter(pk=stream.pk).update(epoch=secrets.token_hex(8))
