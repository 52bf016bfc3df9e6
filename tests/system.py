"""A whole Lastmile for tests and benches: real Daphne, Celery, scheduler, publisher and Valkey on a random port."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
KEPT = REPOSITORY / "var" / "tests"  # the demo city is built once for all runs on a machine


@dataclass
class System:
    """A running installation: where it is, and its command line."""

    address: str
    env: dict[str, str]
    process: subprocess.Popen[str]

    def manage(self, *words: str) -> str:
        """Run a management command against it and return what it prints."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=REPOSITORY,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(words)}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, module: str, *words: str) -> str:
        """Run a module inside its environment."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=REPOSITORY,
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{module}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def link(self, username: str) -> str:
        """A one-time sign-in address on this system's own port."""
        words = self.manage("login_link", username).split()
        path = next(word for word in words if "/enter/" in word).partition("/enter/")[2]
        return f"{self.address}/enter/{path}"

    def logs(self) -> str:
        """The last lines of every part, for a failing test's report."""
        folder = Path(self.env["LASTMILE_HOME"]) / "log"
        tails = (f"--- {path.name}\n{path.read_text()[-2000:]}" for path in sorted(folder.glob("*.log")))
        return "\n".join(tails)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_system(home: Path, *, city: Path | None = None) -> Iterator[System]:
    """Start `manage.py up` in its own home, yield when it answers, end it as Ctrl-C would."""
    home.mkdir(parents=True, exist_ok=True)
    if city is not None and not (home / "cities").exists():
        (home / "cities").symlink_to(city)
    port = free_port()
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    env |= {"LASTMILE_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    for name in ("DATABASE_URL", "VALKEY_URL", "DJANGO_SETTINGS_MODULE"):
        env.pop(name, None)
    with (home / "up.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port)],
            cwd=REPOSITORY,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    system = System(f"http://127.0.0.1:{port}", env, process)
    try:
        wait_until_up(system, home / "up.log")
        yield system
    finally:
        stop(process)


def wait_until_up(system: System, log: Path, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert system.process.poll() is None, log.read_text()
        if "Ctrl-C" in log.read_text():
            with urllib.request.urlopen(f"{system.address}/health/", timeout=5) as answer:  # noqa: S310
                assert answer.status == 200
            return
        time.sleep(0.1)
    raise AssertionError(f"not up after {seconds} s:\n{log.read_text()}")


def stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def demo_cities() -> Path:
    """The folder of cities with the demo city in it, built on first use; safe under parallel tests."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "city.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (KEPT / "cities" / "helsinki" / "current" / "city.json").exists():
            shutil.rmtree(KEPT / "cities", ignore_errors=True)
            env = os.environ | {"LASTMILE_HOME": str(KEPT)}
            subprocess.run(
                [sys.executable, "manage.py", "city", "demo"], cwd=REPOSITORY, env=env, check=True, timeout=300
            )
    return KEPT / "cities"
