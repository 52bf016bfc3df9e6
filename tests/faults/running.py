"""A whole installation as a person starts it: `manage.py up` in a home of its own, on a free port."""

import json
import os
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from tests.postgres import database_of

ROOT = Path(__file__).resolve().parents[2]
READY = "Ctrl-C ends it."


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path) -> dict[str, str]:
    """As from a terminal: nothing of the test run's own."""
    mine = {"LASTMILE_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    if server := os.environ.get("LASTMILE_TEST_DATABASE_URL"):
        mine["DATABASE_URL"] = database_of(home, server)
    return {
        name: value for name, value in os.environ.items() if name not in ("VALKEY_URL", "DATABASE_URL")
    } | mine


class Up:
    """One run of `manage.py up`; `through_shell` starts it below a shell, as make does."""

    def __init__(self, home: Path, *words: str, through_shell: bool = False) -> None:
        self.home = home
        self.port = free_port()
        self.log = home / "terminal.log"
        command = [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(self.port), *words]
        if through_shell:
            command = ["/bin/sh", "-c", '"$@" & wait', "sh", *command]
        with self.log.open("w") as terminal:
            self.process = subprocess.Popen(
                command,
                stdout=terminal,
                stderr=subprocess.STDOUT,
                env=environment(home),
                start_new_session=True,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_ready(self) -> "Up":
        deadline = time.monotonic() + 90
        while READY not in self.said():
            assert self.process.poll() is None, f"up ended: {self.said()}"
            assert time.monotonic() < deadline, f"up is not ready: {self.said()}"
            time.sleep(0.05)
        self.all = self.everything()
        return self

    def noted(self) -> dict[str, Any]:
        noted: dict[str, Any] = json.loads((self.home / "run" / "up.json").read_text())
        return noted

    @property
    def supervisor(self) -> psutil.Process:
        return psutil.Process(self.noted()["pid"])

    def everything(self) -> list[psutil.Process]:
        """The runner and all below it, at any depth."""
        return [self.supervisor, *self.supervisor.children(recursive=True)]

    def part(self, name: str) -> psutil.Process:
        return psutil.Process(self.noted()["parts"][name])

    def wait_gone(self, patience_s: float = 15.0) -> None:
        """Every process of this run has ended."""
        if self.process.poll() is None:
            self.process.wait(patience_s)
        _, alive = psutil.wait_procs(self.all, timeout=patience_s)
        left = [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        assert not left, f"still there: {[one.cmdline() for one in left]}\n{self.said()}"

    def kill_everything(self) -> None:
        """For a test that failed half-way: leave nothing on the machine."""
        for one in getattr(self, "all", []):
            if one.is_running():
                one.kill()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
