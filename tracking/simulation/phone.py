"""A driver's phone: an outbox that keeps what could not be sent, and fixes in batches."""

import gzip
import http.client
import json
import logging
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tracking.simulation.path import Spot

log = logging.getLogger(__name__)

FIXES_A_BATCH = 200
LONGEST_PAUSE_S = 15.0
TIMEOUT_S = 20


class OfflineError(Exception):
    """The server was not reached, or cannot answer now."""


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: dict[str, Any]

    @property
    def ok(self) -> bool:
        return self.status < 300


class Line:
    """One kept-alive connection to the server."""

    def __init__(self, base_url: str, token: str) -> None:
        address = urlsplit(base_url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError(f"{base_url} is no http address")
        kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(address.hostname, address.port, timeout=TIMEOUT_S)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Reply:
        """Raises OfflineError for whatever may be better in a while."""
        headers, content = dict(self.headers), None
        if body is not None:
            content = json.dumps(body, allow_nan=False).encode()
            if len(content) > 4096 and path.endswith("/positions/"):
                content, headers["Content-Encoding"] = gzip.compress(content, 1), "gzip"
        try:
            self.connection.request(method, path, content, headers)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise OfflineError(f"{type(error).__name__}: {error}") from error
        if answer.status >= 500 or answer.status == 429:
            raise OfflineError(f"{answer.status} from {path}")
        return Reply(answer.status, _json(text))


def _json(text: bytes) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Phone:
    """What is reported goes out in order, at once or as soon as the server is back; then the fixes."""

    def __init__(self, base_url: str, token: str, now: Callable[[], datetime], name: str = "") -> None:
        self.line = Line(base_url, token)
        self.now, self.name = now, name
        self.outbox: deque[tuple[str, dict[str, Any]]] = deque()
        self.fixes: list[dict[str, Any]] = []
        self.seq = 0
        self.failures = 0
        self.again_at = 0.0

    def record(self, spot: Spot) -> None:
        """Keep a fix for the next batch."""
        self.seq += 1
        fix = {
            "seq": self.seq,
            "at": spot.at.isoformat(),
            "lat": round(spot.lat, 6),
            "lng": round(spot.lng, 6),
        }
        self.fixes.append(fix | {"speed": round(spot.speed_mps, 2), "heading": round(spot.heading) % 360})

    def report(self, path: str, body: dict[str, Any]) -> Reply | None:
        """Send it, after all that waits; the answer, or None when it has to wait."""
        self.outbox.append((path, body))
        return self.flush()

    def fetch(self, path: str) -> Reply | None:
        """Ask for something now; None when offline."""
        if not self.flush_allowed():
            return None
        try:
            reply = self.line.ask("GET", path)
        except OfflineError as error:
            self._failed(error)
            return None
        self.failures = 0
        return reply

    def flush_allowed(self) -> bool:
        return time.monotonic() >= self.again_at

    def flush(self) -> Reply | None:
        """Send what waits; the answer to the last report, None when there is one still waiting."""
        if not self.flush_allowed():
            return None
        reply: Reply | None = None
        try:
            while self.outbox:
                path, body = self.outbox[0]
                reply = self.line.ask("POST", path, body | {"sent_at": self.now().isoformat()})
                self.outbox.popleft()
                if not reply.ok:
                    log.warning(
                        "%s: %s answered %s %s", self.name, path, reply.status, reply.body.get("cause")
                    )
            self._send_fixes()
        except OfflineError as error:
            self._failed(error)
            return None if self.outbox else reply
        self.failures = 0
        return reply

    def _send_fixes(self) -> None:
        while self.fixes:
            batch = self.fixes[:FIXES_A_BATCH]
            body = {"sent_at": self.now().isoformat(), "fixes": batch}
            reply = self.line.ask("POST", "/api/v1/positions/", body)
            if not reply.ok and reply.body.get("code") != "off_duty":
                log.warning("%s: fixes refused: %s %s", self.name, reply.status, reply.body.get("cause"))
            del self.fixes[: len(batch)]

    def _failed(self, error: OfflineError) -> None:
        """Come back later, each time later and never all at once."""
        pause = random.uniform(0.2, min(LONGEST_PAUSE_S, 0.5 * 2**self.failures))  # noqa: S311
        self.failures = min(self.failures + 1, 10)
        self.again_at = time.monotonic() + pause
        log.info("%s: offline (%s), again in %.1f s", self.name, error, pause)

    def drain(self, seconds: float) -> bool:
        """Before the end, try for some seconds to send all that waits; whether it is all sent."""
        deadline = time.monotonic() + seconds
        while (self.outbox or self.fixes) and time.monotonic() < deadline:
            self.flush()
            time.sleep(0.1)
        return not (self.outbox or self.fixes)
