"""The runner's parts one by one, and the set-up script's words; the whole is proved in tests/faults."""

import configparser
import errno
import importlib.util
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest

from lastmile.management.commands.up import child_env
from lastmile.runner import home as homes
from lastmile.runner import sweep
from lastmile.runner.guard import listen
from lastmile.runner.home import Home, disk_words, require_port
from lastmile.runner.part import LOG_LIMIT, Part, rotate, stop
from lastmile.runner.parts import Where
from lastmile.runner.trouble import Trouble
from lastmile.valkey import make_private, socket_path

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """bin/setup.py working on a folder that holds nothing but lock files."""
    spec = importlib.util.spec_from_file_location("setup_script", ROOT / "bin" / "setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / "requirements").mkdir()
    for name in ("run", "dev"):
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"absent-{name}==1 --hash=sha256:{'0' * 64}\n")
    for name, value in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "MARK": tmp_path / ".venv" / "installed.json",
    }.items():
        monkeypatch.setattr(module, name, value)
    return module


class FakePip:
    """Stands for pip, so that these tests install nothing."""

    def __init__(self, said: str = "", status: int = 0) -> None:
        self.said, self.status = said, status
        self.calls: list[list[str]] = []

    def __call__(self, command: list[str], **options: object) -> subprocess.CompletedProcess[str]:
        self.calls.append(command)
        return subprocess.CompletedProcess(command, self.status, self.said)


@pytest.fixture
def pip(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> FakePip:
    fake = FakePip()
    monkeypatch.setattr(setup.subprocess, "run", fake)

    def create(folder: Path, **options: object) -> None:
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").touch()

    monkeypatch.setattr(setup.venv, "create", create)
    return fake


def test_a_whole_environment_is_not_touched_again(setup: ModuleType, pip: FakePip) -> None:
    """A second `make run` must be up within seconds."""
    assert setup.make_environment("run")
    assert not setup.make_environment("run")
    assert len(pip.calls) == 1
    assert "--require-hashes" in pip.calls[0]


def test_the_test_lock_serves_the_run_too(setup: ModuleType, pip: FakePip) -> None:
    assert setup.make_environment("test")
    assert not setup.make_environment("run")


def test_a_changed_lock_is_installed(setup: ModuleType, pip: FakePip) -> None:
    setup.make_environment("run")
    setup.lock_file("run").write_text("other==2\n")
    assert setup.make_environment("run")
    assert len(pip.calls) == 2


def test_a_half_made_environment_is_made_anew(
    setup: ModuleType, pip: FakePip, capsys: pytest.CaptureFixture
) -> None:
    """Killed in the middle of an installation: no note was written, so nothing of it is trusted."""
    (setup.VENV / "lib").mkdir(parents=True)
    (setup.VENV / "lib" / "half").touch()
    setup.make_environment("run")
    assert not (setup.VENV / "lib" / "half").exists()
    assert "half-made" in capsys.readouterr().out


def test_a_failed_installation_leaves_no_note(setup: ModuleType, pip: FakePip) -> None:
    """The next start must not believe it."""
    pip.said, pip.status = "ERROR: something else", 1
    with pytest.raises(setup.Trouble, match="pip failed"):
        setup.make_environment("run")
    assert setup.noted() == {}
    pip.status = 0
    assert setup.make_environment("run")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("NewConnectionError: Temporary failure in name resolution", "is there a network"),
        ("ERROR: No matching distribution found for absent-run==1", "is there a network"),
        ("npm error code EAI_AGAIN", "is there a network"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES", "differ from the locked ones"),
    ],
)
def test_each_failure_has_its_sentence(setup: ModuleType, said: str, words: str) -> None:
    assert words in setup.why(said, "pip")


def test_a_full_disk_is_noticed_before_anything_is_written(
    setup: ModuleType, pip: FakePip, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setup.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(1, 1, 5 * 2**20))
    with pytest.raises(setup.Trouble, match="disk is full: 5 MiB left"):
        setup.make_environment("run")
    assert not setup.VENV.exists()


