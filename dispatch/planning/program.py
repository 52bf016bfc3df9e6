"""The parent's side of a warm solver program: start it, ask it, cancel it, survive it.

Search holds the interpreter lock for seconds at a time and may eat memory, so it lives in a program of its
own, started without ``multiprocessing`` (a Celery prefork task may not have such children). Ending the
program is the one sure way to cancel.
"""

from __future__ import annotations

import io
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .errors import InputError, InvalidProblemError, PlanningError
from .explain import explain
from .model import Plan, Problem
from .progress import OnProgress, Progress
from .solution import Solution
from .validate import check
from .wire import PREFIX, Header, frame, pack_plan, pack_problem, read_frame, unpack_solution

POLL_S = 0.05
SOFT_CANCEL_S = 0.1
"""How long a cancelled program may take to come to a stop by itself and so stay warm."""

GRACE_S = 5.0
"""How long past its time limit a program that has sent no plan yet may take before it is ended."""

LATE_S = 2.0
"""The same for a program whose best plan so far is here already: that plan is then the answer."""

CEILING_S = 900.0
"""How long a solve without a time limit may take in any case."""

EXPLAIN_S = 0.2
"""How long reasons may then be looked for vehicle by vehicle."""

CUT_SHORT = "cut short"
"""What ``Solution.engine`` ends with if the program was ended and this is the best that it had sent."""

START_S = 240.0
"""How long the program may take to be ready; a second or two, minutes where its machine code is not built yet."""


class SolverProgramError(PlanningError):
    """The program ended, hung or failed. ``best`` is the last verified plan that it had sent, if any."""

    def __init__(self, code: str, cause: str, action: str, best: Solution | None = None) -> None:
        super().__init__(code, cause, action)
        self.best = best


class SolveCancelledError(SolverProgramError):
    """The caller asked to stop. ``best`` is the last verified plan that was seen, if any."""


class SolverProgram:
    """A solver program that stays warm between solves. Not for use by two threads at once.

    ``memory_limit_bytes`` bounds its address space (at least 2 GiB is sensible: libraries reserve much).
    """

    def __init__(self, *, memory_limit_bytes: int | None = None) -> None:
        self.memory_limit_bytes = memory_limit_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._pending = bytearray()
        self._ready = False

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process id of the running program."""
        return self._process.pid if self._alive() and self._process else None

    def start(self) -> None:
        """Start the program if it does not run. It warms up meanwhile; ``solve`` waits for it where needed."""
        if self._alive():
            return
        self.close()
        root = Path(__file__).resolve().parents[2]
        options = ["--parent", str(os.getpid())]
        if self.memory_limit_bytes:
            options += ["--memory-limit", str(self.memory_limit_bytes)]
        path = os.pathsep.join(filter(None, [str(root), os.environ.get("PYTHONPATH", "")]))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dispatch.planning.worker", *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd=root,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        )
        self._pending.clear()
        self._ready = False

    def close(self) -> None:
        """End the program and collect it; nothing is left behind."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                stream.close()

    def solve(
        self,
        problem: Problem,
        *,
        time_limit_s: float | None = None,
        iterations: int | None = None,
        seed: int = 0,
        warm_start: Plan | None = None,
        on_progress: OnProgress | None = None,
        should_cancel: Callable[[], bool] | None = None,
        cores: int = 2,
    ) -> Solution:
        """``portfolio.solve`` in the program. Same limits, same cores, same errors, and:

        ``SolveCancelledError`` (``cancelled``) at most 200 ms after ``should_cancel()`` turns true;
        ``SolverProgramError`` with ``solver_died``, ``solver_hung``, ``solver_fault`` or ``out_of_memory``.
        A program that does not come to an end is ended; the best verified plan that it had sent is then
        returned, its ``engine`` ending with ``CUT_SHORT``. Only without one it is ``solver_hung``.
        The next call starts a new program if this one is gone.
        """
        check(problem)
        self.start()
        header, body = pack_problem(problem)
        question: Header = {
            "type": "solve",
            "problem": header,
            "time_limit_s": time_limit_s,
            "iterations": iterations,
            "seed": seed,
            "warm_start": pack_plan(warm_start),
            "cores": cores,
        }
        call = _Call(self, on_progress, should_cancel or (lambda: False))
        call.wait_ready()
        limit = time.monotonic() + (CEILING_S if time_limit_s is None else time_limit_s)
        try:
            call.send(frame(question, body), limit)
            return unpack_solution(call.wait("solution", limit)["solution"])
        except SolverProgramError as error:
            if error.code != "solver_hung" or error.best is None:
                raise
            return _cut_short(problem, error.best)

    def wait_ready(self) -> None:
        """Until it has warmed up. Raises ``SolverProgramError`` where it does not."""
        self.start()
        _Call(self, None, lambda: False).wait_ready()

    def _alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def _fileno(self, name: str) -> int:
        stream = getattr(self._process, name)
        return int(stream.fileno())


