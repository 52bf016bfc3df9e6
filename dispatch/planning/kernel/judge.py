"""Rules and cents of one timed route: what ``forward`` laid out is held against everything that is asked."""

from __future__ import annotations

import numpy as np

from ..rules.codes import NUMBER
from .jit import compiled
from .legs import first_loading
from .mode import RUNNING
from .trace import (
    BEGIN,
    DEPARTURE,
    DRIVING,
    END,
    ENERGY_CENTS,
    HARD_SUM,
    LOW_WH,
    METRES,
    N_BREACHES,
    N_BREAKS,
    N_EVENTS,
    OVERDUE,
    TRIPS,
    Trace,
)
from .world import (
    CHARGER,
    COMPACT,
    COMPONENTS,
    DEPOT,
    HARD,
    JOB,
    MOVED,
    OFF,
    OTHER_PLACE,
    OTHER_VAN,
    Ints,
    Records,
    World,
)

_AT = {name: number for number, name in enumerate(COMPONENTS)}
_FIXED, _DISTANCE, _TIME, _DRIVING = _AT["fixed"], _AT["distance"], _AT["time"], _AT["driving"]
_STOPS, _OVERTIME, _CO2, _ENERGY = _AT["stops"], _AT["overtime"], _AT["co2"], _AT["energy"]
_FAILED, _RATE, _LATENESS, _EARLINESS = _AT["failed"], _AT["rate"], _AT["lateness"], _AT["earliness"]
_PREFERRED, _PROMPT, _SKIPPED, _CHOSEN = _AT["preferred"], _AT["prompt"], _AT["skipped"], _AT["chosen"]
_COMPACT, _CHANGED, _RULES = _AT["compact"], _AT["changed"], _AT["rules"]

UNREACHABLE, PAIR_SPLIT, BEFORE_PICKUP = (
    NUMBER["unreachable"],
    NUMBER["pair_split"],
    NUMBER["delivery_before_pickup"],
)
RELOAD, LATE, WAITS = NUMBER["reload_not_allowed"], NUMBER["late"], NUMBER["waits_too_long"]
RELEASED, CLOSED, SHIFT_START = NUMBER["not_released"], NUMBER["depot_closed"], NUMBER["shift_start"]
LATE_START, SHIFT_END, TOO_LONG = NUMBER["late_start"], NUMBER["shift_end"], NUMBER["too_long"]
DRIVES, FAR, MANY, FEW = (
    NUMBER["drives_too_long"],
    NUMBER["too_far"],
    NUMBER["too_many_stops"],
    NUMBER["too_few_stops"],
)
TRIPS_OVER, BREAK, PAUSE, FLAT = (
    NUMBER["too_many_trips"],
    NUMBER["break_missed"],
    NUMBER["pause_overdue"],
    NUMBER["battery_flat"],
)
OVERLOAD, ABOARD, BLOCKED, GOODS = (
    NUMBER["overload"],
    NUMBER["too_long_aboard"],
    NUMBER["blocked"],
    NUMBER["goods_together"],
)
SEQUENCE, DIRECT, FIRST, LAST = (
    NUMBER["out_of_sequence"],
    NUMBER["not_direct"],
    NUMBER["not_first"],
    NUMBER["not_last"],
)


