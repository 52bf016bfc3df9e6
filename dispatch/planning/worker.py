"""The warm solver program: ``python -m dispatch.planning.worker``, spoken to by ``program.py`` over its
pipes.

In: ``solve`` (problem, limits, seed, warm start) and ``cancel``. Out: ``ready`` once, then ``progress`` and
one
``solution`` or ``error`` per ``solve``. It ends when its input ends, and with its parent on Linux.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import queue
import resource
import signal
import sys
import threading
import time
from typing import Any, BinaryIO

from .errors import InvalidProblemError, PlanningError
from .wire import Header, frame, pack_solution, read_frame, unpack_plan, unpack_problem

PROGRESS_EVERY_S = 0.2
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the limits, warm up, and serve until the input ends."""
    options = _options()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes our input
    if sys.platform == "linux" and options.parent:
        _die_with(options.parent)
    from .engines import portfolio  # the slow imports, and the machine code: both before the first problem
    from .warm import warm_up

    warm_up()

    if options.memory_limit:
        resource.setrlimit(resource.RLIMIT_AS, (options.memory_limit, options.memory_limit))
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb", buffering=0)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing a library prints may get into our frames
    serve(sys.stdin.buffer, out, portfolio)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="dispatch.planning.worker")
    parser.add_argument("--memory-limit", type=int, default=0, help="bytes of address space; 0 is no limit")
    parser.add_argument("--parent", type=int, default=0, help="process id to end with (Linux)")
    return parser.parse_args()


def _die_with(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it went before we asked
        os._exit(0)


def serve(source: BinaryIO, out: BinaryIO, portfolio: Any) -> None:
    """Answer every ``solve`` in turn; a thread reads, so that ``cancel`` and the end of input are seen at
    once.
    """
    cancel = threading.Event()
    work: queue.SimpleQueue[tuple[Header, bytes]] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(source, work, cancel), daemon=True).start()
    out.write(frame({"type": "ready"}))
    while True:
        header, body = work.get()
        cancel.clear()
        out.write(_answer(header, body, out, cancel, portfolio))


def _read(source: BinaryIO, work: queue.SimpleQueue[tuple[Header, bytes]], cancel: threading.Event) -> None:
    while (message := read_frame(source)) is not None:
        if message[0]["type"] == "cancel":
            cancel.set()
        else:
            work.put(message)
    os._exit(0)


def _answer(header: Header, body: bytes, out: BinaryIO, cancel: threading.Event, portfolio: Any) -> bytes:
    try:
        solution = portfolio.solve(
            unpack_problem(header["problem"], body),
            time_limit_s=header["time_limit_s"],
            iterations=header["iterations"],
            seed=header["seed"],
            warm_start=unpack_plan(header["warm_start"]),
            on_progress=_Sender(out),
            should_cancel=cancel.is_set,
            cores=header["cores"],
        )
    except MemoryError:
        cause = "The solver reached its memory limit."
        return _error("out_of_memory", cause, "Plan fewer jobs at once, or raise the limit.")
    except InvalidProblemError as wrong:
        errors = [[e.code, e.cause, e.action, e.subject] for e in wrong.errors]
        return frame({"type": "invalid", "errors": errors})
    except PlanningError as error:
        return _error(error.code, error.cause, error.action)
    except Exception as fault:  # noqa: BLE001 - handed to the parent, which raises it
        return _error("solver_fault", f"{type(fault).__name__}: {fault}", "Report this with the problem.")
    return frame({"type": "solution", "solution": pack_solution(solution)})


def _error(code: str, cause: str, action: str) -> bytes:
    return frame({"type": "error", "code": code, "cause": cause, "action": action})


class _Sender:
    """Sends progress, but not more often than a page can show it. The first plan goes at once."""

    def __init__(self, out: BinaryIO) -> None:
        self.out, self.last = out, float("-inf")

    def __call__(self, progress: Any) -> None:
        now = time.monotonic()
        if now - self.last < PROGRESS_EVERY_S:
            return
        self.last = now
        header = {
            "type": "progress",
            "elapsed_s": progress.elapsed_s,
            "cost": progress.cost,
            "engine": progress.engine,
            "solution": pack_solution(progress.solution),
        }
        self.out.write(frame(header))


if __name__ == "__main__":
    main()
