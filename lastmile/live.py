"""Live push: frames of a station reach every browser that looks at it.

One hub per web process holds one channel-layer subscription per station and forwards to its sockets; each socket has
a bounded outbox of its own and is credited by the page, so a browser that stops reading costs next to nothing.
"""

import asyncio
import json
import logging
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import redis
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

OUTBOX_LIMIT = 500  # numbered frames a socket may owe before it is closed and comes back by snapshot
CREDIT = 8  # unacknowledged frames a page may have
JOIN_S = 5
SEND_S = 2  # a server that is there and does not answer must not stop the publisher
TOO_SLOW = 4408
COME_BACK = 1012  # the subscription broke: nothing is wrong with the page, it only may have missed something


def topic(place: int | str) -> str:
    """The group of a station's screens, by its id; any other group (``driver.7``, ``order.12``) by its own name."""
    return f"station.{place}" if isinstance(place, int) else place


def push(place: int | str, frame: dict[str, Any]) -> None:
    """Send a frame to every screen of a topic, from synchronous code. A missing layer delays, it never fails."""
    message = {"type": "frame", "text": json.dumps(frame, separators=(",", ":"), allow_nan=False)}
    try:
        async_to_sync(_send)(topic(place), message)
    except OSError as error:
        log.warning("live updates delayed: %s", type(error).__name__)


async def push_async(place: int | str, frame: dict[str, Any]) -> None:
    """`push` for code that runs on the event loop."""
    message = {"type": "frame", "text": json.dumps(frame, separators=(",", ":"), allow_nan=False)}
    try:
        await _send(topic(place), message)
    except OSError as error:
        log.warning("live updates delayed: %s", type(error).__name__)


async def _send(group: str, message: dict[str, Any]) -> None:
    layer = get_channel_layer()
    if layer is None:
        raise OSError("no channel layer")
    try:
        await asyncio.wait_for(layer.group_send(group, message), SEND_S)
    except Exception as error:  # the layer's own errors vary by driver; to callers all mean "not reachable"
        raise OSError(f"{type(error).__name__}: {error}") from error


class Outbox:
    """What one socket still has to be sent: numbered frames in order, live frames only in their newest form."""

    def __init__(self) -> None:
        self.numbered: list[str] = []
        self.newest: OrderedDict[str, str] = OrderedDict()
        self.moved: dict[int, dict[str, Any]] = {}
        self.closing = 0  # the code its socket is to be closed with
        self.ready = asyncio.Event()

    def put(self, frame: dict[str, Any], text: str) -> None:
        if self.closing:
            return  # a page that comes back takes a snapshot: what is kept for it would only fill memory
        if frame["type"] != "live":
            self.numbered.append(text)
        elif frame["name"] == "vehicles.moved":
            for vehicle in frame["data"]["vehicles"]:
                self.moved[vehicle["id"]] = vehicle
        else:
            about = (frame["data"].get(name) for name in ("plan_id", "job_id", "page"))
            key = f"{frame['name']}:{next(filter(None, about), None)}"
            self.newest[key] = text
            self.newest.move_to_end(key)
        if len(self.numbered) > OUTBOX_LIMIT:
            self.close(TOO_SLOW)
        self.ready.set()

    def close(self, code: int) -> None:
        """Forget everything and tell the writer to close its socket; the first reason stays."""
        self.closing = self.closing or code
        self.numbered.clear()
        self.newest.clear()
        self.moved.clear()
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


@dataclass
class Reader:
    """The subscription of one topic; `listening` is done once messages can arrive, or will not."""

    task: asyncio.Task[None]
    listening: asyncio.Future[None]


class Hub:
    """All sockets of this process: topic -> outboxes, fed by one reader per topic."""

    def __init__(self) -> None:
        self.topics: dict[str, set[Outbox]] = {}
        self.readers: dict[str, Reader] = {}

    async def join(self, place: int | str, outbox: Outbox) -> None:
        """Feed the outbox from now on; raises OSError, and feeds nothing, when the layer is out of reach."""
        name = topic(place)
        self.topics.setdefault(name, set()).add(outbox)
        if name not in self.readers:
            listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self.readers[name] = Reader(asyncio.create_task(self._read(name, listening)), listening)
        try:
            await asyncio.wait_for(asyncio.shield(self.readers[name].listening), JOIN_S)
        except BaseException:
            self.leave(place, outbox)
            raise

    def leave(self, place: int | str, outbox: Outbox) -> None:
        """Feed the outbox no more; leaving twice is leaving once."""
        name = topic(place)
        outboxes = self.topics.get(name, set())
        outboxes.discard(outbox)
        if not outboxes:
            self.topics.pop(name, None)
            reader = self.readers.pop(name, None)
            if reader:
                reader.task.cancel()

    async def _read(self, name: str, listening: "asyncio.Future[None]") -> None:
        layer, channel = get_channel_layer(), ""
        try:
            channel = await layer.new_channel()
            await layer.group_add(name, channel)
            listening.set_result(None)
            await self._forward(name, layer, channel)
        except Exception as error:
            log.exception("the reader of %s stopped", name)
            self._lost(name, listening, error)
        finally:
            if channel:
                await _unsubscribe(layer, name, channel)

    async def _forward(self, name: str, layer: Any, channel: str) -> None:
        while True:
            message = await layer.receive(channel)
            frame = json.loads(message["text"])
            for outbox in tuple(self.topics.get(name, ())):
                outbox.put(frame, message["text"])

    def _lost(self, name: str, listening: "asyncio.Future[None]", error: Exception) -> None:
        """The next to join makes a new reader; pages that were fed by this one come back, and with them one."""
        reader = self.readers.get(name)
        if reader is None or reader.listening is not listening:
            return
        del self.readers[name]
        if not listening.done():
            listening.set_exception(OSError(f"{type(error).__name__}: {error}"))
            listening.exception()  # whoever waited may have given up: unheard is no fault
            return
        for outbox in self.topics.get(name, ()):
            outbox.close(COME_BACK)


async def _unsubscribe(layer: Any, name: str, channel: str) -> None:
    try:
        await layer.group_discard(name, channel)
    except (OSError, redis.RedisError) as error:  # the server is away, and with it the subscription
        log.warning("%s could not be unsubscribed: %s", name, type(error).__name__)


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    """The hub of the running event loop (one per web process)."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
