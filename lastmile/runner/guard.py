"""The guard of a run: ends every part once the runner is gone, even by kill -9.

Started by the runner as `python -m lastmile.runner.guard RUN_ID LOCK_FILE` with a pipe as its standard input.
The runner tells it each part's process group (`+group`, `-group`) and says `done` after an orderly end. The
kernel closes the pipe when the runner dies, whatever killed it; then the guard kills the groups, and whatever
still carries the run's id. Until it is finished it holds LOCK_FILE: a new start waits for a clean field.
"""

import contextlib
import fcntl
import os
import signal
import sys
from typing import TextIO

from lastmile.runner.sweep import end_all


def listen(orders: TextIO) -> tuple[set[int], bool]:
    """Read orders to their end: the groups then alive, and whether the runner ended in order."""
    groups: set[int] = set()
    for line in orders:
        word = line.strip()
        if word == "done":
            return groups, True
        group = int(word[1:])
        (groups.add if word[0] == "+" else groups.discard)(group)
    return groups, False


def main(run_id: str, lock_path: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with open(lock_path, "a") as lock:  # noqa: PTH123 - kept to the standard library's fastest start
        fcntl.flock(lock, fcntl.LOCK_EX)
        print("guard ready", flush=True)
        groups, orderly = listen(sys.stdin)
        if orderly:
            return
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)
        end_all(run_id)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
