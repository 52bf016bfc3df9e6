"""The archive: one .tar.gz with `about.json` first, then the database and the files, and `manifest.json` last.

Pure of Django. The manifest holds the size and SHA-256 of every other member: what is not named there, or differs
from it, is refused, so a cut or changed archive never becomes an installation.
"""

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from lastmile.kernel.errors import LastmileError

FORMAT = 1
ABOUT, MANIFEST, SECRET, MEDIA = "about.json", "manifest.json", "secret_key", "media/"
DATABASES = ("database.sqlite3", "database.dump")
SMALL = 4 * 2**20
BLOCK = 2**20
PART = re.compile(r"[^/\x00-\x1f\\]{1,255}")


def damaged(cause: str) -> LastmileError:
    return LastmileError(
        "archive_damaged",
        f"This backup cannot be used: {cause}",
        "Use another copy of it, or an older backup.",
    )


@dataclass
class Writer:
    """Adds members and keeps their sizes and hashes for the manifest."""

    tar: tarfile.TarFile
    members: dict[str, dict[str, Any]] = field(default_factory=dict)

    def add_bytes(self, name: str, content: bytes) -> None:
        """A small member, hashed as it is written."""
        self._add(name, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())

    def add_file(self, name: str, path: Path) -> None:
        """A file nobody writes to meanwhile."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            size = file.tell()
            file.seek(0)
            self._add(name, file, size, digest)

    def _add(self, name: str, file: BinaryIO, size: int, digest: str) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = size, 0o600
        self.tar.addfile(info, file)
        self.members[name] = {"bytes": size, "sha256": digest}


@contextmanager
def writing(target: Path, about: dict[str, Any]) -> Iterator[Writer]:
    """Write an archive beside `target` and put it in its place once it is whole and on disk."""
    part = target.with_name(f".{target.name}.part")
    try:
        handle = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as tar:
                writer = Writer(tar)
                writer.add_bytes(ABOUT, _json(about | {"format": FORMAT}))
                yield writer
                manifest = _json({"members": writer.members})
                tar.addfile(_info(MANIFEST, manifest), io.BytesIO(manifest))
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        _sync_folder(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _info(name: str, content: bytes) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    return info


def _json(value: Any) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_about(source: Path) -> dict[str, Any]:
    """What the archive says about itself, without reading the rest. Raises LastmileError ``archive_damaged``."""
    with _opened(source) as tar:
        first = tar.next()
        if first is None or first.name != ABOUT or not first.isreg() or first.size > SMALL:
            raise damaged("it does not begin as a backup of Lastmile.")
        about = _read_json(tar, first)
    if about.get("format") != FORMAT:
        raise LastmileError(
            "archive_newer", f"This backup has format {about.get('format')}, this program reads {FORMAT}.",
            "Restore it with the version of Lastmile that made it, or a newer one.",
        )  # fmt: skip
    return about


def unpack(source: Path, folder: Path) -> dict[str, Any]:
    """Lay the members out in an empty folder and hold each against the manifest; returns the manifest.

    Raises LastmileError ``archive_damaged`` for anything that is not exactly a backup as we write it.
    """
    found: dict[str, dict[str, Any]] = {}
    manifest: dict[str, Any] | None = None
    with _opened(source) as tar:
        for member in tar:
            if manifest is not None or not member.isreg() or member.name in found:
                raise damaged(f"{member.name[:80]!r} does not belong into it.")
            if member.name == MANIFEST:
                manifest = _read_json(tar, member)
                continue
            found[member.name] = _lay(tar, member, folder / safe_name(member.name))
    if manifest is None:
        raise damaged("its end is missing.")
    wrong = [name for name, facts in manifest["members"].items() if found.get(name) != facts]
    wrong += [name for name in found if name not in manifest["members"]]
    if wrong:
        raise damaged(f"{len(wrong)} of its files are not as they were written ({wrong[0][:80]}).")
    return manifest


def safe_name(name: str) -> str:
    """The member's path below the folder it is laid out in. Raises LastmileError for one that leads elsewhere."""
    fixed = name in (ABOUT, SECRET, *DATABASES)
    parts = name.removeprefix(MEDIA).split("/")
    inside = name.startswith(MEDIA) and all(PART.fullmatch(one) and one not in (".", "..") for one in parts)
    if not (fixed or inside):
        raise damaged(f"{name[:80]!r} does not belong into it.")
    return name


@contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source, mode="r:gz") as tar:
            yield tar
    except FileNotFoundError as error:
        raise LastmileError("no_archive", f"There is no file {source}.", "Check the path.") from error
    except (
        tarfile.TarError,
        gzip.BadGzipFile,
        EOFError,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
    ) as error:
        raise damaged("it is cut off, changed, or no backup at all.") from error


def _read_json(tar: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    stream = tar.extractfile(member)
    if stream is None:
        raise damaged(f"{member.name} is empty.")
    value = json.loads(stream.read())
    if not isinstance(value, dict):
        raise damaged(f"{member.name} is not what it should be.")
    return value


def _lay(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path) -> dict[str, Any]:
    stream = tar.extractfile(member)
    if stream is None:
        raise damaged(f"{member.name} is empty.")
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while block := stream.read(BLOCK):
            digest.update(block)
            size += len(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": size, "sha256": digest.hexdigest()}
