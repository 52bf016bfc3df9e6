"""The board's websocket: frames of one station, to whoever may look at it, and who else is looking."""

import time
from typing import Any

from dispatch.access import BOARD, roles_at, stations_of
from dispatch.views.presence import Here, read_here
from lastmile import live
from lastmile.bus import stream
from lastmile.sockets import Socket

OFTEN_S = 0.2  # a page says where it is no more often than this; what comes sooner is passed over


class BoardSocket(Socket):
    """Numbered events and live frames of the station in its address. A page may say what it shows and drags."""

    beats = False

    def topic(self) -> int:
        return int(self.scope["url_route"]["kwargs"]["station_id"])

    def allowed(self) -> bool:
        """Whether whoever opened this is still signed in, and may look at the station."""
        user, station_id = self.user(), self.topic()
        self.name = str(user) if user is not None else ""
        known = user is not None and stations_of(user).filter(pk=station_id).exists()
        return known and bool(roles_at(user, station_id) & set(BOARD))

    def greeting(self) -> dict[str, Any]:
        counter = stream(self.topic())
        return {"type": "hello", "epoch": counter.epoch, "seq": counter.last, "server_time": time.time()}

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            here = read_here(text_data)
        except ValueError:
            await self.close(code=4400)
            return
        if here is None:
            await super().receive(text_data, bytes_data)
        elif self.place is not None and time.monotonic() >= getattr(self, "next_here", 0.0):
            self.next_here = time.monotonic() + OFTEN_S
            self.page = here.page
            await self.tell(here)

    async def disconnect(self, code: int) -> None:
        if page := getattr(self, "page", ""):
            await self.tell(Here(page, gone=True))

    async def tell(self, here: Here) -> None:
        data = {"name": self.name, **here.data()}
        await live.push_async(self.topic(), {"type": "live", "name": "person.here", "data": data})
