"""Down the timetable of one route: every way, setup, wait and rest, to the second."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..model import NEVER, Job
from ..solution import Step
from .claims import Claims, Stop
from .findings import Findings
from .roads import Road
from .services import Services, closing
from .way import Piece, Way


@dataclass(slots=True)
class Link:
    """One thing in the order of the day, for ``Step.spare_s``: before it was waited so long, and it could start
    so much later. ``at``: the number of the stop at whose door it is, -1 on the road.
    """

    waited: int
    slack: int
    at: int


@dataclass(slots=True)
class Timetable:
    """What the route really is: seconds at the wheel and on foot, metres, what the driver did in turn."""

    drove: int = 0
    walked: int = 0
    metres: int = 0
    pieces: list[Piece] = field(default_factory=list)
    chain: list[Link] = field(default_factory=list)


class Times:
    """The check of one route's times. ``here`` is where the driver is, ``anchor`` where the van is parked."""

    def __init__(self, claims: Claims, out: Findings) -> None:
        self.claims, self.out, self.vehicle = claims, out, claims.vehicle
        self.breaks = {pause.id: pause for pause in self.vehicle.breaks}
        self.road = Road(claims.problem, self.vehicle)
        self.services = Services(claims, out)
        self.table = Timetable()
        self.here, self.anchor, self.parking = self.vehicle.start, self.vehicle.start, ""
        self.key: tuple[str, int] | None = None

    def run(self) -> Timetable:
        """Every step after another."""
        self._start()
        now = self.claims.start.departure
        for number, stop in enumerate(self.claims.stops):
            self._stop(number, stop, self._to(number, stop, now))
            now = stop.step.departure
        self._spare()
        return self.table

    def _start(self) -> None:
        step, equal = self.claims.start, self.out.equal
        loads = next((d.load_s for d in self.claims.problem.depots if d.id == self.vehicle.depot), 0)
        equal("wrong_time", "", "Loading", step.departure - step.start, loads)
        equal("wrong_time", "", "The beginning", step.arrival, step.start)
        self._stands(step)
        self._leg(step, 0, 0, 0)
        equal("wrong_time", "", "Waiting", step.waiting_s, 0)

    def _stands(self, step: Step) -> None:
        """Of a step that is no stop: no setup, no window, no spare time."""
        self.out.equal("wrong_time", step.id, "Setup", step.setup_s, 0)
        self.out.equal("wrong_time", step.id, "Spare time", step.spare_s, 0)
        if step.slack_s is not None:
            self.out.lie("wrong_time", step.id, 1, f"A {step.kind} has no slack.")

    def _leg(self, step: Step, drove: int, walked: int, metres: int) -> None:
        self.out.equal("wrong_time", step.id, "Travel", step.travel_s, drove + walked)
        self.out.equal("wrong_time", step.id, "The walk", step.walked_s, walked)
        self.out.equal("wrong_distance", step.id, "The leg", step.distance_m, metres)
        self.table.drove += drove
        self.table.walked += walked
        self.table.metres += metres

    def _to(self, number: int, stop: Stop, now: int) -> Way:
        """The way to a stop, over every break at a place of its own."""
        job = stop.thing if isinstance(stop.thing, Job) else None
        pauses: list[Step] = []
        for pause in stop.pauses:
            if pause.place is None:
                pauses.append(pause)
                continue
            now = self._over(number, stop, pauses, pause, now)
            pauses = []
        way, foot = self._leave(stop, stop.step, job, now)
        self._rests(number, way, pauses)
        way.go()
        self.table.pieces += way.pieces
        self._leg(stop.step, way.drove, foot, stop.metres[-1])
        stop.arrival = way.now if way.arrived is None else way.arrived
        return way

    def _over(self, number: int, stop: Stop, pauses: list[Step], pause: Step, now: int) -> int:
        """To the place of a break, and the break: when it ends."""
        way, foot = self._leave(stop, pause, None, now)
        self._rests(number, way, pauses)
        way.go()
        equal = self.out.equal
        equal("wrong_time", pause.id, "Arrival", pause.arrival, way.arrived)
        if pause.start < way.now:
            self.out.lie("wrong_time", pause.id, way.now - pause.start, "Starts before the van can be there.")
        waited = way.rest(pause.start, pause.departure)
        equal("wrong_time", pause.id, "Waiting", pause.waiting_s, way.idle)
        closes = closing(self.breaks[pause.id].windows, pause.start)
        self.table.chain.append(Link(waited, closes - pause.start, -1))
        self.table.pieces += way.pieces
        self._leg(pause, way.drove, foot, stop.metres[-1])
        self._stands(pause)
        return way.now

    def _leave(self, stop: Stop, step: Step, job: Job | None, now: int) -> tuple[Way, int]:
        """The way from where the van is to the place of ``step``, and the seconds of it on foot."""
        here, there, foot, leg, metres = self.here, step.place, 0, None, 0
        parking = job.parking if job else ""
        together = bool(parking) and parking == self.parking
        if here is not None and there is not None:
            if together:
                foot = self._walk(here, there, step)
            else:
                if self.anchor is not None and self.anchor != here:
                    foot, here = self._walk(here, self.anchor, step), self.anchor
                if self.road.reaches(here, there):
                    leg, metres = (here, there), self.road.metres(here, there)
                else:
                    self.out.breach("unreachable", step.id, 1, "There is no way to here.")
        stop.metres.append(metres)
        key = (job.setup_group, -1 if job.setup_group else job.place) if job else None
        setup = self.services.paced(job.setup_s) if job and key != self.key and not together else 0
        if step.kind != "break":
            self.out.equal("wrong_time", step.id, "Setup", step.setup_s, setup)
        self.anchor = self.anchor if together else there
        self.here, self.parking, self.key = there, parking, key
        return Way(self.road, now, foot, leg, setup), foot

    def _walk(self, here: int, there: int, step: Step) -> int:
        seconds = self.road.walk(here, there)
        if seconds is None:
            self.out.breach("unreachable", step.id, 1, "There is no way to here on foot.")
        return seconds or 0

    def _rests(self, number: int, way: Way, pauses: list[Step]) -> None:
        """Breaks and pauses that have no place of their own."""
        since = way.now
        for pause in pauses:
            if pause.start < way.now or pause.departure < pause.start:
                self.out.lie("wrong_time", pause.id, 1, "Falls into a service, or into another pause.")
            way.go(pause.start)
            waited = way.rest(pause.start, pause.departure)
            slack = NEVER
            if pause.kind == "break":
                closes = closing(self.breaks[pause.id].windows, pause.start)
                slack = closes - (pause.start if waited else since)
                since = pause.departure
            self.table.chain.append(Link(waited, slack, -1 if way.arrived is None else number))
            self._on_the_spot(pause)

    def _on_the_spot(self, pause: Step) -> None:
        self.out.equal("wrong_time", pause.id, "Arrival", pause.arrival, pause.start)
        self.out.equal("wrong_time", pause.id, "Waiting", pause.waiting_s, 0)
        self._stands(pause)
        self._leg(pause, 0, 0, 0)

    def _stop(self, number: int, stop: Stop, way: Way) -> None:
        step = stop.step
        ready = stop.ready = way.now
        if step.start < ready:
            self.out.lie("wrong_time", step.id, ready - step.start, "Starts before the van can be there.")
        waited = way.idle + step.start - ready
        self.out.equal("wrong_time", step.id, "Waiting", step.waiting_s, waited)
        arrival = step.start if stop.thing is None else stop.arrival
        self.out.equal("wrong_time", step.id, "Arrival", step.arrival, arrival)
        slack = self.services.check(stop)
        says = slack if isinstance(stop.thing, Job) and stop.thing.windows else None
        if (step.slack_s is None) != (says is None):
            self.out.lie("wrong_time", step.id, 1, f"Slack says {step.slack_s}, it is {says}.")
        self.out.equal("wrong_time", step.id, "Slack", step.slack_s, says)
        self.table.pieces.append(("work", max(0, step.departure - ready)))
        self.table.chain.append(Link(step.start - ready, slack, number))

    def _spare(self) -> None:
        """How late the van may arrive at each stop with nothing late from there on."""
        room, spares = NEVER, dict[int, int]()
        for link in reversed(self.table.chain):
            room = max(0, link.waited + min(room, link.slack))
            if link.at >= 0:
                spares[link.at] = min(room, NEVER)
        for number, stop in enumerate(self.claims.stops):
            step = stop.step
            self.out.equal("wrong_time", step.id, "Spare time", step.spare_s, spares[number])
