"""The folder of one installation: who holds it, what is in it, and whether there is room."""

import errno
import fcntl
import json
import os
import shutil
import socket
import time
from pathlib import Path
from typing import Any, TextIO

from lastmile.runner.trouble import Trouble

FOLDERS = ("run", "log", "valkey", "static", "media", "cities")
ROOM = 200 * 2**20
GUARD_WAIT_S = 10.0


class Home:
    """LASTMILE_HOME. `take()` claims it for one runner; the kernel gives it back however that runner ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = folder / "run"
        self.log = folder / "log"
        self.guard_lock = self.run / "guard.lock"
        self._held: TextIO | None = None

    def make(self) -> None:
        """Make the folders; a full disk or a folder that is not ours becomes a sentence."""
        try:
            for name in FOLDERS:
                (self.folder / name).mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o700)
            free = shutil.disk_usage(self.folder).free
        except OSError as error:
            raise Trouble(disk_words(self.folder, error)) from error
        if free < ROOM:
            raise Trouble(
                f"The disk of {self.folder} is full ({free // 2**20} MiB left, {ROOM // 2**20} MiB needed): "
                "free some room, or name another folder by LASTMILE_HOME."
            )

    def take(self) -> None:
        """Hold the folder's lock until this process ends, or say who has it."""
        held = (self.run / "up.lock").open("a+")
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.close()
            holder = self.remembered()
            where = f" at {holder['address']}" if holder.get("address") else ""
            raise Trouble(
                f"Lastmile is already running on {self.folder}{where} "
                f"(process {holder.get('pid', 'unknown')}): use that one, stop it first, "
                "or name another folder by LASTMILE_HOME."
            ) from error
        self._held = held
        self._await_guard()

    def _await_guard(self) -> None:
        """After a kill, the guard of the run before may still be ending what was left of it."""
        with self.guard_lock.open("a") as lock:
            deadline = time.monotonic() + GUARD_WAIT_S
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError as error:
                    if time.monotonic() > deadline:
                        raise Trouble(
                            "The run before has not ended yet: wait a moment, then start again."
                        ) from error
                    time.sleep(0.05)

    def remembered(self) -> dict[str, Any]:
        """What the present or the last runner noted about itself; empty when there is nothing readable."""
        try:
            noted = json.loads((self.run / "up.json").read_text())
        except (OSError, ValueError):
            return {}
        return noted if isinstance(noted, dict) else {}

    def remember(self, **notes: Any) -> None:
        fresh = self.run / "up.json.new"
        fresh.write_text(json.dumps(notes))
        fresh.replace(self.run / "up.json")


def disk_words(folder: Path, error: OSError) -> str:
    """One sentence for an error of the file system."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk of {folder} is full: free some room, or name another folder by LASTMILE_HOME."
    reason = error.strerror or type(error).__name__
    return f"{error.filename or folder} cannot be used ({reason}): check who owns it, or set LASTMILE_HOME."


def require_port(host: str, port: int, hint: str) -> None:
    """Refuse to start when somebody else listens there already."""
    if not 0 < port < 65536:
        raise Trouble(f"{port} is no port: choose one from 1024 to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise Trouble(
                    f"Port {port} on {host} is taken by another program: stop that one, or choose another "
                    f"port ({hint})."
                ) from error
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise Trouble(
                f"Port {port} on {host} cannot be used ({reason}): choose another host or port ({hint})."
            ) from error
