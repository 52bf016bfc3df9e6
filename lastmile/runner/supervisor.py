"""The runner itself: starts the parts, watches over them, and ends them all when one dies or on request."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from lastmile.runner import sweep
from lastmile.runner.guarded import Died, Guard
from lastmile.runner.home import Home
from lastmile.runner.part import Part, stop

BASE = Path(__file__).resolve().parents[2]
LOOK_S = 0.1
STOP_S = 1.2
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
Say = Callable[[str], None]


class Stopped(BaseException):
    """Somebody asked the run to end. Like KeyboardInterrupt: no `except Exception` may hold it."""


class Supervisor:
    """Holds the parts of one run. Use as a context manager: leaving it ends every process it started."""

    def __init__(self, home: Home, env: dict[str, str], say: Say, *, follow_parent: bool = False) -> None:
        self.home = home
        self.say = say
        self.run_id = secrets.token_hex(8)
        self.env = os.environ | env | {sweep.RUN_ID: self.run_id, "PYTHONUNBUFFERED": "1"}
        self.parts: list[Part] = []
        self.parent = os.getppid() if follow_parent else None

    def __enter__(self) -> "Supervisor":
        for number in ENDINGS:
            signal.signal(number, self._ask)
        before = self.home.remembered().get("run_id")
        if before:
            sweep.end_all(str(before))
        self.guard = Guard(self.run_id, self.home.guard_lock, BASE)
        os.environ[sweep.RUN_ID] = self.run_id  # for what the preparation itself may start; not for the guard
        return self

    def __exit__(self, *error: object) -> None:
        for number in ENDINGS:  # ending takes a second; another Ctrl-C must not cut it short
            signal.signal(number, signal.SIG_IGN)
        self.end()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        raise Stopped

    def start(self, part: Part) -> None:
        group = part.start(self.home.log, BASE, self.env)
        self.parts.append(part)
        self.guard.tell(f"+{group}")

    def facts(self) -> dict[str, Any]:
        """What a person or the next start may want to know about this run."""
        started = {part.name: part.process.pid for part in self.parts if part.process}
        return {
            "pid": os.getpid(),
            "run_id": self.run_id,
            "parts": started | {"guard": self.guard.process.pid},
        }

    def look(self) -> None:
        """One look at everything; raises Died or Stopped when the run is over."""
        if self.parent is not None and os.getppid() != self.parent:
            raise Stopped
        for part in list(self.parts):
            for line in part.warnings():
                self.say(f"{part.name}: {line}")
            status = part.ended()
            if status is not None:
                self._took_leave(part, status)
        self.guard.look()

    def _took_leave(self, part: Part, status: int) -> None:
        if not part.vital:
            self.parts.remove(part)
            part.kill_group()
            self.guard.tell(f"-{part.process.pid if part.process else 0}")
            self.say(f"{part.name} has ended" + (f" with status {status}; see {part.log}" if status else ""))
            return
        how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        lines = "".join(f"\n    {line}" for line in part.last_lines())
        raise Died(f"{part.name} {how}, so everything else was stopped. Its last lines ({part.log}):{lines}")

    def watch(self) -> None:
        """Look on until the run is over."""
        while True:
            self.look()
            time.sleep(LOOK_S)

    def end(self) -> None:
        """Stop the parts, those that others stand on last, then whatever they left behind."""
        ground = [part for part in self.parts if part.name == "valkey"]
        stop([part for part in self.parts if part not in ground], patience_s=STOP_S)
        stop(ground, patience_s=STOP_S)
        sweep.end_all(self.run_id)
        self.guard.dismiss()
