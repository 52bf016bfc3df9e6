"""Where breaks are best taken: a small dynamic programme over (leg, breaks dealt with).

A break may fall anywhere on a leg: at its beginning, on the road, during the setup, or at the door before the
service. One with a place of its own is driven to between two stops.
"""

from __future__ import annotations

from ..model.units import NEVER, UNREACHABLE
from ..rules.codes import NUMBER
from .jit import compiled
from .legs import drive_time, first_start, reload_start
from .mode import RUNNING, TAKEN
from .trace import BREAKS_LATE, MAX_BREAKS, N_BREAKS, Trace
from .world import DEPOT, JOB, OFF, WHOLE, Ints, Records, World

HARM, TIME, REST, CENTS, OPEN, START, NEW = range(7)
"""A label: seconds of harm so far, time, seconds of the leg still to go, cents of skipped breaks, whether it is, when
the service at the last stop began (at the depot: when it was reached), whether it is another one than before.
"""

MISSED, SKIPPED_BREAK = -1, -2

_ABOARD = NUMBER["too_long_aboard"]


@compiled
def order_breaks(w: World, van: Records, departure: int, mode: Ints, t: Trace) -> int:
    """The breaks still ahead at this departure into ``t.order``, by the end of their last window; how many."""
    count = 0
    for k in range(min(van.break_n, MAX_BREAKS)):
        row = van.break_at + k
        if mode[RUNNING] and (mode[TAKEN] >> k) & 1:
            continue
        if _last_end(w, row) < departure:
            continue
        p = count
        while p > 0 and _last_end(w, t.order[p - 1]) > _last_end(w, row):
            t.order[p] = t.order[p - 1]
            p -= 1
        t.order[p] = row
        count += 1
    t.sums[N_BREAKS] = count
    return count


@compiled
def _last_end(w: World, row: int) -> int:
    pause = w.breaks[row]
    return w.windows[pause.win_at + pause.win_n - 1, 1]


@compiled
def place_breaks(w: World, v: int, seq: Ints, n: int, departure: int, count: int, t: Trace) -> Ints:
    """The leg on which each break of ``t.order`` is taken; ``MISSED`` or ``SKIPPED_BREAK`` for the others."""
    van, new, legs = w.vans[v], t.labels[0], t.chosen[0]
    perishable = _perishable(w, seq, n)
    for k in range(count + 1):
        new[k, OPEN] = new[k, NEW] = 0
    new[0, HARM], new[0, TIME], new[0, CENTS], new[0, OPEN] = 0, departure, 0, 1
    for i in range(n + 1):
        stop = t.stop[i]
        for k in range(count + 1):
            if new[k, OPEN]:
                now = new[k, TIME]
                drive = drive_time(w, van, stop.origin, stop.target, stop.drive, now + stop.foot, WHOLE)
                new[k, REST] = stop.foot + drive + stop.setup
        for k in range(count):
            if new[k, OPEN]:
                _take(w, van, v, seq, n, i, k, t)
                if perishable and new[k + 1, NEW]:
                    t.left[k + 1, :i] = t.left[k, :i]
                new[k + 1, NEW] = 0
        for k in range(count + 1):
            if new[k, OPEN]:
                _serve(w, van, seq, n, i, new[k])
                if perishable:
                    _carry(w, seq, n, i, departure, new[k], t.left[k])
    return legs[_cheapest(w, van, count, t)]


@compiled
def _take(w: World, van: Records, v: int, seq: Ints, n: int, i: int, k: int, t: Trace) -> None:
    """Break k on leg i, or not at all, from the label before it."""
    here, pause = t.labels[0, k], w.breaks[t.order[k]]
    start, _, late = first_start(w, pause.win_at, pause.win_n, here[TIME])
    if late > 0:
        _offer(t, k, here[HARM] + pause.duration, here[TIME], here[REST], here[CENTS], MISSED)
        return
    if pause.skip >= 0:
        _offer(t, k, here[HARM], here[TIME], here[REST], here[CENTS] + pause.skip, SKIPPED_BREAK)
    if i < n and _too_early(w, van, seq[i], here[TIME] + here[REST], w.windows[pause.win_at, 0]):
        return
    if pause.place >= 0:
        _take_at_place(w, van, seq, n, i, k, t)
        return
    if start <= here[TIME] + here[REST]:
        rest = here[REST] - (start - here[TIME])
        _offer(t, k, here[HARM], start + pause.duration, rest, here[CENTS], i)
        return
    start, _, late = first_start(w, pause.win_at, pause.win_n, here[TIME] + here[REST])
    if late == 0:
        _offer(t, k, here[HARM], start + pause.duration, 0, here[CENTS], i)