class _Call:
    """One question to the program: writes and reads without ever blocking past a poll."""

    def __init__(
        self, program: SolverProgram, on_progress: OnProgress | None, should_cancel: Callable[[], bool]
    ) -> None:
        self.program, self.on_progress, self.should_cancel = program, on_progress, should_cancel
        self.best: Solution | None = None
        self.asked = False

    def send(self, data: bytes, deadline: float) -> None:
        """Write all of it; a large problem takes many writes."""
        channel, view = self.program._fileno("stdin"), memoryview(data)
        os.set_blocking(channel, False)
        while view:
            self._look(deadline)
            if select.select([], [channel], [], POLL_S)[1]:
                try:
                    view = view[os.write(channel, view) :]
                except BrokenPipeError:
                    raise self._died() from None
        self.asked = True

    def wait_ready(self) -> None:
        """The program says once that it is ready; until then it reads nothing."""
        if not self.program._ready:
            self.wait("ready", time.monotonic() + START_S)
            self.program._ready = True

    def wait(self, kind: str, deadline: float) -> Header:
        """The next message of this kind; progress is passed on, errors are raised."""
        while True:
            message = self._next(deadline)
            if message["type"] == kind:
                return message
            if message["type"] == "progress":
                self._progress(message)
            elif message["type"] == "invalid":
                raise InvalidProblemError(tuple(InputError(*error) for error in message["errors"]))
            elif message["type"] == "error":
                raise self._error(message["code"], message["cause"], message["action"])

    def _progress(self, message: Header) -> None:
        self.best = unpack_solution(message["solution"])
        if self.on_progress is not None:
            progress = Progress(message["elapsed_s"], message["cost"], message["engine"], self.best)
            self.on_progress(progress)

    def _next(self, deadline: float) -> Header:
        while True:
            message = _take(self.program._pending)
            if message is not None:
                return message
            self._look(deadline)
            self._read(POLL_S)

    def _read(self, timeout_s: float) -> None:
        channel = self.program._fileno("stdout")
        if select.select([channel], [], [], timeout_s)[0]:
            data = os.read(channel, 1 << 20)
            if not data:
                raise self._died()
            self.program._pending += data

    def _look(self, deadline: float) -> None:
        """Has the caller had enough, or the program had its time?"""
        if self.should_cancel():
            self._stop_softly()
            raise SolveCancelledError("cancelled", "Planning was cancelled.", "Start it again.", self.best)
        if time.monotonic() > deadline + (GRACE_S if self.best is None else LATE_S):
            self.program.close()
            raise self._error("solver_hung", "The solver did not answer in time and was ended.", "Try again.")

    def _stop_softly(self) -> None:
        """Ask the program to stop; if it does not within a moment, end it."""
        if not self.asked:
            self.program.close()
            return
        until = time.monotonic() + SOFT_CANCEL_S
        try:
            os.write(self.program._fileno("stdin"), frame({"type": "cancel"}))
            while time.monotonic() < until:
                message = _take(self.program._pending)
                if message is None:
                    self._read(0.01)
                elif message["type"] == "progress":
                    self.best = unpack_solution(message["solution"])
                else:
                    return
        except (OSError, SolverProgramError):
            pass  # it is gone already, which is what was wanted
        self.program.close()

    def _died(self) -> SolverProgramError:
        process = self.program._process
        code = process.wait() if process is not None else None
        self.program.close()
        cause = f"The solver program ended unexpectedly (exit {code})."
        return self._error("solver_died", cause, "Try again; if it repeats, look at memory and logs.")

    def _error(self, code: str, cause: str, action: str) -> SolverProgramError:
        return SolverProgramError(code, cause, action, self.best)


def _cut_short(problem: Problem, best: Solution) -> Solution:
    """The best that had come, with reasons as far as they are quickly found."""
    until = time.monotonic() + EXPLAIN_S
    explained = explain(problem, best, lambda: time.monotonic() > until)
    return replace(explained, engine=f"{best.engine}, {CUT_SHORT}")


def _take(pending: bytearray) -> dict[str, Any] | None:
    """Cut the first whole message off what has arrived."""
    if len(pending) < PREFIX.size:
        return None
    header_length, body_length = PREFIX.unpack_from(pending)
    size = PREFIX.size + header_length + body_length
    if len(pending) < size:
        return None
    message = read_frame(io.BytesIO(bytes(pending[:size])))
    del pending[:size]
    return message[0] if message else None
