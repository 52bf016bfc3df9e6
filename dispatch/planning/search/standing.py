"""What is known of each route, kept in step with its stops, and how to go back to what was before."""

from __future__ import annotations

from typing import Any

from ..kernel.forward import forward
from ..kernel.jit import compiled
from ..kernel.judge import FEW
from ..kernel.legs import lay_legs
from ..kernel.trace import BEGIN, END, HARD_SUM, N_CHAIN
from ..kernel.walk import earliest_departure, walk
from ..kernel.world import CHARGER, DEPOT, JOB, Ints
from ..kernel.world import HARD as HARD_DIAL
from ..model.units import NEVER, UNREACHABLE
from .state import ABSENT_PRICE, HARD, N_ABSENT, N_TOUCHED, TOTAL, WALKS


@compiled
def cost_of(w: Any, q: Any, s: Any, v: int, seq: Ints, n: int, mode: Ints, t: Any) -> tuple[int, int]:
    """(cents, harm by hard rules without that of too few stops) of a route; its trace is in ``t``."""
    cost = walk(w, v, seq, n, -1, mode, False, t)
    s.at[WALKS] += 1
    harm = t.sums[HARD_SUM]
    van = w.vans[v]
    if van.min_stops > 0 and w.dials[FEW, 0] == HARD_DIAL:
        jobs = 0
        for i in range(n):
            if w.items[seq[i]].kind == JOB:
                jobs += 1
        if 0 < jobs < van.min_stops:
            harm -= 60 * (van.min_stops - jobs)
    if len(q.partners) > 0:
        for i in range(n):
            hold = w.items[seq[i]].hold
            if hold > 0 and t.stop[i].start > hold + q.tolerance[seq[i]]:
                harm += t.stop[i].start - hold - q.tolerance[seq[i]]
    return cost, harm


@compiled
def hold_group(w: Any, q: Any, s: Any, j: int, hold: int) -> None:
    """From now on j and its partners on routes start between ``hold`` and their tolerance later, or do harm."""
    w.items[j].hold = hold
    for k in range(q.partner_at[j], q.partner_at[j + 1]):
        if s.where[q.partners[k]] >= 0:
            w.items[q.partners[k]].hold = hold


@compiled
def count_jobs(w: Any, s: Any, v: int) -> int:
    """How many jobs stand on a route."""
    jobs = 0
    for i in range(s.length[v]):
        if w.items[s.route[v, i]].kind == JOB:
            jobs += 1
    return jobs


@compiled
def settle(w: Any, q: Any, s: Any, v: int, mode: Ints, t: Any) -> None:
    """Find out everything about a route whose stops have changed."""
    _tidy(w, s, v)
    if w.vans[v].battery >= 0:
        _unplug(w, q, s, v, mode, t)
    lay_out(w, s, v, mode, t)
    n = s.length[v]
    s.cost[v] = s.harm[v] = s.lasts[v] = s.ends[v] = 0
    if n == 0:
        return
    s.cost[v], s.harm[v] = cost_of(w, q, s, v, s.route[v], n, mode, t)
    for i in range(n):
        s.start[v, i] = t.stop[i].start
    s.lasts[v], s.ends[v] = t.sums[END] - t.sums[BEGIN], t.sums[END]


@compiled
def lay_out(w: Any, s: Any, v: int, mode: Ints, t: Any) -> None:
    """Places, loads and the clock of a route whose stops have changed; what it costs is not looked at."""
    n, seq = s.length[v], s.route[v]
    s.load[v] = 0
    s.jobs[v] = count_jobs(w, s, v)
    s.few[v] = 0
    _read_places(w, s, v, n)
    if n == 0:
        return
    for i in range(n):
        for d in range(w.load.shape[1]):
            s.load[v, d, 0] += w.load[seq[i], d, 0]
            s.load[v, d, 1] += w.load[seq[i], d, 1]
    lay_legs(w, v, seq, n, mode, t)
    departure = earliest_departure(w, w.vans[v], seq, n)
    forward(w, v, seq, n, departure, mode, t)
    _read_clock(w, s, v, n, departure, t)
    if 0 < s.jobs[v] < w.vans[v].min_stops and w.dials[FEW, 0] == HARD_DIAL:
        s.few[v] = w.vans[v].min_stops - s.jobs[v]


