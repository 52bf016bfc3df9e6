"""The one writer of fixes in a web process, and the tick that shows pins on screens.

Many threads writing at once give second-long waits; one that writes whatever came in every 50 ms gives none.
"""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import close_old_connections

from dispatch.services.positions import Pin
from lastmile import live
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.events import VehiclesMoved
from tracking.services.ingest import Batch, Ingest, Stored

log = logging.getLogger(__name__)

FLUSH_S = 0.05
TICK_S = 0.2
MOST_WAITING = 2000
MOST_A_FLUSH = 200

Answer = Stored | LastmileError
Waiting = tuple[Batch, "asyncio.Future[Answer]"]


class Writer:
    """Takes batches from requests of one event loop and answers each once it is committed."""

    def __init__(self) -> None:
        self.waiting: list[Waiting] = []
        self.moved: dict[int, dict[int, dict[str, Any]]] = {}
        self.ingest = Ingest()
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="fixes")
        self.flushing: asyncio.Task[None] | None = None
        self.ticking: asyncio.Task[None] | None = None

    async def put(self, batch: Batch) -> Answer:
        """The answer, after the commit. Refuses with 503 when more waits than can be written soon."""
        if len(self.waiting) >= MOST_WAITING:
            return LastmileError(
                "busy", "Too many positions are waiting.", "Send them again in some seconds.", status=503
            )
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.waiting.append((batch, answer))
        if self.flushing is None:
            self.flushing = asyncio.create_task(self._flush())
        return await answer

    async def _flush(self) -> None:
        try:
            while self.waiting:
                await asyncio.sleep(FLUSH_S)
                taken, self.waiting = self.waiting[:MOST_A_FLUSH], self.waiting[MOST_A_FLUSH:]
                await self._write(taken)
        finally:
            self.flushing = None

    async def _write(self, taken: list[Waiting]) -> None:
        loop = asyncio.get_running_loop()
        try:
            answers, pins = await loop.run_in_executor(
                self.thread, self._store, [batch for batch, _ in taken]
            )
        except Exception as error:
            # Each request gets the fault and answers 500; the phones keep their fixes and come again.
            log.exception("fixes were not stored")
            for _, answer in taken:
                if not answer.done():
                    answer.set_exception(error)
            return
        self._show(pins)
        for (_, answer), found in zip(taken, answers, strict=True):
            if not answer.done():
                answer.set_result(found)

    def _store(self, batches: list[Batch]) -> tuple[list[Answer], list[Pin]]:
        close_old_connections()
        try:
            return self.ingest.store(batches)
        except Exception:
            # Nothing was committed, so what the engine learnt from these fixes is not so.
            self.ingest.states.clear()
            raise
        finally:
            close_old_connections()

    def _show(self, pins: list[Pin]) -> None:
        for pin in pins:
            self.moved.setdefault(pin.station_id, {})[pin.vehicle_id] = pin.card()
        if self.moved and self.ticking is None:
            self.ticking = asyncio.create_task(self._tick())

    async def _tick(self) -> None:
        """Newest pins, at most once a tick and station."""
        try:
            while self.moved:
                stations, self.moved = self.moved, {}
                for station_id, cards in stations.items():
                    event = VehiclesMoved(station_id=station_id, vehicles=list(cards.values()))
                    frame = {"type": "live", "name": event.name, "data": event.data()}
                    await live.push_async(station_id, frame)
                await asyncio.sleep(TICK_S)
        finally:
            self.ticking = None


_writers: dict[asyncio.AbstractEventLoop, Writer] = {}


def writer() -> Writer:
    """The writer of the running event loop (one per web process)."""
    loop = asyncio.get_running_loop()
    for old in [each for each in _writers if each.is_closed()]:
        _writers.pop(old).thread.shutdown(wait=False)
    if loop not in _writers:
        _writers[loop] = Writer()
    return _writers[loop]