@compiled
def breach(w: World, t: Trace, code: int, at: int, amount: int) -> None:
    """Note a broken rule, as its dial has it."""
    kind = w.dials[code, 0]
    if amount <= 0 or kind == OFF:
        return
    cents = 0
    if kind == HARD:
        t.sums[HARD_SUM] += max(1, amount * 60 // w.dials[code, 2])
    else:
        unit = w.dials[code, 2]
        cents = (amount * w.dials[code, 1] + unit - 1) // unit
        t.cost[_RULES] += cents
    k = t.sums[N_BREACHES]
    if k < len(t.breaches):
        noted = t.breaches[k]
        noted.code, noted.at, noted.amount, noted.cents = code, at, amount, cents if kind != HARD else -1
        t.sums[N_BREACHES] = k + 1


@compiled
def judge(w: World, v: int, seq: Ints, n: int, mode: Ints, aboard: Ints, t: Trace) -> None:
    """Fill in breaches, costs and loads. ``aboard``: what is on board at the start, by dimension."""
    t.cost[:] = 0
    t.sums[HARD_SUM] = t.sums[N_BREACHES] = 0
    van = w.vans[v]
    t.sums[BEGIN] = t.sums[DEPARTURE] - (0 if mode[RUNNING] else van.load_s)
    for i in range(n):
        t.at[seq[i]] = i
    jobs = _visits(w, v, seq, n, mode, t)
    _loads(w, v, seq, n, aboard, t)
    _limits(w, van, n, jobs, mode, t)
    _breaks(w, van, t)
    _price(w, van, n, jobs, mode, t)
    _rate(w, v, seq, n, t)
    if w.weights[COMPACT] > 0 and jobs > 0:
        _compact(w, seq, n, jobs, t)
    for i in range(n):
        t.at[seq[i]] = -1


@compiled
def _visits(w: World, v: int, seq: Ints, n: int, mode: Ints, t: Trace) -> int:
    """What is asked of each stop by itself; how many of them are jobs."""
    jobs, leaves, before = 0, t.sums[DEPARTURE], -1
    extra = w.extra.shape[1] == len(w.vans) and w.extra.shape[0] == w.jobs
    for i in range(n + 1):
        stop = t.stop[i]
        if stop.broken:
            breach(w, t, UNREACHABLE, i if i < n else -1, 1)
        if i == n:
            break
        number = seq[i]
        item = w.items[number]
        if item.kind == DEPOT:
            leaves = stop.leave
            breach(w, t, CLOSED, i, stop.late)
            if not w.reload_ok[v, number - w.jobs]:
                breach(w, t, RELOAD, i, 1)
            continue
        if item.kind == CHARGER:
            breach(w, t, CLOSED, i, stop.late)
            continue
        jobs += 1
        if stop.late > 0:
            if item.late >= 0:
                t.cost[_LATENESS] += (stop.late * item.late + 59) // 60
            else:
                breach(w, t, LATE, i, stop.late)
        if item.release > leaves and not (mode[RUNNING] and stop.trip == 0):
            breach(w, t, RELEASED, i, item.release - leaves)
        if extra:
            t.cost[_RULES] += w.extra[number, v]
        t.cost[_CHOSEN] += item.chosen
        if item.rare:
            _rarely(w, v, seq, n, i, before, t)
        before = number
    _ends(w, seq, n, t)
    return jobs


@compiled
def _rarely(w: World, v: int, seq: Ints, n: int, i: int, before: int, t: Trace) -> None:
    """What few jobs ask for."""
    van, stop, item = w.vans[v], t.stop[i], w.items[seq[i]]
    if stop.early > 0:
        t.cost[_EARLINESS] += (stop.early * item.early + 59) // 60
    if item.pref_price > 0:
        outside = max(0, max(item.pref_open - stop.start, stop.start - item.pref_close))
        t.cost[_PREFERRED] += (outside * item.pref_price + 59) // 60
    if item.max_wait >= 0 and not w.wait_before:
        breach(w, t, WAITS, i, stop.wait - item.max_wait)
    if item.prompt > 0:
        t.cost[_PROMPT] += (max(0, stop.start - van.shift_start) * item.prompt + 3599) // 3600
    if item.failure > 0:
        t.cost[_FAILED] += (item.failure * van.failed + 50) // 100
    if item.has_current:
        if item.cur_van != v:
            t.cost[_CHANGED] += w.weights[OTHER_VAN]
        elif item.cur_after != before:
            t.cost[_CHANGED] += w.weights[OTHER_PLACE]
        if item.cur_start >= 0:
            t.cost[_CHANGED] += (abs(stop.start - item.cur_start) * w.weights[MOVED] + 59) // 60
    if item.ship > 0:
        there = t.at[item.mate]
        if there < 0:
            breach(w, t, PAIR_SPLIT, i, 1)
        elif item.ship == 2 and there > i:
            breach(w, t, BEFORE_PICKUP, i, 1)
    for k in range(item.rel_at, item.rel_at + item.rel_n):
        _relation(w, seq, n, i, w.rel[k], t)


@compiled
def _relation(w: World, seq: Ints, n: int, i: int, r: int, t: Trace) -> None:
    """The relation among its members on this route; told once, by the first of them in the list."""
    first, count, direct = w.relation[r, 0], w.relation[r, 1], w.relation[r, 2]
    earlier = -1
    for k in range(first, first + count):
        here = t.at[w.members[k]]
        if here < 0:
            continue
        if earlier < 0:
            if here != i:
                return
        elif direct:
            if here != _next_job(w, seq, n, earlier):
                breach(w, t, DIRECT, here, 1)
        elif here < earlier:
            breach(w, t, SEQUENCE, here, 1)
        earlier = here


@compiled
def _next_job(w: World, seq: Ints, n: int, i: int) -> int:
    for j in range(i + 1, n):
        if w.items[seq[j]].kind == JOB:
            return j
    return -1


@compiled
def _ends(w: World, seq: Ints, n: int, t: Trace) -> None:
    """Jobs that must be first or last."""
    first, last = -1, -1
    for i in range(n):
        if w.items[seq[i]].kind == JOB:
            if first < 0:
                first = i
            last = i
    for i in range(n):
        item = w.items[seq[i]]
        if item.position == 1 and i != first:
            breach(w, t, FIRST, i, 1)
        if item.position == 2 and i != last:
            breach(w, t, LAST, i, 1)


@compiled
def _loads(w: World, v: int, seq: Ints, n: int, aboard: Ints, t: Trace) -> None:
    """What is on board after each stop, trip by trip, and everything that depends on it."""
    van, dims = w.vans[v], w.load.shape[1]
    begin, leaves, seen = 0, t.sums[DEPARTURE], np.int64(0)
    t.board[0, :] = 0
    while True:
        end = begin
        while end < n and w.items[seq[end]].kind != DEPOT:
            end += 1
        for d in range(dims):
            on = t.board[begin, d] if begin > 0 else aboard[d]
            for j in range(begin, end):
                on += w.load[seq[j], d, 0]
            t.board[begin, d] = on
            peak = on
            for j in range(begin, end):
                on += w.load[seq[j], d, 1] + w.load[seq[j], d, 2] - w.load[seq[j], d, 0]
                t.board[j + 1, d] = on
                peak = max(peak, on)
            breach(w, t, OVERLOAD, -1, peak - w.capacity[v, d])
        seen |= _cargo(w, van, seq, begin, end, leaves, n, t)
        if end >= n:
            break
        for d in range(dims):
            on = 0
            for j in range(end):
                item = w.items[seq[j]]
                if item.ship > 0 and not (0 <= t.at[item.mate] < end):
                    on += w.load[seq[j], d, 2]
            t.board[end + 1, d] = on
        leaves, begin = t.stop[end].leave, end + 1
    for k in range(len(w.goods)):
        pair = w.goods[k]
        if pair.scope == 1 and seen & pair.one and seen & pair.other and (pair.one != pair.other):
            breach(w, t, GOODS, -1, 1)


@compiled
def _cargo(w: World, van: Records, seq: Ints, begin: int, end: int, leaves: int, n: int, t: Trace) -> int:
    """Time on board, what lies on top, and what travels together, in one trip; the classes of goods seen."""
    seen, home = np.int64(0), t.stop[end].arrival
    for i in range(begin, end):
        item = w.items[seq[i]]
        seen |= item.goods
        if item.aboard >= 0:
            if item.ship == 2:
                there = t.at[item.mate]
                if 0 <= there < i:
                    breach(w, t, ABOARD, i, t.stop[i].start - t.stop[there].leave - item.aboard)
            elif item.carries & 1:
                breach(w, t, ABOARD, i, t.stop[i].start - leaves - item.aboard)
            elif item.carries & 2:
                breach(w, t, ABOARD, i, home - t.stop[i].leave - item.aboard)
        if van.lifo and ((item.carries & 1) or item.ship == 2):
            breach(w, t, BLOCKED, i, _on_top(w, seq, begin, i, t))
    if len(w.goods) > 0:
        _together(w, seq, begin, end, t)
    return int(seen)


@compiled
def _on_top(w: World, seq: Ints, begin: int, i: int, t: Trace) -> int:
    """How many loads were taken on after that of stop i and are still on board when it comes off."""
    item, count, loaded = w.items[seq[i]], 0, -1
    if item.ship == 2:
        loaded = t.at[item.mate]
        if loaded < 0 or loaded > i:
            return 0
    for j in range(loaded + 1, i):
        other = w.items[seq[j]]
        if other.ship == 1:
            off = t.at[other.mate]
            if off > i or off < 0:
                count += 1
        elif (other.carries & 2) and j >= begin:
            count += 1
    return count


@compiled
def _together(w: World, seq: Ints, begin: int, end: int, t: Trace) -> None:
    """Incompatible goods on board at one time of this trip."""
    for k in range(len(w.goods)):
        pair = w.goods[k]
        if pair.scope == 1:
            continue
        met = False
        for i in range(begin - 1, end):
            ones = others = 0
            for j in range(end):
                item = w.items[seq[j]]
                if item.goods and _is_aboard(w, seq, begin, j, i, t):
                    goods = item.goods
                    if item.ship == 2:
                        continue
                    if goods & pair.one:
                        ones += 1
                    if goods & pair.other:
                        others += 1
                    if goods & pair.one and goods & pair.other and pair.one != pair.other:
                        met = True
            if ones and others and pair.one != pair.other:
                met = True
            if pair.one == pair.other and ones > 1:
                met = True
            if met:
                break
        if met:
            breach(w, t, GOODS, -1, 1)


@compiled
def _is_aboard(w: World, seq: Ints, begin: int, j: int, i: int, t: Trace) -> bool:
    """Whether what stop j is about is on board on leaving stop i (begin - 1: on leaving the depot)."""
    item = w.items[seq[j]]
    if item.ship == 1:
        off = t.at[item.mate]
        return j <= i and (off < 0 or off > i)
    if j < begin:
        return False
    if item.carries & 1 and j > i:
        return True
    return bool(item.carries & 2) and j <= i


@compiled
def _limits(w: World, van: Records, n: int, jobs: int, mode: Ints, t: Trace) -> None:
    """Shift, limits and trips of the route as a whole."""
    sums = t.sums
    breach(w, t, SHIFT_END, -1, sums[END] - van.shift_end - van.max_overtime)
    breach(w, t, FLAT, -1, sums[LOW_WH])
    breach(w, t, PAUSE, -1, sums[OVERDUE])
    if mode[RUNNING]:
        return
    breach(w, t, SHIFT_START, -1, van.shift_start - sums[BEGIN])
    if van.depot >= 0:
        depot = w.items[van.depot]
        opens, _, late = first_loading(w, depot.win_at, depot.win_n, sums[BEGIN], van.load_s)
        breach(w, t, CLOSED, -1, late if late > 0 else opens - sums[BEGIN])
    breach(w, t, LATE_START, -1, sums[DEPARTURE] - van.latest)
    breach(w, t, MANY, -1, jobs - van.max_stops)
    breach(w, t, FAR, -1, sums[METRES] - van.max_distance)
    breach(w, t, TOO_LONG, -1, sums[END] - sums[BEGIN] - van.max_duration)
    breach(w, t, DRIVES, -1, sums[DRIVING] - van.max_driving)
    if jobs > 0:
        breach(w, t, FEW, -1, van.min_stops - jobs)
    breach(w, t, TRIPS_OVER, -1, sums[TRIPS] - van.max_trips)


@compiled
def _breaks(w: World, van: Records, t: Trace) -> None:
    """Breaks that are owed and were not taken."""
    for b in range(t.sums[N_BREAKS] if van.break_n > 0 else 0):
        row = t.order[b]
        taken = False
        for k in range(t.sums[N_EVENTS]):
            if t.events[k].kind == 1 and t.events[k].number == row:
                taken = True
        pause = w.breaks[row]
        if not taken and t.sums[END] > w.windows[pause.win_at + pause.win_n - 1, 1]:
            if pause.skip >= 0:
                t.cost[_SKIPPED] += pause.skip
            else:
                breach(w, t, BREAK, -2 - row, pause.duration)


@compiled
def _price(w: World, van: Records, n: int, jobs: int, mode: Ints, t: Trace) -> None:
    """What the vehicle costs."""
    sums, cost = t.sums, t.cost
    lasts = sums[END] - sums[BEGIN]
    if not mode[RUNNING]:
        cost[_FIXED] = van.fixed
    cost[_DISTANCE] = (sums[METRES] * van.km + 500) // 1000
    cost[_TIME] = (lasts * van.hour + 1800) // 3600
    cost[_DRIVING] = (sums[DRIVING] * van.driving + 1800) // 3600
    cost[_STOPS] = jobs * van.stop
    over = max(0, min(sums[END] - van.shift_end, van.max_overtime))
    cost[_OVERTIME] = (2 * over * van.overtime + 3600) // 7200
    cost[_CO2] = (sums[METRES] * van.co2 + 500_000) // 1_000_000
    cost[_ENERGY] = (sums[ENERGY_CENTS] + 500) // 1000


@compiled
def _rate(w: World, v: int, seq: Ints, n: int, t: Trace) -> None:
    """A carrier's rate card, up to its minimum."""
    van, cost, raw = w.vans[v], t.cost, 0
    if not van.rated:
        return
    zoned = w.zone_price.shape[0] == w.jobs and w.zone_price.shape[1] == len(w.vans)
    for i in range(n):
        if w.items[seq[i]].kind != JOB:
            continue
        if zoned:
            raw += w.zone_price[seq[i], v]
        for d in range(w.load.shape[1]):
            carried = w.load[seq[i], d, 0] + w.load[seq[i], d, 1] + max(0, w.load[seq[i], d, 2])
            raw += carried * w.rate_load[v, d]
    paid = raw
    for k in (_FIXED, _DISTANCE, _TIME, _DRIVING, _STOPS, _OVERTIME):
        paid += cost[k]
    cost[_RATE] = raw + max(0, van.minimum - paid)


@compiled
def _compact(w: World, seq: Ints, n: int, jobs: int, t: Trace) -> None:
    """How far the stops lie from the middle of their route, as the crow flies."""
    east = north = far = 0.0
    for i in range(n):
        item = w.items[seq[i]]
        if item.kind == JOB:
            east += w.points[item.place, 0]
            north += w.points[item.place, 1]
    east, north = east / jobs, north / jobs
    for i in range(n):
        item = w.items[seq[i]]
        if item.kind == JOB:
            far += np.sqrt((w.points[item.place, 0] - east) ** 2 + (w.points[item.place, 1] - north) ** 2)
    t.cost[_COMPACT] = int(far * w.weights[COMPACT] / 1000 + 0.5)