def test_really_no_network_is_one_sentence(setup: ModuleType, tmp_path: Path) -> None:
    """The real pip against an index that nobody answers for."""
    env_pip = [sys.executable, "-m", "pip", "install", "--retries", "0", "--isolated", "--no-input"]
    where = ["--index-url", "http://127.0.0.1:9/simple", "--target", str(tmp_path / "t")]
    with pytest.raises(setup.Trouble, match="pip could not fetch the packages: is there a network"):
        setup.attempt([*env_pip, *where, "absent-package-of-lastmile"], "pip")


def test_without_a_new_python_there_is_one_sentence(tmp_path: Path) -> None:
    """Only an old interpreter on the path, no uv and none to be had."""
    for name in ("sh", "cat", "dirname"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "bin" / "setup"), "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Lastmile needs Python 3.12 or newer and found none")
    assert len(done.stderr.splitlines()) == 1


def test_a_named_browser_that_is_not_there_is_said(
    setup: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    with pytest.raises(setup.Trouble, match="CHROMIUM=/path/to/chromium"):
        setup.require_browser()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.make()
    return made


def test_one_home_is_run_once(home: Home) -> None:
    """The second start names the first; a note left by a dead one does not keep anybody out."""
    home.remember(pid=77, address="http://127.0.0.1:8000", run_id="x")
    home.take()
    with pytest.raises(Trouble, match=r"already running on .* at http://127\.0\.0\.1:8000 \(process 77\)"):
        Home(home.folder).take()
    assert home._held is not None
    home._held.close()
    again = Home(home.folder)
    again.take()


def test_a_broken_note_is_no_obstacle(home: Home) -> None:
    """The machine lost power while it was written."""
    (home.run / "up.json").write_text('{"pid": 7')
    assert home.remembered() == {}
    (home.run / "up.json").write_text("[]")
    assert home.remembered() == {}


def test_a_start_waits_for_the_guard_of_the_run_before(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(homes, "GUARD_WAIT_S", 0.2)
    import fcntl

    with home.guard_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(Trouble, match="has not ended yet"):
            home.take()


def test_a_taken_port_is_one_sentence() -> None:
    with closing(socket.socket()) as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(Trouble, match=rf"Port {port} on 127\.0\.0\.1 is taken.*\(try this\)"):
            require_port("127.0.0.1", port, "try this")
    require_port("127.0.0.1", port, "free again")


def test_a_full_disk_and_a_foreign_folder_are_sentences(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "is full" in disk_words(home.folder, OSError(errno.ENOSPC, "No space left on device"))
    denied = PermissionError(errno.EACCES, "Permission denied", "/var/x")
    assert disk_words(home.folder, denied).startswith("/var/x cannot be used (Permission denied)")
    monkeypatch.setattr(homes, "ROOM", 2**62)
    with pytest.raises(Trouble, match="is full"):
        home.make()


def test_a_long_home_still_has_a_socket(tmp_path: Path) -> None:
    """The kernel allows about a hundred bytes; a deep folder must not keep the server from starting."""
    assert socket_path(Path("/srv/lastmile")) == Path("/srv/lastmile/run/valkey.sock")
    deep = tmp_path / ("d" * 120)
    short = socket_path(deep)
    assert len(str(short)) < 100
    assert socket_path(deep) == short, "every command must find it"
    assert socket_path(tmp_path / ("e" * 120)) != short


def test_a_private_folder_is_private(tmp_path: Path) -> None:
    """Somebody else's folder, or a link to one, must not hold our server's socket."""
    make_private(tmp_path / "mine")
    assert (tmp_path / "mine").stat().st_mode & 0o777 == 0o700
    (tmp_path / "trap").symlink_to(tmp_path / "mine")
    with pytest.raises(PermissionError):
        make_private(tmp_path / "trap")


def test_the_guard_knows_which_groups_live() -> None:
    assert listen(iter(["+10\n", "+11\n", "-10\n"])) == ({11}, False)  # type: ignore[arg-type]
    assert listen(iter(["+10\n", "done\n", "+12\n"])) == ({10}, True)  # type: ignore[arg-type]


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Part]:
    script = "import sys, time; print('WARNING: awake', flush=True); time.sleep(60)"
    part = Part("sleeper", [sys.executable, "-c", script])
    part.start(tmp_path, tmp_path, {"PATH": "/usr/bin:/bin", sweep.RUN_ID: "run-of-this-test"})
    yield part
    stop([part], patience_s=2)


def until(condition: object, patience_s: float = 40.0) -> bool:
    deadline = time.monotonic() + patience_s
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


@pytest.mark.real
def test_a_part_is_found_by_its_run_and_ended(sleeper: Part) -> None:
    """However it was reparented: the mark in its environment stays."""
    assert sleeper.process is not None
    assert until(lambda: [found.pid for found in sweep.of_run("run-of-this-test")] == [sleeper.process.pid])
    assert sweep.of_run("another run") == []
    assert sweep.end_all("run-of-this-test") == 1
    assert sweep.of_run("run-of-this-test") == []
    assert sleeper.ended() is not None


@pytest.mark.real
def test_a_part_ignores_ctrl_c_and_its_warnings_are_shown_once(sleeper: Part) -> None:
    assert until(lambda: sleeper.last_lines() == ["WARNING: awake"])
    sleeper.send(signal.SIGINT)
    assert sleeper.warnings() == ["WARNING: awake"]
    assert sleeper.warnings() == []
    assert sleeper.ended() is None
    began = time.monotonic()
    stop([sleeper], patience_s=30)
    assert sleeper.ended() == -signal.SIGTERM
    assert time.monotonic() - began < 20


@pytest.mark.real
def test_what_does_not_want_to_end_is_killed(tmp_path: Path) -> None:
    """A worker in the middle of a solve must not keep Ctrl-C waiting."""
    script = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
    part = Part("stubborn", [sys.executable, "-c", script], ready="up")
    part.start(tmp_path, tmp_path, {"PATH": "/usr/bin:/bin"})
    assert until(part.is_ready)
    stop([part], patience_s=0.2)
    assert part.ended() == -signal.SIGKILL


def test_logs_of_the_last_runs_are_kept(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for run in range(5):
        rotate(log)
        log.write_text(f"run {run}")
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert kept == {"web.log": "run 4", "web.log.1": "run 3", "web.log.2": "run 2", "web.log.3": "run 1"}


def test_a_growing_log_is_cut(tmp_path: Path) -> None:
    """A run of months must not fill the disk."""
    part = Part("web", [], log=tmp_path / "web.log")
    part.log.write_bytes(b"x" * 1023 + b"\n")
    part._read = LOG_LIMIT
    with part.log.open("ab") as stream:
        stream.truncate(LOG_LIMIT)
        stream.write(b"2026 ERROR last\n")
    assert part.warnings() == ["2026 ERROR last"]
    assert part.log.stat().st_size == 0
    assert (tmp_path / "web.log.1").stat().st_size > LOG_LIMIT


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - shown as an address that can be opened
        ("::1", "http://[::1]:8000"),
        ("station.lan", "http://station.lan:8000"),
    ],
)
def test_the_address_shown_is_one_that_works(host: str, address: str) -> None:
    where = Where(host, 8000, Path("/srv"))
    assert where.address == address
    assert address in where.origins()


def test_parts_are_told_names_and_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sockets are opened from exactly this scheme, host and port; names given by hand are kept."""
    monkeypatch.setenv("ALLOWED_HOSTS", "dispatch.example,localhost")
    monkeypatch.delenv("ORIGINS", raising=False)
    told = child_env(Where("127.0.0.1", 8123, Path("/srv")))
    assert told["ALLOWED_HOSTS"].split(",") == ["localhost", "127.0.0.1", "[::1]", "dispatch.example"]
    assert "http://localhost:8123" in told["ORIGINS"].split(",")
    assert json.dumps(told)


def test_the_service_runs_as_nobody_special() -> None:
    """The unit is what most installations will copy: a line lost here is a door left open everywhere."""
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "lastmile.service")
    service = unit["Service"]
    assert service["User"] not in ("", "root")
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "RestrictSUIDSGID"):
        assert service[name] == "yes", name
    assert "--host 127.0.0.1" in service["ExecStart"]
