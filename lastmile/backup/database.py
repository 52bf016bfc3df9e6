"""The database as one file: a consistent copy while everything is running, and the way back."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, connections, transaction

from lastmile.kernel.errors import LastmileError

SECONDS = 3600
DEBIAN = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Copy:
    """A copy's file, and what was in it at that moment."""

    name: str
    path: Path
    rows: dict[str, int]
    head: int


def is_sqlite() -> bool:
    return bool(connection.vendor == "sqlite")


def size() -> int:
    """Bytes the database takes, about."""
    if is_sqlite():
        main = database_file()
        return sum(part.stat().st_size for part in (main, _beside(main, "-wal")) if part.exists())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def database_file() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def copy(folder: Path) -> Copy:
    """Copy the database as it is at one moment; whoever writes meanwhile is not held up."""
    return _copy_sqlite(folder) if is_sqlite() else _copy_postgres(folder)


def _copy_sqlite(folder: Path) -> Copy:
    target = folder / "database.sqlite3"
    source = f"file:{database_file()}?mode=ro"
    with (
        closing(sqlite3.connect(source, uri=True, timeout=20)) as live,
        closing(sqlite3.connect(target)) as taken,
    ):
        live.backup(taken)  # all pages within one read transaction
        taken.execute("PRAGMA journal_mode=DELETE")
        return Copy(target.name, target, _rows(taken), _head(taken))


def _rows(taken: sqlite3.Connection) -> dict[str, int]:
    names = taken.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
    )
    return {name: _count(taken, name) for (name,) in names.fetchall()}


def _count(taken: sqlite3.Connection, name: str) -> int:
    return int(taken.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608


def _head(taken: sqlite3.Connection) -> int:
    return int(taken.execute("SELECT coalesce(max(position), 0) FROM lastmile_event").fetchone()[0])


def _copy_postgres(folder: Path) -> Copy:
    target = folder / "database.dump"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = cursor.fetchone()[0]
        rows = row_counts()
        cursor.execute("SELECT coalesce(max(position), 0) FROM lastmile_event")
        head = int(cursor.fetchone()[0])
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")  # while the dump is taken
        _run("pg_dump", "--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}")
    return Copy(target.name, target, rows, head)


def row_counts() -> dict[str, int]:
    """Rows of every table, as they are now."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        counts = {}
        for name in names:
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            counts[name] = int(cursor.fetchone()[0])
    return counts


def is_used() -> bool:
    """Whether the database holds an installation: people, or stations."""
    tables = connection.introspection.table_names()
    with connection.cursor() as cursor:
        for name in ("lastmile_user", "dispatch_station"):
            if name in tables:
                cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {name})")  # noqa: S608
                if cursor.fetchone()[0]:
                    return True
    return False


def require_whole(path: Path) -> None:
    """Refuse a copy that SQLite itself finds fault with."""
    if path.suffix != ".sqlite3":
        return
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as taken:
            said = taken.execute("PRAGMA integrity_check").fetchone()[0]
            loose = taken.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise _broken(str(error)) from error
    if said != "ok" or loose is not None:
        raise _broken(said if said != "ok" else f"a row of {loose[0]} points at nothing")


def _broken(cause: str) -> LastmileError:
    return LastmileError("archive_damaged", f"Its database is broken: {cause}.", "Use an older backup.")


def put_back(path: Path, aside: Path) -> None:
    """Make this copy the database; a file that was there goes to the folder `aside`."""
    connections.close_all()
    if path.suffix == ".sqlite3":
        for ending in ("", "-wal", "-shm"):
            old = _beside(database_file(), ending)
            if old.exists():
                aside.mkdir(exist_ok=True)
                old.replace(aside / old.name)
        path.replace(database_file())
        return
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    connections.close_all()
    _run(
        "pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", "--dbname", _name(), str(path)
    )


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _run(program: str, *words: str) -> None:
    """A tool of PostgreSQL against our database; the password never stands in its command line."""
    found = _tool(program)
    with _environment() as env:
        command = [found, *(words if program == "pg_restore" else (*words, _name()))]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise LastmileError(
            "pg_failed", f"{program} failed: {said}", "Check DATABASE_URL and the server's version."
        )


def _tool(program: str) -> str:
    """The newest on this machine. Raises LastmileError ``no_pg_tools``; ``pg_tools_old`` if the server is newer."""
    server = _server_version()
    found = {path: _version(path) for path in _candidates(program)}
    if not found:
        raise LastmileError(
            "no_pg_tools", f"{program} is not on this machine.",
            "Install PostgreSQL's client programs (Debian: postgresql-client), or name their folder by PG_BIN.",
        )  # fmt: skip
    best = max(found, key=lambda path: found[path])
    if found[best] < server:
        raise LastmileError(
            "pg_tools_old",
            f"{best} is of version {found[best]}, the server of version {server}: it cannot read a newer server.",
            f"Install the client programs of PostgreSQL {server}, or name their folder by PG_BIN.",
        )
    return best


def _candidates(program: str) -> list[str]:
    """The folder PG_BIN names, alone if it is set; else PATH, and where Debian keeps every version."""
    if named := os.environ.get("PG_BIN"):
        paths = [Path(named) / program]
    else:
        paths = [Path(named) / program for named in os.environ.get("PATH", "").split(os.pathsep) if named]
        paths += sorted(DEBIAN.glob(f"*/bin/{program}"))
    return [str(path) for path in paths if path.is_file() and os.access(path, os.X_OK)]


def _version(path: str) -> int:
    """The major version a tool says it has; 0 if it says none."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    number = re.search(r"(\d+)(?:[.\d]|beta|rc|devel|\s|$)", said)
    return int(number[1]) if number else 0


def _server_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


@contextmanager
def _environment() -> Iterator[dict[str, str]]:
    facts: dict[str, Any] = connection.settings_dict
    told = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    yield os.environ | {name: str(facts[key]) for name, key in told.items() if facts.get(key)}
