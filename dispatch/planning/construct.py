"""A first plan at once: fill one vehicle after the other with the job that is nearest in time.

It is there to be seen within a fraction of a second and to start the search; it need not be good. Array
arithmetic looks at all jobs of a step together, so a thousand jobs take a tenth of a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .compiled import Compiled
from .model import NEVER, UNREACHABLE, Break, Plan, Problem, Vehicle

type Array = NDArray[np.int64]

_URGENCY = 0.15
"""Weight of the seconds until a window closes against the seconds until a service can begin."""

_SOON = 36_000
"""Windows that close later than this are all alike."""


@dataclass(slots=True)
class _Table:
    """Jobs as arrays, some for one vehicle; windows padded to one width with ones that are always over."""

    number: Array
    place: Array
    group: Array
    opens: Array
    closes: Array
    load: Array
    release: Array
    service: Array
    setup: Array
    back: Array
    back_m: Array


@dataclass(slots=True)
class _Van:
    """Where the route that is being made stands."""

    vehicle: Vehicle
    place: int | None
    now: int
    leaves: int
    room: Array
    owed: list[Break]
    metres: int = 0
    group: int = -1


def construct(problem: Problem) -> Plan:
    """A plan for a problem without fixed heads; what does not fit this way is left out. Deterministic.

    It keeps windows (also those that may be missed for a price), loads, shifts, limits and releases, and
    leaves room for breaks; ``repair`` sees to what is left.
    """
    c = problem.compiled
    if not c.jobs or not c.vehicles:
        return {}
    windows = _windows(c)
    free = np.ones(len(c.jobs), dtype=bool)
    plan = {}
    order = sorted(range(len(c.vehicles)), key=lambda k: (c.vehicles[k].fixed_cost, k))
    for k in order:
        left = np.flatnonzero(free & c.able[:, k])
        if not len(left):
            continue
        jobs = _route(c, _table(c, c.vehicles[k], windows, left), c.vehicles[k])
        if jobs:
            plan[c.vehicles[k].id] = tuple(c.jobs[j].id for j in jobs)
            free[jobs] = False
    return plan


def _windows(c: Compiled) -> tuple[Array, Array]:
    width = max((len(job.windows) for job in c.jobs), default=0) or 1
    opens = np.zeros((len(c.jobs), width), dtype=np.int64)
    closes = np.full((len(c.jobs), width), -1, dtype=np.int64)
    for j, job in enumerate(c.jobs):
        for w, window in enumerate(job.windows or ((0, NEVER),)):
            opens[j, w], closes[j, w] = window
    return opens, closes


def _table(c: Compiled, v: Vehicle, windows: tuple[Array, Array], left: Array) -> _Table:
    place, nothing = np.array(c.place)[left], np.zeros(len(left), dtype=np.int64)
    load = np.array(c.delivery, dtype=np.int64) + np.array(c.pickup, dtype=np.int64)
    service, setup = (np.array(part, dtype=np.int64)[left] for part in c.service_and_setup(v))
    return _Table(
        number=left,
        place=place,
        group=np.array(c.setup_key)[left],
        opens=windows[0][left],
        closes=windows[1][left],
        load=load.reshape(len(c.jobs), c.dimensions)[left],
        release=np.array([job.release_s for job in c.jobs], dtype=np.int64)[left],
        service=service,
        setup=setup,
        back=nothing if v.end is None else c.durations(v)[place, v.end].astype(np.int64),
        back_m=nothing if v.end is None else c.distances(v)[place, v.end].astype(np.int64),
    )


def _route(c: Compiled, table: _Table, v: Vehicle) -> list[int]:
    """Add the nearest job as long as there is one; every turn adds one or takes a break, or is the last."""
    room = np.full(c.dimensions, NEVER, dtype=np.int64)
    room[: len(v.capacity)] = v.capacity[: c.dimensions]
    owed = sorted(v.breaks, key=lambda pause: (pause.windows[-1].end, pause.id))
    van = _Van(v, v.start, v.shift.start, v.shift.start, room, owed)
    free = np.ones(len(table.number), dtype=bool)
    most = len(free) if v.max_stops is None else min(v.max_stops, len(free))
    jobs: list[int] = []
    for _ in range(most + len(v.breaks)):
        if len(jobs) >= most:
            break
        _break_now(van)
        at = _next(c, table, van, free, first=not jobs)
        if at is not None:
            jobs.append(int(table.number[at]))
            free[at] = False
        elif not (jobs and van.owed):
            break
        else:
            pause = van.owed.pop(0)
            van.now = max(van.now, pause.windows[0].start) + pause.duration_s
    return jobs


def _break_now(van: _Van) -> None:
    """Take the break whose time it is."""
    while van.owed and van.now >= van.owed[0].windows[0].start:
        pause = van.owed.pop(0)
        if van.now <= pause.windows[-1].end:
            van.now += pause.duration_s


def _next(c: Compiled, table: _Table, van: _Van, free: NDArray[np.bool_], *, first: bool) -> int | None:
    """The row of the job to do next, done; ``None`` if none fits."""
    travel, length = _way(c, table, van)
    stands = np.full(len(free), van.leaves, dtype=np.int64)
    leaves = np.maximum(stands, table.release) if first else stands
    before = leaves if first else van.now
    ready = before + travel + np.where(table.group == van.group, 0, table.setup)
    opens, closes = _window(table, ready)
    start = np.maximum(ready, opens)
    done = start + table.service
    fits = free & (ready <= closes) & (travel < UNREACHABLE) & (table.release <= leaves)
    fits &= (table.load <= van.room).all(axis=1)
    fits &= _in_time(van, table, done, leaves)
    if van.vehicle.max_distance_m is not None:
        fits &= van.metres + length + table.back_m <= van.vehicle.max_distance_m
    if not fits.any():
        return None
    rank = (start - before) + _URGENCY * np.minimum(closes - start, _SOON)
    at = int(np.where(fits, rank, np.inf).argmin())
    van.place, van.group, van.now = int(table.place[at]), int(table.group[at]), int(done[at])
    van.leaves = int(leaves[at])
    van.metres += int(length[at])
    van.room = van.room - table.load[at]
    return at


def _way(c: Compiled, table: _Table, van: _Van) -> tuple[Array, Array]:
    """Seconds and metres from where the van is to every job."""
    if van.place is None:
        nothing = np.zeros(len(table.place), dtype=np.int64)
        return nothing, nothing
    v = van.vehicle
    return (
        c.durations(v)[van.place][table.place].astype(np.int64),
        c.distances(v)[van.place][table.place].astype(np.int64),
    )


def _window(table: _Table, ready: Array) -> tuple[Array, Array]:
    """By job the first window that is not over at ``ready``; the first of all where every one is over."""
    if table.opens.shape[1] == 1:
        return table.opens[:, 0], table.closes[:, 0]
    rows, column = np.arange(len(ready)), (ready[:, None] <= table.closes).argmax(axis=1)
    return table.opens[rows, column], table.closes[rows, column]


def _in_time(van: _Van, table: _Table, done: Array, leaves: Array) -> NDArray[np.bool_]:
    """Home before the shift ends with the breaks still owed, and done before the next break must begin."""
    v, reserve = van.vehicle, sum(pause.duration_s for pause in van.owed)
    home = done + table.back
    fits: NDArray[np.bool_] = home <= v.shift.end - reserve
    if v.latest_start is not None:
        fits &= leaves <= v.latest_start
    if v.max_duration_s is not None:
        fits &= home - leaves <= v.max_duration_s - reserve
    if van.owed:
        fits &= done <= van.owed[0].windows[-1].end
    return fits
