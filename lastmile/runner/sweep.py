"""Finding every process of a run, whoever is its parent now: all inherit the run's id by environment."""

import contextlib
import os
import time

import psutil

RUN_ID = "LASTMILE_RUN"


def of_run(run_id: str) -> list[psutil.Process]:
    """Living processes of ours that were started, at any depth, with this run's id."""
    me, found = os.getpid(), []
    for process in psutil.process_iter():
        try:
            if process.pid == me or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if process.environ().get(RUN_ID) == run_id:
                found.append(process)
        except (psutil.Error, OSError):
            continue  # ended meanwhile, or somebody else's: neither is ours to end
    return found


def end_all(run_id: str, *, patience_s: float = 5.0) -> int:
    """Kill what is left of a run until nothing is; returns how many processes were met."""
    met: set[int] = set()
    deadline = time.monotonic() + patience_s
    while (left := of_run(run_id)) and time.monotonic() < deadline:
        for process in left:
            met.add(process.pid)
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=0.2)
    return len(met)
