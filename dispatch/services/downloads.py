"""Fetching a file from an address a person typed: https only, public hosts only, no way round by name or redirect."""

import ipaddress
import shutil
import socket
import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lastmile.kernel.errors import LastmileError

PORTS = (443, 8443)
REDIRECTS = 3
TIMEOUT_S = 30.0
BLOCK = 1 << 20
MOST_BYTES = 8 * 2**30
ROOM = 512 * 2**20


def refused(cause: str) -> LastmileError:
    return LastmileError(
        "address_refused", f"That address is not fetched: {cause}.",
        "Give a public https:// address of an .osm.pbf file, or the path of a file on the server.",
        field="source", status=422,
    )  # fmt: skip


def fetch(address: str, target: Path, progress: Callable[[float], None]) -> None:
    """Download to `target`. Raises LastmileError ``address_refused``, ``download_failed``, ``no_space``.

    Each hop's name is resolved once, every address it has must be public, and the connection goes to that very
    address: a name that answers differently a moment later leads nowhere else.
    """
    for _ in range(REDIRECTS + 1):
        host, port, path = read_address(address)
        connection = Pinned(host, port, public_address(host, port))
        try:
            connection.request("GET", path, headers={"User-Agent": "Lastmile", "Accept": "*/*"})
            answer = connection.getresponse()
            if answer.status in (301, 302, 303, 307, 308):
                address = urljoin(address, answer.headers.get("Location", ""))
                continue
            if answer.status != 200:
                raise failed(f"{host} answered {answer.status}")
            _store(answer, target, progress)
            return
        except (OSError, HTTPException, ssl.SSLError) as error:
            target.unlink(missing_ok=True)
            raise failed(str(error) or type(error).__name__) from error
        finally:
            connection.close()
    raise refused("it leads on and on to other addresses")


def failed(cause: str) -> LastmileError:
    return LastmileError(
        "download_failed", f"It could not be downloaded: {cause}.",
        "Check the address and the network, or download the file elsewhere and give its path.", field="source",
    )  # fmt: skip


def read_address(address: str) -> tuple[str, int, str]:
    """Host, port and path of an address that may be asked."""
    parts = urlsplit(address)
    try:
        port = parts.port or 443
    except ValueError as error:
        raise refused("its port is no number") from error
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise refused("only https:// without a name and password in it")
    if port not in PORTS:
        raise refused(f"port {port} is not one of {', '.join(map(str, PORTS))}")
    if any(ord(sign) <= 32 or ord(sign) > 126 for sign in parts.path + parts.query):
        raise refused("it has signs in it that addresses do not have")
    return parts.hostname, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def public_address(host: str, port: int) -> str:
    """The address to connect to. Raises LastmileError where the name has none, or any that is not public."""
    try:
        found = {row[4][0] for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError) as error:
        raise failed(f"{host} has no address") from error
    for one in found:
        known = ipaddress.ip_address(str(one).partition("%")[0])
        mapped = getattr(known, "ipv4_mapped", None) or getattr(known, "sixtofour", None)
        if not known.is_global or known.is_multicast or (mapped is not None and not mapped.is_global):
            raise refused(f"{host} is not a public host")
    return str(sorted(found)[0])


class Pinned(HTTPSConnection):
    """A connection to one address, with the certificate of the name."""

    def __init__(self, host: str, port: int, address: str) -> None:
        self.tls = ssl.create_default_context()
        super().__init__(host, port, timeout=TIMEOUT_S, context=self.tls)
        self.address = address

    def connect(self) -> None:
        plain = socket.create_connection((self.address, self.port), self.timeout)
        self.sock = self.tls.wrap_socket(plain, server_hostname=self.host)


def _store(answer: HTTPResponse, target: Path, progress: Callable[[float], None]) -> None:
    size, done = int(answer.headers.get("Content-Length") or 0), 0
    free = shutil.disk_usage(target.parent).free - ROOM
    if size > min(free, MOST_BYTES):
        raise _no_space(size)
    with target.open("wb") as file:
        while block := answer.read(BLOCK):
            done += len(block)
            if done > min(free, MOST_BYTES):
                raise _no_space(done)
            file.write(block)
            progress(done / size if size else 0.5)
    if size and done != size:
        raise failed(f"only {done} of {size} bytes came")


def _no_space(size: int) -> LastmileError:
    return LastmileError(
        "no_space", f"There is no room for a file of {size >> 20} MiB.", "Free some disk space, or take a smaller one.",
        status=507,
    )  # fmt: skip
