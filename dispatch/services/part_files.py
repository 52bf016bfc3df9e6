"""The folder through which parts of a large day go to the workers that search them, and plans come back.

A part is a file: `7.task` waits, `7.taken` is worked on, `7.plan` is its answer. Whoever takes one holds its lock, and
whoever made the folder holds that of `day.json`: the kernel lets go of a lock when its holder dies, however it does. So
nobody needs to tell the time to know who is gone, and removing the folder ends all work in it.
"""

import fcntl
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from django.conf import settings

DAY = "day.json"


def home() -> Path:
    return Path(settings.LASTMILE_HOME) / "parts"


def remove_of(plan_id: int) -> None:
    """Take away what runs of this plan left, those of workers that were killed included."""
    for folder in home().glob(f"{plan_id}-*"):
        _remove(folder)


def _remove(folder: Path) -> None:
    """Out of everybody's reach first, so that nobody puts in a file while it is emptied."""
    gone = folder.with_suffix(".gone")
    with suppress(FileNotFoundError):
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def folder_of(plan_id: int, token: int) -> Path:
    return home() / f"{plan_id}-{token}"


def _locked(file: IO[bytes], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    half = path.with_suffix(".half")
    half.write_bytes(data)
    half.rename(path)


class Giver:
    """The side of the run: makes the folder, and removes it in the end."""

    def __init__(self, folder: Path, day: Mapping[str, Any]) -> None:
        self.folder, self.count = folder, 0
        folder.mkdir(parents=True)
        # Locked before it has its name: who finds it finds it held.
        self._held = (folder / "day.half").open("wb")
        fcntl.flock(self._held, fcntl.LOCK_EX)
        self._held.write(json.dumps(day).encode())
        self._held.flush()
        (folder / "day.half").rename(folder / DAY)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _remove(self.folder)
        self._held.close()

    def put(self, data: bytes) -> int:
        """Let a part wait for a worker; its number."""
        self.count += 1
        _write(self.folder / f"{self.count}.task", data)
        return self.count

    def answer(self, number: int) -> bytes | None:
        """What has come back, once."""
        path = self.folder / f"{number}.plan"
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        path.unlink()
        return data

    def abandoned(self, number: int) -> bool:
        """Whether the worker that took it is gone without an answer."""
        try:
            with (self.folder / f"{number}.taken").open("rb") as file:
                free = _locked(file, fcntl.LOCK_EX)
        except FileNotFoundError:
            return False
        return free and not (self.folder / f"{number}.plan").exists()

    def put_back(self, number: int) -> None:
        (self.folder / f"{number}.taken").rename(self.folder / f"{number}.task")

    def drop(self, number: int) -> None:
        """Nobody waits for this part any more; who works on it stops."""
        for state in ("task", "taken", "plan"):
            (self.folder / f"{number}.{state}").unlink(missing_ok=True)


@dataclass(frozen=True)
class Taken:
    """A part in the hands of a worker."""

    path: Path
    data: bytes

    def wanted(self) -> bool:
        return self.path.exists()

    def answer(self, data: bytes) -> None:
        with suppress(FileNotFoundError):  # the folder is gone: the run is over
            _write(self.path.with_suffix(".plan"), data)


class Taker:
    """The side of a worker."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError where the run is over."""
        self.folder = folder
        self._day = (folder / DAY).open("rb")
        self.day: dict[str, Any] = json.loads(self._day.read())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._day.close()

    def over(self) -> bool:
        """Whether the run has ended, or died."""
        if not (self.folder / DAY).exists():
            return True
        if not _locked(self._day, fcntl.LOCK_SH):
            return False
        fcntl.flock(self._day, fcntl.LOCK_UN)
        return True

    @contextmanager
    def take(self) -> Iterator[Taken | None]:
        """The part that has waited longest, held until it is answered; none where none waits."""
        waiting = sorted(self.folder.glob("*.task"), key=lambda path: int(path.stem))
        for path in waiting:
            file = _open(path)
            if file is None:
                continue
            with file:
                if (mine := _taken(path, file)) is not None:
                    yield mine
                    mine.path.unlink(missing_ok=True)
                    return
        yield None


def _open(path: Path) -> IO[bytes] | None:
    try:
        return path.open("rb")
    except FileNotFoundError:
        return None


def _taken(path: Path, file: IO[bytes]) -> Taken | None:
    """Locked first, so that nobody sees it taken and free; another may have been quicker at either."""
    if not _locked(file, fcntl.LOCK_EX):
        return None
    mine = path.with_suffix(".taken")
    try:
        path.rename(mine)
    except FileNotFoundError:
        return None
    return Taken(mine, file.read())
