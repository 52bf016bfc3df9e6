"""One simulated driver living a route through the API, at the pace of the station's clock."""

import logging
import threading
import uuid
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from tracking.simulation.card import Call, calls, require_moment, way_home
from tracking.simulation.habits import Habits, Outcome
from tracking.simulation.path import Path, Point, Spot, drive, stand
from tracking.simulation.phone import Phone, Reply

log = logging.getLogger(__name__)

FIX_EVERY_S = 10.0
STANDING_EVERY_S = 60.0
BATCH_WALL_S = 1.0
TRIES_AT_A_STOP = 3


class StationClock(Protocol):
    """The station's time, and waiting for it."""

    def now(self) -> datetime: ...

    def wait(self, until: datetime, most_wall_s: float) -> None:
        """Return when the clock shows `until`, or after so many wall seconds, or when all is to stop."""


class Driver:
    """Drives, rings, hands over, comes back. `time` is where the driver's own day has got to."""

    def __init__(
        self, *, card: dict[str, Any], phone: Phone, clock: StationClock, habits: Habits, zone: ZoneInfo
    ) -> None:
        self.card, self.phone, self.clock, self.habits, self.zone = card, phone, clock, habits, zone
        self.stopping = threading.Event()
        self.time = clock.now()
        self.place: Point | None = None
        self.done: set[str] = set()
        self.tries: dict[str, int] = {}
        self.rested = False

    def live(self) -> None:
        """The whole day, or what is left of it when the route has departed already."""
        if self.card["state"] == "released":
            self._leave()
        while not self.stopping.is_set():
            self._look()
            call = self._next()
            if call is None:
                break
            self._visit(call)
        if not self.stopping.is_set() and self.card["state"] == "departed":
            self._return()
        self.phone.drain(2.0 if self.stopping.is_set() else 60.0)

    def _leave(self) -> None:
        start_at = require_moment(self.card["start_at"])
        self._pass([], max(start_at, self.clock.now()))
        if self.stopping.is_set():
            return
        reply = self.phone.report(f"/api/v1/routes/{self.card['id']}/start/", {})
        if reply is not None and not reply.ok:
            log.warning("%s: the route may not start: %s", self.phone.name, reply.body.get("cause"))
            self.stopping.set()
            return
        self.card["state"] = "departed"
        self.time = max(self.time, self.clock.now())

    def _look(self) -> None:
        """Fetch the route again: a dispatcher may have changed it. Offline the driver goes by what they know."""
        reply = self.phone.fetch(f"/api/v1/driver/route/?day={self.card['day']}")
        if reply is None or not reply.ok or reply.body.get("id") != self.card["id"]:
            return
        if not self.phone.outbox:
            self.card = reply.body
            if self.card["state"] == "closed":
                self.stopping.set()

    def _next(self) -> Call | None:
        for call in calls(self.card):
            if call.key not in self.done:
                return call
        return None

    def _visit(self, call: Call) -> None:
        self._rest(call)
        path, seconds = call.path, call.path_s
        if self.place is not None:
            path, seconds = self._joined(path, seconds)
        self._drive(path, seconds)
        self.place = call.place
        if self.stopping.is_set():
            return
        body = self._report(call.place)
        if self._misses(call, self.phone.report(f"/api/v1/stops/{call.stop_id}/arrive/", body)):
            return
        self._stand(call.setup_s)
        if call.window_start is not None and self.time < call.window_start:
            self._stand((call.window_start - self.time).total_seconds())
        self._stand(self.habits.service_s(call.service_s, call.key))
        if not self.stopping.is_set():
            self._hand_over(call)

    def _joined(self, path: Path, seconds: float) -> tuple[Path, float]:
        """From where the van really is: after a change by hand the leg may begin elsewhere."""
        if self.place is None or self.place == path.points[0]:
            return path, seconds
        joined = Path([self.place, *path.points])
        if not path.length:
            return joined, joined.length / 7.0
        return joined, seconds * joined.length / path.length

    def _misses(self, call: Call, reply: Reply | None) -> bool:
        """The stop was changed meanwhile: look again, but not for ever."""
        if reply is None or reply.ok:
            return False
        self.tries[call.key] = self.tries.get(call.key, 0) + 1
        if self.tries[call.key] >= TRIES_AT_A_STOP:
            self.done.add(call.key)
        self._stand(30.0)
        return True

    def _hand_over(self, call: Call) -> None:
        by_outcome: dict[Outcome, list[int]] = {}
        for order in call.orders:
            checks = any("age_check" in other["skills"] for other in call.orders)
            outcome = self.habits.outcome(order["external_id"], age_check=checks)
            by_outcome.setdefault(outcome, []).append(order["id"])
        for outcome, order_ids in by_outcome.items():
            body = self._report(call.place) | {"orders": order_ids}
            if outcome.reason:
                path, more = "fail", {"reason": outcome.reason}
            else:
                path, more = "deliver", {"received_by": outcome.received_by, "relation": outcome.relation}
            self.phone.report(f"/api/v1/stops/{call.stop_id}/{path}/", body | more)
        self.done.add(call.key)

    def _report(self, place: Point) -> dict[str, Any]:
        at = {"event_id": uuid.uuid4().hex, "at": self.time.isoformat()}
        return at | {"lat": place[0], "lng": place[1], "accuracy": 8.0}

    def _rest(self, call: Call) -> None:
        """The break that the timetable left room for, where the van stands."""
        if call.pause and not self.rested and self.place is not None:
            self.rested = True
            self._stand(call.pause.total_seconds())

    def _return(self) -> None:
        place = self.place or (self.card["stops"][-1]["lat"], self.card["stops"][-1]["lng"])
        path, seconds = way_home(self.card, place)
        self._drive(path, seconds)
        if not self.stopping.is_set():
            self.phone.report(f"/api/v1/routes/{self.card['id']}/finish/", {})

    def _drive(self, path: Path, seconds: float) -> None:
        lasts = seconds * self.habits.traffic(self.time.astimezone(self.zone))
        spots = drive(path, self.time, lasts, FIX_EVERY_S)
        self._pass(spots, self.time + timedelta(seconds=lasts))

    def _stand(self, seconds: float) -> None:
        spots = []
        if self.place is not None:
            spots = stand(self.place, self.time, seconds, STANDING_EVERY_S)
        self._pass(spots, self.time + timedelta(seconds=seconds))

    def _pass(self, spots: list[Spot], until: datetime) -> None:
        """Let the clock run to `until`, sending fixes as they come due, about a batch each wall second."""
        coming = list(spots)
        while not self.stopping.is_set():
            now = self.clock.now()
            due = [spot for spot in coming if spot.at <= now]
            coming = coming[len(due) :]
            for spot in due:
                self.phone.record(spot)
            if due or self.phone.outbox or self.phone.fixes:
                self.phone.flush()
            if now >= until:
                break
            self.clock.wait(until, BATCH_WALL_S)
        self.time = max(self.time, until)
