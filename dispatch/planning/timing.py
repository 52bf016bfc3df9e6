"""The clockwork under ``evaluate``: from an order of jobs to times, breaks and waiting.

A route is a chain of legs. Leg ``i`` leads to job ``i``, the last one to the end place. On a leg the van
drives, then sets up, then waits for the window if it is early. A break may fall anywhere on a leg: at its
beginning, on the road, or at the door before the service. With breaks, a small dynamic programme over (leg,
breaks taken) finds where they delay the route least; without them it is one pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .compiled import Compiled
from .model import NEVER, UNREACHABLE, Break, Vehicle
from .rules.windows import earliest_start, late_cost


@dataclass(slots=True)
class TakenBreak:
    """A break on a leg: it ``start``s at this time; ``on_site`` means after arrival at the leg's end."""

    leg: int
    pause: Break
    start: int
    on_site: bool


@dataclass(slots=True)
class Leg:
    """What is known of each leg before any time is: lists of n + 1 (the last leg has no job, so no setup)."""

    travel: list[int]
    metres: list[int]
    setup: list[int]
    unreachable: list[int]


@dataclass(slots=True)
class Walk:
    """A timed route. Lists run along its jobs; ``chain`` is (waiting, slack, opens job i or -1) per
    activity.
    """

    compiled: Compiled
    vehicle: Vehicle
    jobs: list[int]
    legs: Leg
    departure: int
    running: bool = False
    arrival: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    start: list[int] = field(default_factory=list)
    leave: list[int] = field(default_factory=list)
    slack: list[int] = field(default_factory=list)
    late: list[int] = field(default_factory=list)
    taken: list[TakenBreak] = field(default_factory=list)
    missed: list[Break] = field(default_factory=list)
    chain: list[tuple[int, int, int]] = field(default_factory=list)
    end: int = 0
    end_waiting: int = 0

    @property
    def peak(self) -> tuple[int, ...]:
        """The most on board at any time, by dimension."""
        c = self.compiled
        if c.has_pickup:
            return tuple(max(amounts) for amounts in zip(*self.loads, strict=True))
        delivery = c.delivery
        return tuple(sum([delivery[j][d] for j in self.jobs]) for d in range(c.dimensions))

    @property
    def loads(self) -> list[tuple[int, ...]]:
        """What is on board on leaving the start, then on leaving each job."""
        c = self.compiled
        board = [sum(c.delivery[j][d] for j in self.jobs) for d in range(c.dimensions)]
        loads = [tuple(board)]
        for j in self.jobs:
            delivery, pickup = c.delivery[j], c.pickup[j]
            board = [on - off + more for on, off, more in zip(board, delivery, pickup, strict=True)]
            loads.append(tuple(board))
        return loads


def measure_legs(
    c: Compiled,
    vehicle: Vehicle,
    jobs: Sequence[int],
    *,
    origin: int | None,
    first_leg: tuple[int, int] | None = None,
    prior_key: int = -1,
) -> Leg:
    """Seconds, metres and setup of each leg of ``jobs`` from place ``origin`` (``None``: begin at the first
    job).

    ``first_leg`` is (seconds, metres) to the first job where it starts at no place of the matrices.
    Legs that do not exist count nothing and are listed in ``unreachable``.
    """
    places = [c.place[j] for j in jobs]
    if origin is not None:
        places.insert(0, origin)
    if vehicle.end is not None:
        places.append(vehicle.end)
    travel: list[int] = c.durations(vehicle)[places[:-1], places[1:]].tolist()
    metres: list[int] = c.distances(vehicle)[places[:-1], places[1:]].tolist()
    if origin is None:
        seconds, length = first_leg or (0, 0)
        travel.insert(0, seconds)
        metres.insert(0, length)
    if vehicle.end is None:
        travel.append(0)
        metres.append(0)
    broken = [i for i, seconds in enumerate(travel) if seconds == UNREACHABLE]
    for i in broken:
        travel[i] = metres[i] = 0
    return Leg(travel, metres, _setups(c, vehicle, jobs, prior_key), broken)


def _setups(c: Compiled, vehicle: Vehicle, jobs: Sequence[int], prior_key: int) -> list[int]:
    setup = c.service_and_setup(vehicle)[1]
    key, out = prior_key, []
    for j in jobs:
        out.append(0 if c.setup_key[j] == key else setup[j])
        key = c.setup_key[j]
    out.append(0)
    return out