@compiled
def _tidy(w: Any, s: Any, v: int) -> None:
    """Without reloads that nothing is carried before or behind, and without chargers if it serves nobody; the
    fixed head stays.
    """
    head, n, kept, jobs = w.vans[v].head, s.length[v], 0, 0
    for i in range(n):
        item = w.items[s.route[v, i]]
        jobs += item.kind == JOB
        if i >= head and item.kind != JOB:
            useless = item.kind == DEPOT and (kept == 0 or i == n - 1)
            if not useless and kept > head:
                useless = s.route[v, kept - 1] == s.route[v, i]
            if useless:
                continue
        s.route[v, kept] = s.route[v, i]
        kept += 1
    while kept > head and (w.items[s.route[v, kept - 1]].kind == DEPOT or jobs == 0):
        kept -= 1
    s.length[v] = kept


@compiled
def _unplug(w: Any, q: Any, s: Any, v: int, mode: Ints, t: Any) -> None:
    """Without chargers that the route does as well without."""
    i = s.length[v] - 1
    known, cost, harm = False, 0, 0
    while i >= w.vans[v].head:
        if w.items[s.route[v, i]].kind == CHARGER:
            n = s.length[v]
            if not known:
                cost, harm = cost_of(w, q, s, v, s.route[v], n, mode, t)
                known = True
            for k in range(n - 1):
                s.trial[k] = s.route[v, k if k < i else k + 1]
            less, hurt = cost_of(w, q, s, v, s.trial, n - 1, mode, t)
            if hurt <= harm and less <= cost:
                for k in range(n - 1):
                    s.route[v, k] = s.trial[k]
                s.length[v] = n - 1
                cost, harm = less, hurt
        i -= 1


@compiled
def _read_places(w: Any, s: Any, v: int, n: int) -> None:
    van = w.vans[v]
    s.spot[v, 0], s.spot[v, n + 1] = van.start, van.end
    s.key[v, 0] = s.key[v, n + 1] = -1
    for i in range(n):
        item = w.items[s.route[v, i]]
        s.spot[v, i + 1] = item.place
        s.key[v, i + 1] = item.setup_key if item.kind == JOB else -1
    for p in range(n + 1):
        here, there = s.spot[v, p], s.spot[v, p + 1]
        s.direct[v, p] = s.gap[v, p] = 0
        if n > 0 and here >= 0 and there >= 0:
            seconds = w.travel[van.table, here, there]
            s.direct[v, p] = 0 if seconds == UNREACHABLE else seconds
            s.gap[v, p] = w.metres[van.metres, here, there]


@compiled
def _read_clock(w: Any, s: Any, v: int, n: int, departure: int, t: Any) -> None:
    s.leave[v, 0] = departure
    for i in range(n):
        s.arrive[v, i] = t.stop[i].arrival
        s.leave[v, i + 1] = t.stop[i].leave
    s.arrive[v, n] = t.stop[n].arrival
    room, i = NEVER, n
    for k in range(t.sums[N_CHAIN] - 1, -1, -1):
        room = max(0, t.chain[k, 0] + min(room, t.chain[k, 1]))
        i = t.chain[k, 2]
        if i >= 0:
            s.spare[v, i] = room
    soft = False
    for p in range(n, -1, -1):
        setup = 0
        if p < n and w.items[s.route[v, p]].kind == JOB:
            soft = soft or w.items[s.route[v, p]].late >= 0
            setup = w.setup[w.vans[v].pace, s.route[v, p]]
        s.room[v, p] = NEVER if soft else s.arrive[v, p] + s.spare[v, p] + setup


