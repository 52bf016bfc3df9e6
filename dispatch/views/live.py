"""The board's websocket: frames of one station, credited by the page."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from dispatch.access import BOARD, roles_at, stations_of
from lastmile import live
from lastmile.bus import stream
from lastmile.models import User

log = logging.getLogger(__name__)
RECHECK_S = 60
SEND_TIMEOUT_S = 10
INBOUND_LIMIT = 16 * 1024


class BoardSocket(AsyncWebsocketConsumer):
    """Sends `hello`, then numbered events and live frames; hears only `{"ack": frames}`."""

    async def connect(self) -> None:
        self.outbox = live.Outbox()
        self.tasks: list[asyncio.Task[None]] = []
        self.unacknowledged = 0
        self.credit = asyncio.Event()
        self.credit.set()
        self.station_id = int(self.scope["url_route"]["kwargs"]["station_id"])
        hello = await self.greeting()
        if hello is None:
            await self.close(code=4404)
            return
        await live.hub().join(self.station_id, self.outbox)
        await self.accept()
        await self.send(json.dumps(hello))
        self.tasks = [asyncio.create_task(self.guarded(work)) for work in (self.write, self.recheck)]

    async def disconnect(self, code: int) -> None:
        live.hub().leave(self.station_id, self.outbox)
        for task in self.tasks:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            if text_data is None or len(text_data) > INBOUND_LIMIT:
                raise ValueError
            acknowledged = int(json.loads(text_data)["ack"])
        except (ValueError, TypeError, KeyError):
            await self.close(code=4400)
            return
        self.unacknowledged = max(0, self.unacknowledged - max(0, acknowledged))
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
            if self.outbox.overflown:
                await self.close(code=live.TOO_SLOW)
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
    def greeting(self) -> dict[str, Any] | None:
        user = self.scope["user"]
        if not (self.permitted(user)):
            return None
        counter = stream(self.station_id)
        return {"type": "hello", "epoch": counter.epoch, "seq": counter.last, "server_time": time.time()}

    @database_sync_to_async
    def allowed(self) -> bool:
        session = self.scope.get("session")
        alive = session is not None and session.exists(session.session_key)
        user = User.objects.filter(pk=self.scope["user"].pk, is_active=True).first()
        return bool(alive and user and self.permitted(user))

    def permitted(self, user: Any) -> bool:
        known: bool = stations_of(user).filter(pk=self.station_id).exists()
        return known and bool(roles_at(user, self.station_id) & set(BOARD))