def pause_on_leg(now: int, rest: int, pause: Break) -> tuple[int, int, int] | None:
    """Take ``pause`` with ``rest`` seconds of the leg to go: (its start, time after it, rest after it) or
    ``None``.
    """
    start, _, late = earliest_start(pause.windows, now)
    if late:
        return None
    if start <= now + rest:
        return start, start + pause.duration_s, rest - (start - now)
    start, _, late = earliest_start(pause.windows, now + rest)
    return None if late else (start, start + pause.duration_s, 0)


def place_breaks(c: Compiled, walk: Walk, breaks: Sequence[Break]) -> list[int]:
    """The leg on which each of the first k breaks is best taken (a list of k leg numbers)."""
    count, jobs = len(breaks), walk.jobs
    service = c.service_and_setup(walk.vehicle)[0]
    # label: (seconds late so far, time, legs chosen); one per number of breaks taken
    labels: list[tuple[int, int, tuple[int, ...]] | None] = [(0, walk.departure, ()), *([None] * count)]
    for i in range(len(walk.jobs) + 1):
        length = walk.legs.travel[i] + walk.legs.setup[i]
        within: list[tuple[int, int, int, tuple[int, ...]] | None]
        within = [None if lab is None else (lab[0], lab[1], length, lab[2]) for lab in labels]
        for k in range(count):
            here = within[k]
            if here is None or (i < len(jobs) and _too_early(c, jobs[i], service, here, breaks[k])):
                continue
            step = pause_on_leg(here[1], here[2], breaks[k])
            if step is not None:
                made = (here[0], step[1], step[2], (*here[3], i))
                there = within[k + 1]
                if there is None or (made[0], made[1] + made[2]) < (there[0], there[1] + there[2]):
                    within[k + 1] = made
        labels = [None if w is None else (w[0], w[1] + w[2], w[3]) for w in within]
        if i < len(walk.jobs):
            labels = [_serve(c, walk.jobs[i], service, label) for label in labels]
    return _cheapest(labels, breaks, walk.vehicle.shift.end)


def _too_early(
    c: Compiled, job: int, service: list[int], here: tuple[int, int, int, tuple[int, ...]], pause: Break
) -> bool:
    """Whether the job is served before the break may begin: then the next leg is the better one for it."""
    windows = c.jobs[job].windows
    ready = here[1] + here[2]
    start = earliest_start(windows, ready)[0] if windows else ready
    return start + service[job] <= pause.windows[0].start


type _Label = tuple[int, int, tuple[int, ...]] | None


def _serve(c: Compiled, job: int, service: list[int], label: _Label) -> _Label:
    if label is None:
        return None
    start, _, late = earliest_start(c.jobs[job].windows, label[1])
    return label[0] + late, start + service[job], label[2]


def _cheapest(labels: list[_Label], breaks: Sequence[Break], shift_end: int) -> list[int]:
    """Least harm first: seconds late, past the shift's end, and of breaks that are owed and not taken."""
    best: tuple[int, int] | None = None
    chosen: tuple[int, ...] = ()
    for k, label in enumerate(labels):
        if label is None:
            continue
        owed = sum(pause.duration_s for pause in breaks[k:] if label[1] > pause.windows[-1].end)
        rank = (owed + label[0] + max(0, label[1] - shift_end), label[1])
        if best is None or rank < best:
            best, chosen = rank, label[2]
    return list(chosen)


def forward(walk: Walk, breaks: Sequence[Break], break_legs: Sequence[int]) -> Walk:
    """Fill in the times of ``walk``; break k is taken on leg ``break_legs[k]``, the others are missed if
    owed.
    """
    c, legs, vehicle = walk.compiled, walk.legs, walk.vehicle
    service, jobs = c.service_and_setup(vehicle)[0], c.jobs
    arrival, waiting, starts, leaves = walk.arrival, walk.waiting, walk.start, walk.leave
    lates, slacks, chain = walk.late, walk.slack, walk.chain
    now, next_break = walk.departure, 0
    leg = break_legs[0] if break_legs else -1
    for i, j in enumerate(walk.jobs):
        if leg == i:
            ready, arrived, idle, next_break = _leg_with_breaks(walk, i, now, breaks, break_legs, next_break)
            leg = break_legs[next_break] if next_break < len(break_legs) else -1
        else:
            arrived = now + legs.travel[i]
            ready, idle = arrived + legs.setup[i], 0
        windows = jobs[j].windows
        start, closes, late = earliest_start(windows, ready) if windows else (ready, NEVER, 0)
        now = start + service[j]
        arrival.append(arrived)
        waiting.append(idle + start - ready)
        starts.append(start)
        leaves.append(now)
        lates.append(late)
        slacks.append(closes - start)
        chain.append((start - ready, closes - start, i))
    last = len(walk.jobs)
    if next_break < len(break_legs):
        now, _, walk.end_waiting, _ = _leg_with_breaks(walk, last, now, breaks, break_legs, next_break)
    else:
        now += legs.travel[last]
    walk.end = now
    walk.missed = [p for p in breaks[len(break_legs) :] if now > p.windows[-1].end]
    walk.chain.append((0, vehicle.shift.end - now, last))
    return walk


