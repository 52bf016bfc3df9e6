"""The runner's end of its guard (see `guard.py`)."""

import contextlib
import subprocess
import sys
from pathlib import Path

from lastmile.runner.trouble import Trouble


class Died(Trouble):
    """A process the run cannot do without ended by itself."""


class Guard:
    """The guard as the runner sees it: started, told about parts, dismissed."""

    def __init__(self, run_id: str, lock: Path, base: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "lastmile.runner.guard", run_id, str(lock)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            cwd=base,
            start_new_session=True,
        )
        if self.process.stdout is None or self.process.stdout.readline() != "guard ready\n":
            raise Trouble("The guard of the run did not start: is the Python environment whole?")

    def look(self) -> None:
        if self.process.poll() is not None:
            raise Died("The guard of the run was killed, so everything else was stopped. Start again.")

    def tell(self, order: str) -> None:
        if self.process.stdin is None:
            return
        try:
            self.process.stdin.write(order + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            self.process.wait()
            self.look()

    def dismiss(self) -> None:
        """After an orderly end: nothing is left for it to do."""
        with contextlib.suppress(Died):
            self.tell("done")
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process.wait(5)
