"""Every position of a route for one more order, walked in one compiled pass: what slots and reasons look at.

A position is left out only where the plain drive shows that somebody would be late; that is asked only where
being late is refused, speeds do not change by the hour, and the route is clean as it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .compiled import Compiled
from .kernel.jit import compiled
from .kernel.judge import LATE
from .kernel.legs import first_start
from .kernel.mode import whole_route
from .kernel.trace import BEGIN, END, HARD_SUM, N_BREACHES, new_trace, refer_trace
from .kernel.walk import earliest_departure, walk
from .kernel.world import HARD, JOB, Ints, refer
from .model import Window
from .model.units import NEVER, UNREACHABLE
from .rules.codes import CODES, NUMBER

_CODES, _NOWHERE = len(CODES), 2 * NEVER
_SHIFT_END = NUMBER["shift_end"]

OPTION, PLACE, SECOND, COST, HARM, KINDS, CODE, AMOUNT, AT, START, WAIT, OWN_WAIT, BEGINS, ENDS = range(14)
"""Columns of a look: which window; position of the job and, with it on board, of its delivery (counted in the
route without both); cents of the route; how badly it breaks rules; how many codes it breaks more than the route
as it stands, one of them, how much, and at which item (-1: the route). Start of service and waiting at the job;
waiting anywhere."""


@compiled
def _reach(w: Any, v: int, route: Ints, n: int, ready: Ints, latest: Ints) -> None:
    """``ready[i]``: no van can leave item i - 1 earlier; ``latest[i]``: item i must have started by then."""
    van = w.vans[v]
    here, time = van.start, earliest_departure(w, van, route, n)
    ready[0] = time
    for i in range(n):
        item = w.items[route[i]]
        if here >= 0:
            time += w.travel[van.table, here, item.place]
        if item.kind == JOB:
            if item.early < 0:
                time = first_start(w, item.win_at, item.win_n, time)[0]
            time += w.service[van.pace, route[i]]
        here = item.place
        ready[i + 1] = time
    last = NEVER
    if w.dials[_SHIFT_END, 0] == HARD:
        last = van.shift_end + van.max_overtime
    latest[n], there = last, van.end
    for i in range(n - 1, -1, -1):
        item = w.items[route[i]]
        last = latest[i + 1]
        if there >= 0:
            last -= w.travel[van.table, item.place, there]
        if item.kind == JOB:
            last -= w.service[van.pace, route[i]]
            if item.win_n > 0 and item.late < 0:
                last = min(last, w.windows[item.win_at + item.win_n - 1, 1])
        latest[i], there = last, item.place


@compiled
def _hopeless(
    w: Any, v: int, route: Ints, n: int, place: int, job: int, follows: bool, ready: Ints, latest: Ints
) -> bool:
    """Whether the plain drive shows that the job, or what ``follows`` it, would be late at this position."""
    van, item = w.vans[v], w.items[job]
    time = ready[place]
    before = w.items[route[place - 1]].place if place > 0 else van.start
    if before >= 0:
        if w.travel[van.table, before, item.place] == UNREACHABLE:
            return True
        time += w.travel[van.table, before, item.place]
    start, _, late = first_start(w, item.win_at, item.win_n, time)
    if late > 0 and item.late < 0:
        return True
    if not follows:
        return False
    if item.early < 0:
        time = start
    time += w.service[van.pace, job]
    after = w.items[route[place]].place if place < n else van.end
    if after >= 0:
        time += w.travel[van.table, item.place, after]
    return bool(time > latest[place])


@compiled
def _lay(route: Ints, n: int, place: int, second: int, job: int, mate: int, trial: Ints) -> int:
    """The route with the order in it; its length."""
    m = 0
    for i in range(n + 1):
        if i == place:
            trial[m] = job
            m += 1
        if mate >= 0 and i == second:
            trial[m] = mate
            m += 1
        if i < n:
            trial[m] = route[i]
            m += 1
    return m


@compiled
def _worst(t: Any, amounts: Ints) -> None:
    """The largest amount of each hard code of the route just walked."""
    amounts[:] = 0
    for k in range(t.sums[N_BREACHES]):
        found = t.breaches[k]
        if found.cents < 0:
            amounts[found.code] = max(amounts[found.code], found.amount)


@compiled
def _note(
    t: Any, row: Ints, option: int, place: int, second: int, cost: int, trial: Ints, own: Ints, amounts: Ints
) -> None:
    """One look as a row."""
    row[OPTION], row[PLACE], row[SECOND], row[COST], row[HARM] = option, place, second, cost, t.sums[HARD_SUM]
    row[KINDS], row[CODE], row[AMOUNT], row[AT] = 0, -1, 0, -1
    _worst(t, amounts)
    for code in range(len(amounts)):
        if amounts[code] > own[code]:
            row[KINDS] += 1
            if amounts[code] > row[AMOUNT]:
                row[CODE], row[AMOUNT] = code, amounts[code]
    for k in range(t.sums[N_BREACHES]):
        found = t.breaches[k]
        if found.cents < 0 and found.code == row[CODE] and found.amount == row[AMOUNT] and found.at >= 0:
            row[AT] = trial[found.at]
    row[START], row[OWN_WAIT], row[WAIT] = t.stop[place].start, t.stop[place].wait, 0
    for i in range(place + 1):
        row[WAIT] += t.stop[i].wait
    row[BEGINS], row[ENDS] = t.sums[BEGIN], t.sums[END]


@compiled
def sweep(
    w: Any, v: int, route: Ints, n: int, head: int, job: int, mate: int, options: Ints, prune: bool,
    mode: Ints, t: Any,
) -> Ints:  # fmt: skip
    """Looks (rows) at every position from ``head`` on of ``job``, and of ``mate`` behind it (-1: none), for each
    window row of ``options`` (-1: the job's own windows).
    """
    van, item = w.vans[v], w.items[job]
    at, count = item.win_at, item.win_n
    ready, latest = np.zeros(n + 1, dtype=np.int64), np.zeros(n + 1, dtype=np.int64)
    trial, own = np.zeros(n + 2, dtype=np.int64), np.zeros(_CODES, dtype=np.int64)
    amounts = np.zeros(_CODES, dtype=np.int64)
    if n > 0:
        walk(w, v, route, n, -1, mode, True, t)
        _worst(t, own)
        prune = prune and t.sums[HARD_SUM] == 0
    prune = prune and van.period_n == 0 and w.dials[LATE, 0] == HARD and w.walking.shape[0] == 1
    if prune:
        _reach(w, v, route, n, ready, latest)
    places = n + 1 - head
    room = places if mate < 0 else places * (places + 1) // 2
    rows, found = np.zeros((room * len(options), 14), dtype=np.int64), 0
    for k in range(len(options)):
        if options[k] >= 0:
            item.win_at, item.win_n = options[k], 1
        for place in range(head, n + 1):
            if prune and _hopeless(w, v, route, n, place, job, mate < 0, ready, latest):
                continue
            for second in range(place, n + 1 if mate >= 0 else place + 1):
                if prune and mate >= 0:
                    if _hopeless(w, v, route, n, second, mate, True, ready, latest):
                        continue
                    if second > place and _hopeless(w, v, route, n, place, job, True, ready, latest):
                        continue
                length = _lay(route, n, place, second, job, mate, trial)
                cost = walk(w, v, trial, length, -1, mode, True, t)
                _note(t, rows[found], k, place, second, cost, trial, own, amounts)
                found += 1
        item.win_at, item.win_n = at, count
    return rows[:found]


class Request(NamedTuple):
    """What goes in as one: a job, or a pickup and its delivery (``mate``, -1 for none)."""

    job: int
    mate: int = -1

    @property
    def jobs(self) -> tuple[int, ...]:
        """Its job numbers."""
        return (self.job,) if self.mate < 0 else (self.job, self.mate)


class Sweeper:
    """Sweeps routes of one problem. ``world`` is the walker's own: what is changed in it holds for both."""

    def __init__(self, c: Compiled, longest: int, options: Sequence[Window] = ()) -> None:
        self.c, world = c, c.walker.world
        first = len(world.windows)
        if options:
            world = world._replace(windows=np.vstack([world.windows, np.array(options, dtype=np.int64)]))
        self.world = world
        self.options = np.arange(first, first + len(options)) if options else np.full(1, -1, dtype=np.int64)
        self._ref, self._mode = refer(world), whole_route()
        self._trace = refer_trace(new_trace(world, longest + 4))

    def look(self, v: int, items: Sequence[int], head: int, request: Request, *, prune: bool) -> Ints:
        """See ``sweep``."""
        route = np.asarray(items, dtype=np.int64)
        return sweep(
            self._ref, v, route, len(route), head, request.job, request.mate, self.options, prune,
            self._mode, self._trace,
        )  # fmt: skip