@compiled
def _take_at_place(w: World, van: Records, seq: Ints, n: int, i: int, k: int, t: Trace) -> None:
    here, stop, pause = t.labels[0, k], t.stop[i], w.breaks[t.order[k]]
    if stop.origin < 0 or stop.target < 0 or _whole(t, k, i) == 0:
        return
    there, back = w.travel[van.table, stop.origin, pause.place], w.travel[van.table, pause.place, stop.target]
    if there == UNREACHABLE or back == UNREACHABLE:
        return
    arrived = here[TIME] + stop.foot
    arrived += drive_time(w, van, stop.origin, pause.place, there, arrived, WHOLE)
    start, _, late = first_start(w, pause.win_at, pause.win_n, arrived)
    if late > 0:
        return
    setup = w.setup[van.pace, seq[i]] if i < n and w.items[seq[i]].kind == JOB else 0
    leaves = start + pause.duration
    rest = drive_time(w, van, pause.place, stop.target, back, leaves, WHOLE) + setup
    _offer(t, k, here[HARM], leaves, rest, here[CENTS], i)


@compiled
def _whole(t: Trace, k: int, i: int) -> int:
    """1 unless a break was taken on this leg already."""
    for b in range(k):
        if t.chosen[0, k, b] == i:
            return 0
    return 1


@compiled
def _offer(t: Trace, k: int, harm: int, time: int, rest: int, cents: int, leg: int) -> None:
    """The label of k + 1 breaks, if this one is better."""
    there = t.labels[0, k + 1]
    before, now = (there[HARM], there[TIME] + there[REST], there[CENTS]), (harm, time + rest, cents)
    if there[OPEN] and (before < now or (before == now and not t.sums[BREAKS_LATE])):
        return
    there[HARM], there[TIME], there[REST], there[CENTS], there[OPEN], there[NEW] = (
        harm,
        time,
        rest,
        cents,
        1,
        1,
    )
    for b in range(k):
        t.chosen[0, k + 1, b] = t.chosen[0, k, b]
    t.chosen[0, k + 1, k] = leg


@compiled
def _too_early(w: World, van: Records, number: int, ready: int, opens: int) -> bool:
    """Whether the job is served before the break may begin: then the next leg is the better one for it."""
    item = w.items[number]
    start = first_start(w, item.win_at, item.win_n, ready)[0]
    return start + w.service[van.pace, number] + item.load_s <= opens


@compiled
def _serve(w: World, van: Records, seq: Ints, n: int, i: int, label: Ints) -> None:
    label[TIME] += label[REST]
    label[START] = label[TIME]
    if i == n:
        return
    item = w.items[seq[i]]
    if item.kind == DEPOT:
        start, _, late = reload_start(w, seq, n, i, label[TIME])
    else:
        start, _, late = first_start(w, item.win_at, item.win_n, max(label[TIME], item.hold))
        label[START] = start
    label[HARM] += late
    label[TIME] = start + w.service[van.pace, seq[i]] + item.load_s


@compiled
def _perishable(w: World, seq: Ints, n: int) -> bool:
    """Whether anything on the route may be on board only so long."""
    if w.dials[_ABOARD, 0] == OFF:
        return False
    for i in range(n):
        item = w.items[seq[i]]
        if item.kind == JOB and item.aboard >= 0:
            return True
    return False


@compiled
def _carry(w: World, seq: Ints, n: int, i: int, departure: int, label: Ints, left: Ints) -> None:
    """Seconds that something was on board too long when it comes off at stop i are harm, as in ``judge._cargo``."""
    left[i] = label[TIME]
    begin = i
    while begin > 0 and w.items[seq[begin - 1]].kind != DEPOT:
        begin -= 1
    if i == n or w.items[seq[i]].kind == DEPOT:
        for j in range(begin, i):
            other = w.items[seq[j]]
            if other.aboard >= 0 and other.ship != 2 and other.carries & 3 == 2:
                label[HARM] += max(0, label[START] - left[j] - other.aboard)
        return
    item = w.items[seq[i]]
    if item.kind != JOB or item.aboard < 0:
        return
    if item.ship == 2:
        for j in range(i):
            if seq[j] == item.mate:
                label[HARM] += max(0, label[START] - left[j] - item.aboard)
    elif item.carries & 1:
        leaves = left[begin - 1] if begin > 0 else departure
        label[HARM] += max(0, label[START] - leaves - item.aboard)


@compiled
def _cheapest(w: World, van: Records, count: int, t: Trace) -> int:
    """The row of least harm: seconds late, past the shift's end, and of breaks owed and not taken."""
    best, best_harm, best_cents = 0, NEVER * 100, NEVER * 100
    for k in range(count + 1):
        label = t.labels[0, k]
        if not label[OPEN]:
            continue
        harm, cents = label[HARM] + max(0, label[TIME] - van.shift_end), label[CENTS] * 3600
        for b in range(k, count):
            t.chosen[0, k, b] = MISSED
            pause = w.breaks[t.order[b]]
            if label[TIME] > _last_end(w, t.order[b]):
                if pause.skip >= 0:
                    cents += pause.skip * 3600
                else:
                    harm += pause.duration
        cents += label[TIME] * max(1, van.hour)
        if (harm, cents) < (best_harm, best_cents):
            best, best_harm, best_cents = k, harm, cents
    return best
