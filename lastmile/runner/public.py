"""`manage.py up --public https://NAME`: what an installation must be told to stand behind a proxy that speaks https."""

import ipaddress
import os
import re
import sys
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import urlsplit

from lastmile.runner.trouble import Trouble

NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\Z"
)
EXAMPLE = "https://dispatch.example.org"


@dataclass(frozen=True)
class Site:
    """The address people type: its origin, and the name the proxy passes on as Host."""

    origin: str
    name: str

    def environment(self) -> dict[str, str]:
        """The settings that follow from it. Unlike on one's own machine, no other name is answered to."""
        return {
            "PUBLIC": "1",
            "ALLOWED_HOSTS": self.name,
            "ORIGINS": self.origin,
            "LASTMILE_URL": self.origin,
            "TRUSTED_PROXIES": os.environ.get("TRUSTED_PROXIES", "1"),
            "CONNECTIONS_PER_ADDRESS": "0",  # every connection comes from the proxy
        }


def site(address: str) -> Site:
    """Read the public address. Raises Trouble for anything but https, a name and perhaps a port."""
    parts = urlsplit(address.strip().rstrip("/"))
    name = (parts.hostname or "").lower()
    try:
        port = parts.port
    except ValueError:
        name, port = "", None
    extra = parts.path or parts.query or parts.fragment or parts.username
    if parts.scheme != "https" or extra or not NAME.match(name):
        raise Trouble(f"--public {address} is no address to be reached at: give it like {EXAMPLE}.")
    return Site(f"https://{name}" if port in (None, 443) else f"https://{name}:{port}", name)


def require_loopback(host: str) -> None:
    """Only the proxy on this machine may speak to us: whoever does is believed about addresses and https."""
    try:
        inside = host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise Trouble(
            f"--public listens on this machine only, behind a proxy, not on {host}: leave --host away, "
            "and let the proxy answer to the world (docs/running.md)."
        )


def begin_again(site: Site) -> NoReturn:
    """Start this program anew with the site's settings: they are read once, before any command runs."""
    sys.stdout.flush()
    os.execve(sys.executable, [sys.executable, *sys.argv], os.environ | site.environment())  # noqa: S606
