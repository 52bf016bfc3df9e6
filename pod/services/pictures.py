"""Pictures from outside: judged, made harmless in a child process, put on the disk under names of our own."""

import hashlib
import io
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from PIL import Image

from lastmile.kernel.errors import LastmileError
from pod import imaging

UPLOAD_LIMIT = 12 * 2**20
FREE_LEAST = 200 * 2**20  # what the database needs to go on when pictures fill the disk
TRY_S = 30  # by the clock; pod.imaging limits the processor time
MAGIC = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture on the disk; `path` is below MEDIA_ROOT."""

    path: str
    sha256: str
    bytes: int
    width: int
    height: int


def reduce_photo(data: bytes) -> bytes:
    """The photo as our own JPEG. Raises LastmileError (422) for whatever is no photo, or too much of one."""
    if not data:
        raise unreadable("The file is empty.")
    if len(data) > UPLOAD_LIMIT:
        raise _too_large("The file is larger than 12 MiB.")
    if not data.startswith(MAGIC) and not (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        raise unreadable("The file is no JPEG, PNG or WEBP.")
    done = _child(data)
    if done.returncode == 0 and done.stdout.startswith(MAGIC[0]):
        return done.stdout
    words = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["The picture took too long."]
    if done.returncode == imaging.UNREADABLE:
        raise unreadable(words[0])
    raise _too_large(words[0] if done.returncode == imaging.TOO_LARGE else "The picture takes too much work.")


def _child(data: bytes) -> subprocess.CompletedProcess[bytes]:
    """Run by its path and isolated: it sees neither our modules nor our environment."""
    command = [sys.executable, "-I", imaging.__file__]
    try:
        return subprocess.run(
            command, input=data, capture_output=True, timeout=TRY_S, env={}, cwd="/", check=False
        )
    except subprocess.TimeoutExpired:
        raise _too_large("The picture took too long.") from None


def unreadable(cause: str) -> LastmileError:
    return LastmileError(
        "bad_picture", cause, "Take the photo again, as JPEG, PNG or WEBP.", field="photo", status=422
    )


def _too_large(cause: str) -> LastmileError:
    return LastmileError(
        "picture_too_large", cause, "Take a smaller photo: 1600 pixels are enough.", field="photo", status=422
    )


def keep_picture(data: bytes, *, suffix: str, now: datetime) -> Kept:
    """Write the picture so that it is there whole or not at all, also after a power cut."""
    root = Path(settings.MEDIA_ROOT)
    folder = root / "proofs" / f"{now:%Y}" / f"{now:%m}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if shutil.disk_usage(folder).free < FREE_LEAST + len(data):
            raise _disk_full()
        path = folder / f"{secrets.token_hex(16)}{suffix}"
        _write(path, data)
    except OSError as error:
        raise _disk_full() from error
    width, height = _size(data)
    name = path.relative_to(root).as_posix()
    return Kept(name, hashlib.sha256(data).hexdigest(), len(data), width, height)


def link_picture(path: str) -> str:
    """Another name of a kept picture, which lives as long as its last name."""
    root = Path(settings.MEDIA_ROOT)
    known = root / path
    other = known.with_name(f"{secrets.token_hex(16)}{known.suffix}")
    try:
        os.link(known, other)
    except OSError:  # a file system without links, or with as many as it takes
        try:
            _write(other, known.read_bytes())
        except OSError as error:
            raise _disk_full() from error
    return other.relative_to(root).as_posix()


def _write(path: Path, data: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _size(data: bytes) -> tuple[int, int]:
    """Of a picture that we made ourselves."""
    with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as image:
        return image.size


def _disk_full() -> LastmileError:
    return LastmileError(
        "disk_full",
        "The server has no room left for pictures.",
        "Keep the photo on the phone and send it again later; tell the station.",
        status=507,
    )


def drop_picture(path: str) -> None:
    """Remove a picture from the disk; one that is gone already is no error."""
    target = (Path(settings.MEDIA_ROOT) / path).resolve()
    if target.is_relative_to(Path(settings.MEDIA_ROOT).resolve() / "proofs"):
        target.unlink(missing_ok=True)


def read_picture(path: str) -> bytes | None:
    """A picture's bytes; None when it is not on the disk (a restore without files, an erasure)."""
    target = (Path(settings.MEDIA_ROOT) / path).resolve()
    if not target.is_relative_to(Path(settings.MEDIA_ROOT).resolve() / "proofs"):
        return None
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None
