"""Live push: frames of a station reach every browser that looks at it.

One hub per web process holds one channel-layer subscription per station and forwards to its sockets; each socket has
a bounded outbox of its own and is credited by the page, so a browser that stops reading costs next to nothing.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

OUTBOX_LIMIT = 500  # numbered frames a socket may owe before it is closed and comes back by snapshot
CREDIT = 8  # unacknowledged frames a page may have
TOO_SLOW = 4408


def topic(station_id: int) -> str:
    return f"station.{station_id}"


def push(station_id: int, frame: dict[str, Any]) -> None:
    """Send a frame to every screen of a station, from synchronous code. A missing layer delays, it never fails."""
    message = {"type": "frame", "text": json.dumps(frame, separators=(",", ":"), allow_nan=False)}
    try:
        async_to_sync(_send)(topic(station_id), message)
    except OSError as error:
        log.warning("live updates delayed: %s", type(error).__name__)


async def push_async(station_id: int, frame: dict[str, Any]) -> None:
    """`push` for code that runs on the event loop."""
    message = {"type": "frame", "text": json.dumps(frame, separators=(",", ":"), allow_nan=False)}
    try:
        await _send(topic(station_id), message)
    except OSError as error:
        log.warning("live updates delayed: %s", type(error).__name__)


async def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        raise OSError("no channel layer")
    try:
        await layer.group_send(group, message)
    except Exception as error:  # the layer's own errors vary by driver; to callers all mean "not reachable"
        raise OSError(f"{type(error).__name__}: {error}") from error


class Outbox:
    """What one socket still has to be sent: numbered frames in order, live frames only in their newest form."""

    def __init__(self) -> None:
        self.numbered: list[str] = []
        self.newest: OrderedDict[str, str] = OrderedDict()
        self.moved: dict[int, dict[str, Any]] = {}
        self.overflown = False
        self.ready = asyncio.Event()

    def put(self, frame: dict[str, Any], text: str) -> None:
        if frame["type"] != "live":
            self.numbered.append(text)
            self.overflown = self.overflown or len(self.numbered) > OUTBOX_LIMIT
        elif frame["name"] == "vehicles.moved":
            for vehicle in frame["data"]["vehicles"]:
                self.moved[vehicle["id"]] = vehicle
        else:
            key = f"{frame['name']}:{frame['data'].get('plan_id') or frame['data'].get('job_id')}"
            self.newest[key] = text
            self.newest.move_to_end(key)
        self.ready.set()

    def take(self) -> str | None:
        """The next frame to send, or None (and not ready) when there is nothing."""
        if self.numbered:
            return self.numbered.pop(0)
        if self.newest:
            return self.newest.popitem(last=False)[1]
        if self.moved:
            vehicles, self.moved = list(self.moved.values()), {}
            frame = {"type": "live", "name": "vehicles.moved", "data": {"vehicles": vehicles}}
            return json.dumps(frame, separators=(",", ":"))
        self.ready.clear()
        return None


class Hub:
    """All sockets of this process: topic -> outboxes, fed by one reader per topic."""

    def __init__(self) -> None:
        self.topics: dict[str, set[Outbox]] = {}
        self.readers: dict[str, asyncio.Task[None]] = {}

    async def join(self, station_id: int, outbox: Outbox) -> None:
        name = topic(station_id)
        self.topics.setdefault(name, set()).add(outbox)
        if name not in self.readers:
            listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.readers[name] = asyncio.create_task(self._read(name, listening))
            await asyncio.wait_for(asyncio.shield(listening), 5)

    def leave(self, station_id: int, outbox: Outbox) -> None:
        name = topic(station_id)
        outboxes = self.topics.get(name, set())
        outboxes.discard(outbox)
        if not outboxes:
            self.topics.pop(name, None)
            reader = self.readers.pop(name, None)
            if reader:
                reader.cancel()

    async def _read(self, name: str, listening: "asyncio.Future[None]") -> None:
        layer = get_channel_layer()
        channel = await layer.new_channel()
        await layer.group_add(name, channel)
        if not listening.done():
            listening.set_result(None)
        try:
            while True:
                message = await layer.receive(channel)
                frame = json.loads(message["text"])
                for outbox in tuple(self.topics.get(name, ())):
                    outbox.put(frame, message["text"])
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("the reader of %s stopped", name)
            self.readers.pop(name, None)
            for outbox in self.topics.get(name, ()):
                outbox.overflown = True  # their pages come back, and with them a new reader
                outbox.ready.set()
        finally:
            await layer.group_discard(name, channel)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop (one per web process)."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
