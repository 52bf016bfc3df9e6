"""Whoever types a command in the wrong place reads one sentence, not a traceback."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lastmile.runner.home import require_port
from lastmile.runner.trouble import Trouble

ROOT = Path(__file__).resolve().parents[2]


def command(home: Path, *words: str) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=environment | {"LASTMILE_HOME": str(home), "DJANGO_SETTINGS_MODULE": "lastmile.settings"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background inherit it ignored
    )  # fmt: skip


@pytest.mark.parametrize("words", [("verify",), ("backup",)])
def test_a_home_without_an_installation_is_said_in_one_sentence(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Through Django's database and through SQLite's own: both forget LASTMILE_HOME alike."""
    process = command(tmp_path, *words)
    _out, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert str(tmp_path) in errors
    assert "manage.py up" in errors
    assert "Traceback" not in errors


def test_ctrl_c_ends_a_command_without_a_traceback(tmp_path: Path) -> None:
    """`shell` waits for input: whatever a command does, an interrupt is no fault of the program."""
    process = command(
        tmp_path, "shell", "--no-imports", "-c", "print('ready', flush=True); import time; time.sleep(60)"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _out, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "Stopped.\n")


@pytest.mark.parametrize("port", [-1, 0, 65536, 99999])
def test_a_number_that_is_no_port_is_refused(port: int) -> None:
    with pytest.raises(Trouble, match="no port"):
        require_port("127.0.0.1", port, "")
