"""OSRM's own programs, out of the osrm-bindings wheel, run as killable children of low priority."""

import importlib.util
import os
import select
import subprocess
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from dispatch.roads.base import RoadsError

NICENESS: Final = 10
TICK_S: Final = 0.5
KEPT_CHUNKS: Final = 20_000


class ToolFailed(Exception):
    """A program ended with a fault; `output` is what it said (at least the end of it)."""

    def __init__(self, name: str, status: int, output: str) -> None:
        super().__init__(f"{name} ended with status {status}")
        self.status = status
        self.output = output


def package_dir() -> Path:
    """Where osrm-bindings is installed, or `RoadsError("roads_no_osrm")`."""
    spec = importlib.util.find_spec("osrm")
    if spec is None or not spec.submodule_search_locations:
        raise RoadsError(
            "roads_no_osrm",
            "OSRM's programs are not installed on this machine.",
            "Install osrm-bindings, or set the address of a remote OSRM.",
        )
    return Path(spec.submodule_search_locations[0])


def program(name: str) -> Path:
    """The program `name` ("osrm-extract") of the wheel, or `RoadsError("roads_no_osrm")`."""
    for candidate in (package_dir() / "bin" / name, package_dir() / "bin" / f"{name}.exe"):
        if candidate.is_file():
            return candidate
    raise RoadsError("roads_no_osrm", f"{name} is not in the installed osrm-bindings.", "Install it again.")


def run(
    command: Sequence[str | Path], *, environment: Mapping[str, str], on_output: Callable[[str], None]
) -> str:
    """Run to the end and return what the program said; `ToolFailed` where its status is not 0.

    `on_output` gets new text at least twice a second, "" included; whatever it raises (a cancel) kills the
    program and goes on to the caller.
    """
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", buffering=0), os.fdopen(writing, "wb", buffering=0) as said:
        process = subprocess.Popen(
            [str(part) for part in command],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            said.close()
            _lower_priority(process.pid)
            output = _follow(reading, on_output)
            status = process.wait()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if status != 0:
        raise ToolFailed(Path(command[0]).name, status, output)
    return output


def _lower_priority(pid: int) -> None:
    if not hasattr(os, "setpriority"):
        return
    try:
        os.setpriority(os.PRIO_PROCESS, pid, NICENESS)
    except ProcessLookupError:
        return  # it has ended already; its status tells why


def _follow(descriptor: int, on_output: Callable[[str], None]) -> str:
    kept: deque[str] = deque(maxlen=KEPT_CHUNKS)
    while True:
        ready, _, _ = select.select([descriptor], [], [], TICK_S)
        chunk = os.read(descriptor, 65_536) if ready else b""
        if ready and not chunk:
            return "".join(kept)
        text = chunk.decode("utf-8", "replace")
        if text:
            kept.append(text)
        on_output(text)
