"""The board's websocket: frames of one station, credited by the page."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.contrib import auth
from django.utils.crypto import constant_time_compare

from dispatch.access import BOARD, roles_at, stations_of
from lastmile import live
from lastmile.bus import stream
from lastmile.models import User

log = logging.getLogger(__name__)
RECHECK_S = 60
TRY_AGAIN = 1013
SEND_TIMEOUT_S = 10
INBOUND_LIMIT = 16 * 1024


class BoardSocket(AsyncWebsocketConsumer):
    """Sends `hello`, then numbered events and live frames; hears only `{"ack": frames}`."""

    channel_layer_alias = ""  # none of its own: the hub subscribes once for all sockets of a station

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.outbox = live.Outbox()
        self.tasks: list[asyncio.Task[None]] = []
        self.unacknowledged = 0
        self.credit = asyncio.Event()
        self.credit.set()
        self.station_id = int(scope["url_route"]["kwargs"]["station_id"])
        try:
            await super().__call__(scope, receive, send)
        finally:  # also when a handler failed or the server gave the connection up, which is no `disconnect`
            live.hub().leave(self.station_id, self.outbox)
            for task in self.tasks:
                task.cancel()

    async def connect(self) -> None:
        """Join, then read the number, then greet: an event in between is in the outbox or in the number."""
        if not await self.allowed():
            await self.close(code=4404)
            return
        try:
            await live.hub().join(self.station_id, self.outbox)
        except OSError as error:
            log.warning("no live updates for station %s: %s", self.station_id, error)
            await self.accept()  # a refused handshake could not tell the page why
            await self.close(code=TRY_AGAIN)
            return
        hello = await self.greeting()
        await self.accept()
        await self.send(json.dumps(hello))
        self.tasks = [asyncio.create_task(self.guarded(work)) for work in (self.write, self.recheck)]

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            acknowledged = read_ack(text_data)
        except (ValueError, TypeError, KeyError, RecursionError):
            await self.close(code=4400)
            return
        self.unacknowledged = max(0, self.unacknowledged - acknowledged)
        if self.unacknowledged < live.CREDIT:
            self.credit.set()

    async def guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        """A socket whose task died would look alive for ever: close it, the page comes back by snapshot."""
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("socket of station %s", self.station_id)
            await self.close(code=1011)

    async def write(self) -> None:
        """Send what the outbox holds, no faster than the page acknowledges."""
        while True:
            await self.outbox.ready.wait()
            if self.outbox.closing:
                await self.close(code=self.outbox.closing)
                return
            try:
                await asyncio.wait_for(self.credit.wait(), SEND_TIMEOUT_S)
            except TimeoutError:
                await self.close(code=live.TOO_SLOW)
                return
            frame = self.outbox.take()
            if frame is None:
                continue
            self.unacknowledged += 1
            if self.unacknowledged >= live.CREDIT:
                self.credit.clear()
            await self.send(frame)

    async def recheck(self) -> None:
        """A socket must not outlive its login."""
        while True:
            await asyncio.sleep(RECHECK_S)
            if not await self.allowed():
                await self.close(code=4403)
                return

    @database_sync_to_async
    def greeting(self) -> dict[str, Any]:
        counter = stream(self.station_id)
        return {"type": "hello", "epoch": counter.epoch, "seq": counter.last, "server_time": time.time()}

    @database_sync_to_async
    def allowed(self) -> bool:
        """Whether whoever opened this is still signed in, and may look at the station."""
        session = self.scope.get("session")
        user = signed_in(session.session_key) if session is not None else None
        known = user is not None and stations_of(user).filter(pk=self.station_id).exists()
        return known and bool(roles_at(user, self.station_id) & set(BOARD))


def read_ack(text: str | None) -> int:
    """How many frames a page has taken; raises what `json` and a wrong shape raise."""
    if text is None or len(text) > INBOUND_LIMIT:
        raise ValueError("not a short text")
    acknowledged = json.loads(text)["ack"]
    if type(acknowledged) is not int or acknowledged < 0:  # true is an int, and Infinity a number, to Python
        raise ValueError("not a count")
    return acknowledged


def signed_in(session_key: str | None) -> User | None:
    """Whom a session stands for at this moment, read afresh: not if it has expired or the password was changed.

    Like `django.contrib.auth.get_user`, but only a look: that one may cycle or flush the session, and here is no
    response that could carry the new cookie.
    """
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    backend = session.get(auth.BACKEND_SESSION_KEY)
    if backend not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = auth.load_backend(backend).get_user(session.get(auth.SESSION_KEY))
    if user is None:
        return None
    proofs = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    held = session.get(auth.HASH_SESSION_KEY, "")
    return user if any(constant_time_compare(held, proof) for proof in proofs) else None
