"""Which headers about the way a request came are believed: those of our own proxies, nobody else's."""

import ipaddress
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

TOLD_BY_PROXIES = frozenset(
    (
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
    )
)


class OwnProxies:
    """Drops what strangers say about addresses and https before the application can believe it.

    `count` proxies stand in front (0: none, so nobody is believed); a proxy is a peer in one of `networks`.
    """

    def __init__(self, application: Application, *, count: int, networks: Sequence[str]) -> None:
        self.application = application
        self.networks = [ipaddress.ip_network(text) for text in networks] if count > 0 else []

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if "headers" in scope and not self.is_ours(scope.get("client")):
            headers = [pair for pair in scope["headers"] if pair[0].lower() not in TOLD_BY_PROXIES]
            scope = {**scope, "headers": headers}
        await self.application(scope, receive, send)

    def is_ours(self, client: Sequence[Any] | None) -> bool:
        """Whether the peer is one of our proxies; one without an address came by a unix socket, so from here."""
        if not self.networks:
            return False
        if not client or not client[0]:
            return True
        try:
            peer = ipaddress.ip_address(str(client[0]))
        except ValueError:
            return False
        mapped = getattr(peer, "ipv4_mapped", None)
        return any((mapped or peer) in network for network in self.networks)
