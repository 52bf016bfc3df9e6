"""`manage.py up` with real processes: whatever is killed, nothing is left behind and the next start works."""

import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.running import ROOT, Up, environment

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all: each start also proves that the kill before it left nothing in the way."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def up(home: Path) -> Iterator[Up]:
    run = Up(home)
    try:
        yield run.wait_ready()
    finally:
        run.kill_everything()


def test_ctrl_c_ends_all_it_started_and_nothing_else(up: Up) -> None:
    """The terminal's signal, while a second start on the same home was refused and a bystander looks on."""
    with urllib.request.urlopen(f"http://127.0.0.1:{up.port}/health/", timeout=5) as answer:
        assert answer.status == 200
    second = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(up.port)],
        env=environment(up.home),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    assert f"already running on {up.home} at http://127.0.0.1:{up.port}" in second.stderr
    assert "Traceback" not in second.stderr
    with subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60) # lastmile.server"]
    ) as bystander:
        os.killpg(up.process.pid, signal.SIGINT)
        up.wait_gone()
        assert bystander.poll() is None
        bystander.kill()
    assert up.process.returncode == 0
    assert up.said().rstrip().endswith("Stopped.")
    assert not (up.home / "run" / "valkey.sock").exists()


@pytest.mark.long
@pytest.mark.parametrize("name", ["guard", "valkey", "web", "worker"])
def test_the_death_of_one_part_ends_the_others(up: Up, name: str) -> None:
    """Half an installation must not look like a whole one: all end, the words say who died."""
    up.part(name).kill()
    up.wait_gone()
    assert up.process.returncode == 1
    said = up.said()
    assert "Traceback" not in said
    assert (f"{name} was ended by signal 9" in said) or (
        name == "guard" and "guard of the run was killed" in said
    )


def test_the_death_of_the_runner_ends_every_part(up: Up) -> None:
    """kill -9 leaves the runner no chance to clean up: the guard does, grandchildren included."""
    pool = up.part("worker").children()
    assert pool, "the worker has children of its own, and they are what is easily left behind"
    up.supervisor.kill()
    up.wait_gone()
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in pool)


def test_the_death_of_two_at_once_ends_the_others(up: Up) -> None:
    for name in ("publisher", "scheduler"):
        up.part(name).kill()
    up.wait_gone()
    assert up.process.returncode == 1
    assert "was ended by signal 9" in up.said()


def test_runner_and_guard_killed_together_then_the_starting_program(up: Up) -> None:
    """The kernel ends direct children (Linux); what is left is found by its mark at the next start.

    That next start is made as make does it, and ends when the program above it is killed.
    """
    guard, runner = up.part("guard"), up.supervisor
    guard.suspend()
    runner.kill()
    guard.kill()
    again = Up(up.home, "--follow-parent", through_shell=True)
    try:
        again.wait_ready()
        up.wait_gone()
        again.process.kill()
        again.wait_gone()
    finally:
        again.kill_everything()
