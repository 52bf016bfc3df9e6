"""What all our websockets have in common: one topic, credited frames, and no life beyond its permission."""

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
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from lastmile import live
from lastmile.models import User
from lastmile.second_factor import lacking
from lastmile.sign_ins import is_over

log = logging.getLogger(__name__)
RECHECK_S = 60
BEAT_S = 15  # a page takes 35 s of silence for a dead connection
TRY_AGAIN = 1013
SEND_TIMEOUT_S = 10
INBOUND_LIMIT = 16 * 1024
STRANGER = 4404
ENDED = 4403


class Socket(AsyncWebsocketConsumer):
    """Sends `hello`, then the frames of its topic; hears only `{"ack": frames}`.

    A subclass says which topic (`topic`) and who may hear it (`allowed`), and may greet with more (`greeting`).
    Both run in a thread of the database, `allowed` first and then every minute.
    """

    channel_layer_alias = ""  # none of its own: the hub subscribes once for all sockets of a topic
    beats = True  # the socket's own; a station's screens hear those of the publisher, which carry a number

    def allowed(self) -> bool:
        """Whether whoever opened this may hear it at this moment."""
        raise NotImplementedError

    def topic(self) -> int | str:
        """A station's id, or the name of a group; asked once, after `allowed` said yes."""
        raise NotImplementedError

    def greeting(self) -> dict[str, Any]:
        return {"type": "hello", "server_time": time.time()}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.outbox = live.Outbox()
        self.tasks: list[asyncio.Task[None]] = []
        self.unacknowledged = 0
        self.credit = asyncio.Event()
        self.credit.set()
        self.place: int | str | None = None
        try:
            await super().__call__(scope, receive, send)
        finally:  # also when a handler failed or the server gave the connection up, which is no `disconnect`
            if self.place is not None:
                live.hub().leave(self.place, self.outbox)
            for task in self.tasks:
                task.cancel()

    async def connect(self) -> None:
        """Join, then read the number, then greet: an event in between is in the outbox or in the number."""
        if not await database_sync_to_async(self.allowed)():
            await self.close(code=STRANGER)
            return
        self.place = await database_sync_to_async(self.topic)()
        try:
            await live.hub().join(self.place, self.outbox)
        except OSError as error:
            log.warning("no live updates for %s: %s", self.place, error)
            await self.accept()  # a refused handshake could not tell the page why
            await self.close(code=TRY_AGAIN)
            return
        hello = await database_sync_to_async(self.greeting)()
        await self.accept()
        await self.send(json.dumps(hello))
        self.tasks = [asyncio.create_task(self.guarded(work)) for work in self.works()]

    def works(self) -> list[Callable[[], Awaitable[None]]]:
        return [self.write, self.recheck, *([self.beat] if self.beats else [])]

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
            log.exception("socket of %s", self.place)
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
        """A socket must not outlive its permission."""
        while True:
            await asyncio.sleep(RECHECK_S)
            if not await database_sync_to_async(self.allowed)():
                await self.close(code=ENDED)
                return

    async def beat(self) -> None:
        """Something to hear when nothing happens, sent like all else: a page that reads nothing gets no more."""
        while True:
            await asyncio.sleep(BEAT_S)
            frame = {"type": "live", "name": "beat", "data": {}}
            self.outbox.put(frame, json.dumps(frame))

    def user(self) -> User | None:
        """Who is signed in on the session that opened this, read afresh. For use in `allowed`."""
        session = self.scope.get("session")
        return signed_in(session.session_key) if session is not None else None


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
    if not any(constant_time_compare(held, proof) for proof in proofs):
        return None
    return None if is_over(session, timezone.now()) or lacking(user, session) else user
