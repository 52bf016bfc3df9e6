"""A whole Lastmile for flows and benches: `manage.py up` on the demo city, with its command line and sign-in links."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.running import ROOT, Up, environment

KEPT = ROOT / "var" / "tests"  # the demo city is built once for all runs on a machine


class System(Up):
    """A running installation."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str) -> str:
        """Run a program of ours in its environment; returns what it prints."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=ROOT,
            env=environment(self.home),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def link(self, username: str) -> str:
        """A one-time sign-in address."""
        words = self.run("manage.py", "login_link", username).split()
        token = next(word for word in words if "/enter/" in word).partition("/enter/")[2]
        return f"{self.address}/enter/{token}"

    def logs(self) -> str:
        """The last lines of every part, for a failing test's report."""
        paths = sorted((self.home / "log").glob("*.log"))
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in paths)


@contextmanager
def running_system(home: Path) -> Iterator[System]:
    """Start everything in `home` with the demo city, yield when it answers, end it as Ctrl-C would."""
    cities = home / "cities"
    if not cities.exists():
        cities.symlink_to(demo_cities())
    system = System(home)
    try:
        yield system.wait_ready()
        system.supervisor.send_signal(signal.SIGINT)
        system.wait_gone()
        system.run("manage.py", "verify")  # whatever a flow did, the sentences of the checker hold
    finally:
        system.kill_everything()


def demo_cities() -> Path:
    """The folder of cities with the demo city in it, built on first use; safe under parallel tests."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (KEPT / "cities" / "helsinki" / "current" / "city.json").exists():
            shutil.rmtree(KEPT / "cities", ignore_errors=True)
            subprocess.run(
                [sys.executable, "manage.py", "city", "demo"],
                cwd=ROOT,
                env=os.environ | {"LASTMILE_HOME": str(KEPT)},
                check=True,
                timeout=300,
            )
    return KEPT / "cities"
