"""The board's websocket: frames of one station, to whoever may look at it."""

import time
from typing import Any

from dispatch.access import BOARD, roles_at, stations_of
from lastmile.bus import stream
from lastmile.sockets import Socket


class BoardSocket(Socket):
    """Numbered events and live frames of the station in its address."""

    beats = False

    def topic(self) -> int:
        return int(self.scope["url_route"]["kwargs"]["station_id"])

    def allowed(self) -> bool:
        """Whether whoever opened this is still signed in, and may look at the station."""
        user, station_id = self.user(), self.topic()
        known = user is not None and stations_of(user).filter(pk=station_id).exists()
        return known and bool(roles_at(user, station_id) & set(BOARD))

    def greeting(self) -> dict[str, Any]:
        counter = stream(self.topic())
        return {"type": "hello", "epoch": counter.epoch, "seq": counter.last, "server_time": time.time()}
