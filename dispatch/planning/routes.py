"""From the walker's trace to the route that people see: steps, sums, spare time, violations in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .kernel.trace import (
    BEGIN,
    DEPARTURE,
    DRIVING,
    END,
    END_WAIT,
    FOOT,
    METRES,
    N_BREACHES,
    N_CHAIN,
    N_EVENTS,
    Trace,
)
from .kernel.walker import Walker
from .kernel.world import CHARGER, DEPOT, JOB, SOFT
from .model import NEVER, Vehicle
from .rules import say
from .rules.codes import CODES, NUMBER
from .rules.statics import static_breaches, words
from .solution import Cost, Penalty, Route, Step, StepKind, Violation

_KINDS: dict[int, StepKind] = {JOB: "job", DEPOT: "reload", CHARGER: "charge"}
_BREAK = 1


class RouteReader:
    """Reads the last walked route out of a walker."""

    def __init__(
        self, walker: Walker, names: Sequence[str], v: int, items: Sequence[int], running: bool
    ) -> None:
        self.walker, self.problem, self.names = walker, walker.problem, names
        self.v, self.items, self.running = v, items, running
        self.vehicle: Vehicle = self.problem.vehicles[v]
        self.trace: Trace = walker.trace
        self.stops: list[dict[str, int]] = _dicts(self.trace.stop[: len(items) + 1])
        self.events: list[dict[str, int]] = _dicts(self.trace.events[: self.trace.sums[N_EVENTS]])
        self.boards = [tuple(row) for row in self.trace.board[: len(items) + 1].tolist()]
        if not self.problem.dimensions:
            self.boards = [()] * (len(items) + 1)

    def read(self) -> Route:
        """The route with its timetable, cost, violations and penalties."""
        sums = self.trace.sums.tolist()
        violations, penalties = self._breaches()
        steps = self._steps()
        return Route(
            vehicle=self.vehicle.id,
            steps=tuple(steps),
            departure=sums[DEPARTURE],
            end=sums[END],
            distance_m=sums[METRES],
            driving_s=sums[DRIVING] + sums[FOOT],
            setup_s=sum(step.setup_s for step in steps),
            service_s=sum(s.departure - s.start for s in steps if s.kind in ("job", "reload", "charge")),
            waiting_s=sum(step.waiting_s for step in steps),
            break_s=sum(s.departure - s.start for s in steps if s.kind in ("break", "pause")),
            cost=Cost(*self.trace.cost.tolist()),
            violations=tuple(violations),
            begin=sums[BEGIN],
            penalties=tuple(penalties),
        )

    def _steps(self) -> list[Step]:
        spares, level = self._spares(), self.vehicle.battery.start_wh if self.vehicle.battery else None
        steps = [self._start(spares, level)]
        for i, number in enumerate(self.items):
            stop = self.stops[i]
            steps += self._pauses(i, level)
            level = stop["level"] if self.vehicle.battery else None
            item = self.walker.world.items[number]
            steps.append(
                Step(
                    kind=_KINDS[int(item["kind"])],
                    id=self.names[number],
                    place=int(item["place"]),
                    arrival=stop["arrival"],
                    setup_s=stop["setup"],
                    waiting_s=stop["wait"],
                    start=stop["start"],
                    departure=stop["leave"],
                    travel_s=stop["travel"],
                    distance_m=stop["metres"],
                    load=self.boards[i + 1],
                    slack_s=stop["slack"] if item["win_n"] and item["kind"] == JOB else None,
                    spare_s=spares[i],
                    walked_s=stop["foot"],
                    battery_wh=level,
                )
            )
        steps += self._pauses(len(self.items), level)
        steps.append(self._end(spares))
        return steps

    def _start(self, spares: list[int], level: int | None) -> Step:
        begin, leaves = int(self.trace.sums[BEGIN]), int(self.trace.sums[DEPARTURE])
        place = None if self.running else self.vehicle.start
        return Step("start", "", place, begin, 0, 0, begin, leaves, 0, 0, self.boards[0], battery_wh=level)

    def _end(self, spares: list[int]) -> Step:
        stop, time = self.stops[-1], int(self.trace.sums[END])
        return Step(
            kind="end",
            id="",
            place=self.vehicle.end,
            arrival=time,
            setup_s=0,
            waiting_s=int(self.trace.sums[END_WAIT]),
            start=time,
            departure=time,
            travel_s=stop["travel"],
            distance_m=stop["metres"],
            load=self.boards[-1],
            spare_s=spares[-1],
            walked_s=stop["foot"],
            battery_wh=stop["level"] if self.vehicle.battery else None,
        )

    def _pauses(self, leg: int, level: int | None) -> list[Step]:
        """Breaks and pauses on one leg."""
        steps, load = [], self.boards[leg]
        rate = self.vehicle.battery.wh_per_km if self.vehicle.battery else 0
        for event in self.events:
            if event["leg"] != leg:
                continue
            taken = event["kind"] == _BREAK
            own = event["place"] >= 0
            if level is not None and own:
                level -= (event["metres"] * rate + 500) // 1000
            steps.append(
                Step(
                    kind="break" if taken else "pause",
                    id=self._break_id(event["number"]) if taken else "",
                    place=event["place"] if own else None,
                    arrival=event["start"] - event["wait"],
                    setup_s=0,
                    waiting_s=event["wait"],
                    start=event["start"],
                    departure=event["end"],
                    travel_s=event["travel"],
                    distance_m=event["metres"],
                    load=load,
                    walked_s=event["foot"],
                    battery_wh=level,
                )
            )
        return steps

    def _break_id(self, row: int) -> str:
        return self.vehicle.breaks[row - int(self.walker.world.vans[self.v]["break_at"])].id

    def _spares(self) -> list[int]:
        """Per item and for the end: seconds the van may run late on arriving there."""
        spares, room = [0] * (len(self.items) + 1), NEVER
        for waiting, slack, opens in reversed(self.trace.chain[: self.trace.sums[N_CHAIN]].tolist()):
            room = max(0, waiting + min(room, slack))
            if opens >= 0:
                spares[opens] = min(room, NEVER)
        return spares

    def _breaches(self) -> tuple[list[Violation], list[Penalty]]:
        violations: list[Violation] = []
        penalties: list[Penalty] = []
        for row in _dicts(self.trace.breaches[: self.trace.sums[N_BREACHES]]):
            code, at = CODES[row["code"]].name, row["at"]
            job = "" if at == -1 else self._break_id(-2 - at) if at < -1 else self.names[self.items[at]]
            if code == "depot_closed" and not job:
                job = self.vehicle.depot  # where the route begins to load
            sentence = say.sentence(code, row["amount"], self._facts(at))
            if row["cents"] >= 0:
                penalties.append(Penalty(code, self.vehicle.id, job, row["amount"], row["cents"], sentence))
            else:
                violations.append(Violation(code, self.vehicle.id, job, row["amount"], sentence))
        self._static(violations, penalties)
        return violations, penalties

    def _static(self, violations: list[Violation], penalties: list[Penalty]) -> None:
        for number in self.items:
            if number >= len(self.problem.jobs):
                continue
            job = self.problem.jobs[number]
            for code, amount in static_breaches(job, self.vehicle):
                kind, price, unit = self.walker.world.dials[NUMBER[code]].tolist()
                text = words(code, job, self.vehicle) if kind else ""
                if kind == SOFT:
                    cents = -(-amount * price // unit)
                    penalties.append(Penalty(code, self.vehicle.id, job.id, amount, cents, text))
                elif kind:
                    violations.append(Violation(code, self.vehicle.id, job.id, amount, text))

    def _facts(self, at: int) -> say.Facts:
        number = self.items[at] if at >= 0 else -1
        job = self.problem.jobs[number] if 0 <= number < len(self.problem.jobs) else None
        sums = self.trace.sums
        return say.Facts(
            problem=self.problem,
            vehicle=self.vehicle,
            job=job,
            start=self.stops[at]["start"] if at >= 0 else 0,
            departure=int(sums[DEPARTURE]),
            begin=int(sums[BEGIN]),
            end=int(sums[END]),
            metres=int(sums[METRES]),
            stops=sum(number < len(self.problem.jobs) for number in self.items),
            pause=self.vehicle.breaks[-2 - at - self._first_break()] if at < -1 else None,
            peaks=tuple(max(row[d] for row in self.boards) for d in range(self.problem.dimensions)),
        )

    def _first_break(self) -> int:
        return int(self.walker.world.vans[self.v]["break_at"])


def _dicts(rows: Any) -> list[dict[str, int]]:
    names = rows.dtype.names
    return [dict(zip(names, row, strict=True)) for row in rows.tolist()]