@compiled
def touch(s: Any, v: int) -> None:
    """Keep what a route was, the first time that it changes in this turn."""
    if s.is_touched[v]:
        return
    s.is_touched[v] = 1
    s.touched[s.at[N_TOUCHED]] = v
    s.at[N_TOUCHED] += 1
    n = s.length[v]
    s.old_length[v] = n
    for i in range(n):
        s.old_route[v, i] = s.route[v, i]
    for i in range(n + 2):
        old = s.old_clock[v, i]
        old[0], old[1], old[2], old[3] = s.leave[v, i], s.arrive[v, i], s.spare[v, i], s.start[v, i]
        old[4], old[5], old[6], old[7] = s.room[v, i], s.spot[v, i], s.key[v, i], s.direct[v, i]
        old[8] = s.gap[v, i]
    s.old_figures[v, 0], s.old_figures[v, 1], s.old_figures[v, 2] = s.cost[v], s.harm[v], s.few[v]
    s.old_figures[v, 3], s.old_figures[v, 4], s.old_figures[v, 5] = s.lasts[v], s.ends[v], s.jobs[v]
    s.old_load[v] = s.load[v]


@compiled
def begin_turn(w: Any, s: Any, holds: bool) -> None:
    """From here on changes can be taken back."""
    for k in range(s.at[N_TOUCHED]):
        s.is_touched[s.touched[k]] = 0
    s.at[N_TOUCHED] = 0
    count = s.at[N_ABSENT]
    s.old_absent[:count] = s.absent[:count]
    if holds:
        for k in range(len(w.items)):
            s.old_hold[k] = w.items[k].hold


@compiled
def take_back(w: Any, s: Any, absent: int, holds: bool) -> None:
    """The routes as they were when the turn began; ``absent`` is how many were absent then."""
    for k in range(s.at[N_TOUCHED]):
        v = s.touched[k]
        for i in range(s.length[v]):
            if s.route[v, i] < w.jobs:
                s.where[s.route[v, i]] = -1
    for k in range(s.at[N_TOUCHED]):
        v = s.touched[k]
        n = s.old_length[v]
        s.length[v] = n
        for i in range(n):
            s.route[v, i] = s.old_route[v, i]
            if s.route[v, i] < w.jobs:
                s.where[s.route[v, i]] = v
        for i in range(n + 2):
            old = s.old_clock[v, i]
            s.leave[v, i], s.arrive[v, i], s.spare[v, i], s.start[v, i] = old[0], old[1], old[2], old[3]
            s.room[v, i], s.spot[v, i], s.key[v, i], s.direct[v, i] = old[4], old[5], old[6], old[7]
            s.gap[v, i] = old[8]
        s.cost[v], s.harm[v], s.few[v] = s.old_figures[v, 0], s.old_figures[v, 1], s.old_figures[v, 2]
        s.lasts[v], s.ends[v], s.jobs[v] = s.old_figures[v, 3], s.old_figures[v, 4], s.old_figures[v, 5]
        s.load[v] = s.old_load[v]
    s.at[N_ABSENT] = absent
    s.absent[:absent] = s.old_absent[:absent]
    if holds:
        for k in range(len(w.items)):
            w.items[k].hold = s.old_hold[k]


@compiled
def weigh(w: Any, q: Any, s: Any) -> None:
    """The whole plan's cents and harm into ``s.at``."""
    total, harm = 0, 0
    for v in range(len(s.length)):
        total += s.cost[v]
        harm += s.harm[v] + 60 * s.few[v]
    price = 0
    for k in range(s.at[N_ABSENT]):
        price += q.leave[s.absent[k]]
    s.at[ABSENT_PRICE] = price
    s.at[TOTAL], s.at[HARD] = total + price + fleet_cents(s, -1, 0, 0, 0), harm


@compiled
def fleet_cents(s: Any, v: int, lasts: int, ends: int, jobs: int) -> int:
    """Cents for how the work is shared and when all is over, if v had these figures (v -1: as it stands)."""
    longest, shortest, most, fewest, last = 0, NEVER, 0, NEVER, 0
    for k in range(len(s.length)):
        seconds, end, stops = s.lasts[k], s.ends[k], s.jobs[k]
        if k == v:
            seconds, end, stops = lasts, ends, jobs
        if stops > 0:
            longest, shortest = max(longest, seconds), min(shortest, seconds)
            most, fewest = max(most, stops), min(fewest, stops)
            last = max(last, end)
    if most == 0:
        return 0
    cents = (2 * (longest - shortest) * s.fleet[0] + 3600) // 7200 + (most - fewest) * s.fleet[1]
    return int(cents + (2 * max(0, last - s.fleet[3]) * s.fleet[2] + 3600) // 7200)
