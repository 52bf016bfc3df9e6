"""One supervised process: its command, its log, its end."""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

KEEP_LOGS = 3
LOG_LIMIT = 20 * 2**20
LOUD = re.compile(rb"(?<!%)\b(WARNING|ERROR|CRITICAL)\b")
USUAL = re.compile(
    rb"Memory overcommit must be enabled"
)  # Valkey's advice for forked snapshots; we take none
PR_SET_PDEATHSIG = 1


@dataclass
class Part:
    """A process the runner starts. `vital`: its end ends the run; `ready`: what its log says once it is up."""

    name: str
    command: list[str]
    vital: bool = True
    ready: str = ""
    env: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log: Path = Path(os.devnull)
    _read: int = 0

    def start(self, folder: Path, base: Path, env: dict[str, str]) -> int:
        """Start it in the project's folder `base`, logging to `folder`; returns its process group.

        It gets a session of its own, so that Ctrl-C at the terminal reaches the runner alone.
        """
        self.log = folder / f"{self.name}.log"
        rotate(self.log)
        self._read = 0
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=base,
                env=env | self.env,
                start_new_session=True,
                preexec_fn=born(),
            )
        return self.process.pid

    def ended(self) -> int | None:
        """Its exit status once it has ended, else None."""
        return self.process.poll() if self.process else None

    def send(self, number: int) -> None:
        """Signal the process alone; its own children are its own to stop."""
        if self.process and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(number)

    def kill_group(self) -> None:
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def is_ready(self) -> bool:
        return self.ready in "\n".join(self.last_lines(200))

    def last_lines(self, count: int = 15) -> list[str]:
        try:
            with self.log.open("rb") as stream:
                stream.seek(max(0, stream.seek(0, os.SEEK_END) - 16_384))
                text = stream.read().decode(errors="replace")
        except OSError:
            return []
        return text.splitlines()[-count:]

    def warnings(self) -> list[str]:
        """Lines written since the last look that a person should see."""
        try:
            with self.log.open("rb") as stream:
                stream.seek(self._read)
                news = stream.read(2**20)
        except OSError:
            return []
        whole = news[: news.rfind(b"\n") + 1]
        self._read += len(whole)
        if self._read > LOG_LIMIT:
            shutil.copyfile(self.log, self.log.with_suffix(".log.1"))
            os.truncate(self.log, 0)  # the part writes in append mode, so it goes on at the new end
            self._read = 0
        loud = (line for line in whole.splitlines() if LOUD.search(line) and not USUAL.search(line))
        return [line.decode(errors="replace") for line in loud]


def rotate(log: Path) -> None:
    """Keep the logs of the last few runs: name.log.1 is the newest of them."""
    for age in range(KEEP_LOGS - 1, 0, -1):
        older = log.with_suffix(f".log.{age}")
        if older.exists():
            older.replace(log.with_suffix(f".log.{age + 1}"))
    if log.exists():
        log.replace(log.with_suffix(".log.1"))


def born() -> Callable[[], None]:
    """What a new part does before it becomes its program: ignore Ctrl-C, and on Linux die with the runner."""
    prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None

    def settle() -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return settle


def stop(parts: list[Part], *, patience_s: float) -> None:
    """Ask all to end, wait a little, then insist."""
    for part in parts:
        part.send(signal.SIGTERM)
    deadline = time.monotonic() + patience_s
    while any(part.process and part.ended() is None for part in parts) and time.monotonic() < deadline:
        time.sleep(0.02)
    for part in parts:
        part.kill_group()
        if part.process:
            part.process.wait()
