"""Making a backup of a running installation."""

import os
import shutil
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from lastmile.backup import archive, database
from lastmile.kernel.errors import LastmileError

ROOM = 64 * 2**20
MOST_BYTES = 64 * 2**20  # of one file of ours; larger ones are copied, not read into memory


@dataclass(frozen=True)
class Made:
    """A finished backup."""

    path: Path
    bytes: int
    rows: int
    files: int
    secrets: bool


def make_backup(*, target: Path, secrets: bool, now: datetime) -> Made:
    """Copy database and files into one archive. Raises LastmileError ``no_space``, ``no_folder``, ``no_pg_tools``.

    The database comes first, then the files: a file is written before the row that names it, so none is missing.
    """
    folder = target.absolute().parent
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        raise LastmileError(
            "no_folder", f"{folder} cannot be written.", "Name a file in a folder that is yours."
        )
    media = _files(Path(settings.MEDIA_ROOT))
    _require_space(folder, sum(size for _, size in media))
    with tempfile.TemporaryDirectory(dir=folder, prefix=".lastmile-backup-") as workshop:
        copy = database.copy(Path(workshop))
        media = _files(Path(settings.MEDIA_ROOT))
        about = _about(copy, secrets, now)
        with archive.writing(target, about) as writer:
            writer.add_file(copy.name, copy.path)
            files = sum(_add(writer, path) for path, _ in media)
            if secrets:
                writer.add_bytes(archive.SECRET, settings.SECRET_KEY.encode())
    return Made(target, target.stat().st_size, sum(copy.rows.values()), files, secrets)


def _about(copy: database.Copy, secrets: bool, now: datetime) -> dict[str, Any]:
    return {
        "made_at": now.isoformat(),
        "version": version(),
        "engine": connection.vendor,
        "migrations": sorted(
            f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
        ),
        "rows": copy.rows,
        "ledger_head": copy.head,
        "secrets": secrets,
    }


def version() -> str:
    """Of this program."""
    with (Path(settings.BASE_DIR) / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def _files(root: Path) -> list[tuple[Path, int]]:
    """Every file below the media folder with its size; links are not followed."""
    found = []
    for folder, _, names in os.walk(root):
        for name in sorted(names):
            path = Path(folder) / name
            if not path.is_symlink() and path.is_file():
                found.append((path, path.stat().st_size))
    return sorted(found)


def _add(writer: archive.Writer, path: Path) -> int:
    """Add one file as it is now; one that was erased or swept meanwhile is no longer ours to keep."""
    name = f"{archive.MEDIA}{path.relative_to(settings.MEDIA_ROOT).as_posix()}"
    try:
        if path.stat().st_size > MOST_BYTES:
            writer.add_file(name, path)
        else:
            writer.add_bytes(name, path.read_bytes())
    except FileNotFoundError:
        return 0
    return 1


def _require_space(folder: Path, media: int) -> None:
    needed = 2 * database.size() + media + ROOM  # the copy, and the archive at its worst
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise LastmileError(
            "no_space", f"{folder} has {free >> 20} MiB free; this backup may need {needed >> 20} MiB.",
            "Free some room, or write it to another disk.", status=507,
        )  # fmt: skip