def _leg_with_breaks(
    walk: Walk, leg: int, now: int, breaks: Sequence[Break], break_legs: Sequence[int], k: int
) -> tuple[int, int, int, int]:
    """Drive a leg with its breaks: (ready, arrival, seconds waited before breaks on site, next break)."""
    travel = walk.legs.travel[leg]
    rest = travel + walk.legs.setup[leg]
    arrived, idle = now + travel, 0
    while k < len(break_legs) and break_legs[k] == leg:
        pause = breaks[k]
        taken = pause_on_leg(now, rest, pause)
        if taken is None:
            break
        start, after, left = taken
        gone = travel + walk.legs.setup[leg] - (rest - min(rest, start - now))
        on_site = gone >= travel
        waited = max(0, start - now - rest)
        _, closes, _ = earliest_start(pause.windows, start)
        walk.chain.append((waited, closes - (start if waited else now), leg if on_site else -1))
        walk.taken.append(TakenBreak(leg, pause, start, on_site))
        if not on_site:
            arrived += pause.duration_s
        idle, now, rest, k = idle + waited, after, left, k + 1
    return now + rest, arrived, idle, k


def harmless_delay(walk: Walk) -> int:
    """How much later the route may leave with every service and the end no later than now (Savelsbergh's
    slack).
    """
    waited, room = 0, NEVER
    for waiting, slack, _ in walk.chain:
        waited += waiting
        room = min(room, waited + max(0, slack))
    latest = walk.vehicle.latest_start
    if latest is not None:
        room = min(room, latest - walk.departure)
    return max(0, min(room, waited))


def spare(walk: Walk) -> list[int]:
    """Per job: seconds the van may run late on arriving there with nothing from there on becoming late."""
    out = [0] * (len(walk.jobs) + 1)
    room = NEVER
    for waiting, slack, opens in reversed(walk.chain):
        room = max(0, waiting + min(room, slack))
        if opens >= 0:
            out[opens] = room
    return out


def badness(walk: Walk) -> tuple[int, int]:
    """(seconds of broken promises, cents of time and lateness): how two departures of one route compare."""
    c = walk.compiled
    soft = [c.jobs[j].late_price_per_min is not None for j in walk.jobs]
    broken = sum(late for late, priced in zip(walk.late, soft, strict=True) if not priced)
    broken += sum(pause.duration_s for pause in walk.missed) + max(0, walk.end - walk.vehicle.shift.end)
    cents = sum(late_cost(c.jobs[j], late) for j, late in zip(walk.jobs, walk.late, strict=True) if late)
    return broken, cents * 3600 + (walk.end - walk.departure) * walk.vehicle.cost_per_hour


def least_badness(walk: Walk, departure: int) -> tuple[int, int]:
    """No walk of the same route that leaves at ``departure`` or later has less ``badness`` than this: it
    counts neither waiting nor breaks.
    """
    c, legs, now, broken = walk.compiled, walk.legs, departure, 0
    service = c.service_and_setup(walk.vehicle)[0]
    for j, travel, setup in zip(walk.jobs, legs.travel, legs.setup, strict=False):
        now += travel + setup
        job = c.jobs[j]
        if job.windows and job.late_price_per_min is None and now > job.windows[-1].end:
            broken += now - job.windows[-1].end
        now += service[j]
    now += legs.travel[-1]
    broken += max(0, now - walk.vehicle.shift.end)
    return broken, (now - departure) * walk.vehicle.cost_per_hour
