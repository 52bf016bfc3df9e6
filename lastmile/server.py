"""The web server: Daphne, with limits it does not have itself.

Daphne reads a request's whole body before the application sees it. Here a body's size is judged by its path
as soon as the headers are in, and again chunk by chunk for a body that does not tell its length; what is too
large is answered 413 and thrown away unread.
"""

import argparse
import os
import re
import sys
from collections import Counter
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lastmile.settings")

from daphne import server as daphne_server
from daphne.endpoints import build_endpoint_description_strings
from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.internet import reactor
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory

MIB = 2**20
BODY_LIMIT = 1 * MIB
BODY_LIMITS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(r"^/api/v1/(orders/bulk|optimize)/"), 24 * MIB),
    (re.compile(r"^/api/v1/stations/\d+/(optimize|imports?)/"), 24 * MIB),
    (re.compile(r"^/stations/\d+/(orders/)?imports?/"), 24 * MIB),
    (re.compile(r"^/api/v1/(stops/\d+/)?(proofs?|photos?|uploads?)/"), 12 * MIB),
    (re.compile(r"^/driver/stops/\d+/(deliver|fail)/"), 12 * MIB),
)
SOCKET_MESSAGE_LIMIT = 16 * 1024
LINGER_BYTES = 4 * MIB  # read and thrown away, so that a client still sending gets to see the answer
LINGER_S = 2.0
REFUSAL = (
    b'{"type":"urn:lastmile:too_large","status":413,"code":"too_large",'
    b'"title":"The request is larger than this address takes.",'
    b'"cause":"The request is larger than this address takes.",'
    b'"action":"Send less at once: split the file, or make the picture smaller."}'
)


def body_limit(target: bytes) -> int:
    """The most bytes a request to this address may carry."""
    path = target.split(b"?", 1)[0].decode("latin-1")
    return next((limit for pattern, limit in BODY_LIMITS if pattern.match(path)), BODY_LIMIT)


class LimitedRequest(WebRequest):
    """Refuses a body that is too large before it is kept."""

    received = 0
    refused = False

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        self.limit = body_limit(self.channel._path)  # self.path is set only after the body
        super().gotLength(0 if length and length > self.limit else length)
        if length and length > self.limit:
            self.refuse()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        self.received += len(data)
        if self.refused:
            if self.received > LINGER_BYTES:
                self.channel.transport.abortConnection()
            return
        if self.received > self.limit:
            self.refuse()
            return
        super().handleContentChunk(data)

    def refuse(self) -> None:
        self.refused = True
        self.received = 0
        self.content.truncate(0)
        self.requestHeaders.removeHeader(b"expect")  # no "100 Continue" after the refusal
        head = (
            b"HTTP/1.1 413 Content Too Large\r\nContent-Type: application/problem+json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n"
        )
        transport = self.channel.transport
        transport.write(head % len(REFUSAL) + REFUSAL)
        transport.loseWriteConnection()
        self.cutting = reactor.callLater(LINGER_S, transport.abortConnection)  # type: ignore[arg-type]

    def process(self) -> Any:
        if self.refused:
            self.channel.transport.loseConnection()
            return None
        return super().process()

    def connectionLost(self, reason: Any) -> None:  # noqa: N802 - Twisted's name
        cutting = getattr(self, "cutting", None)
        if cutting is not None and cutting.active():
            cutting.cancel()
        super().connectionLost(reason)


class CountedConnection(ProtocolWrapper):
    """A connection that counts against its address until it ends or proves to be somebody's live screen."""

    counted: str | None = None

    def release(self) -> None:
        if self.counted is not None:
            self.factory.release(self.counted)
            self.counted = None

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 - Twisted's name
        self.release()
        super().connectionLost(reason)


class CountedFactory(WrappingFactory):
    """Refuses further connections of an address that holds too many open without having signed in."""

    protocol = CountedConnection

    def __init__(self, inner: Any, most: int) -> None:
        super().__init__(inner)
        self.most = most
        self.open: Counter[str] = Counter()

    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        host = getattr(addr, "host", "")
        if self.most and self.open[host] >= self.most:
            return None
        made: Any = super().buildProtocol(addr)
        made.counted = host
        self.open[host] += 1
        return made

    def release(self, host: str) -> None:
        self.open[host] -= 1
        if not self.open[host]:
            del self.open[host]


class LimitedFactory(HTTPFactory):
    def buildProtocol(self, addr: Any) -> Any:  # noqa: N802 - Twisted's name
        protocol = super().buildProtocol(addr)
        protocol.requestFactory = LimitedRequest
        return protocol


class ScreenProtocol(WebSocketProtocol):
    maxMessagePayloadSize: int  # noqa: N815 - set by autobahn from the factory's options

    def serverAccept(self, subprotocol: str | None = None) -> None:  # noqa: N802 - Daphne's name
        super().serverAccept(subprotocol)
        # Only a signed-in person's socket is ever accepted; from then on it no longer counts as a stranger's.
        if isinstance(self.transport, CountedConnection):
            self.transport.release()

    def sendMessage(self, payload: bytes, *args: Any, **options: Any) -> None:  # noqa: N802 - autobahn's name
        """The limit is for what browsers say; autobahn would hold our own, larger frames against it too."""
        limit: int = self.maxMessagePayloadSize
        self.maxMessagePayloadSize = 0
        try:
            super().sendMessage(payload, *args, **options)
        finally:
            self.maxMessagePayloadSize = limit


class ScreenFactory(WebSocketFactory):
    protocol = ScreenProtocol


class Server(daphne_server.Server):
    """Daphne's server that ends with an error when it cannot listen."""

    failure: str | None = None

    def listen_error(self, failure: Any) -> None:
        self.failure = failure.getErrorMessage()
        super().listen_error(failure)


def serve(host: str, port: int) -> str | None:
    """Serve until told to stop; returns what went wrong, if anything did."""
    from django.conf import settings

    from lastmile.asgi import application
    from lastmile.proxies import OwnProxies

    most = settings.CONNECTIONS_PER_ADDRESS
    # Server.run makes its factories by these names and offers no other way to bring one's own.
    daphne_server.HTTPFactory = lambda server: CountedFactory(LimitedFactory(server), most)
    daphne_server.WebSocketFactory = ScreenFactory
    server = Server(
        application=OwnProxies(application, count=settings.TRUSTED_PROXIES, networks=settings.PROXY_NETWORKS),
        endpoints=build_endpoint_description_strings(host=host, port=port),
        http_timeout=120,
        websocket_timeout=-1,  # Lastmile ends a socket when its login ends, not by its age
        websocket_max_message_size=SOCKET_MESSAGE_LIMIT,
        websocket_max_frame_size=SOCKET_MESSAGE_LIMIT,
        application_close_timeout=2,
        server_name="lastmile",
        verbosity=0,
    )
    server.run()
    return server.failure


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m lastmile.server", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    options = parser.parse_args()
    sys.exit(serve(options.host, options.port))


if __name__ == "__main__":
    main()
