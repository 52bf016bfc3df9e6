"""One route from beginning to end: its best departure, its times, its rules and its cost."""

from __future__ import annotations

from ..model.units import NEVER
from .forward import forward
from .jit import compiled
from .judge import judge
from .legs import first_loading, lay_legs
from .trace import BREAKS_LATE, COST_SUM, DEPARTURE, HARD_SUM, N_CHAIN, Trace
from .world import DEPOT, JOB, MOVED, Ints, Records, World


@compiled
def walk(w: World, v: int, seq: Ints, n: int, departure: int, mode: Ints, thorough: bool, t: Trace) -> int:
    """The first ``n`` items of ``seq`` on vehicle ``v``, into ``t``; the cost in cents, ``HARD_SUM`` beside it.

    ``departure`` -1: as late as it can without any service or its end becoming late or later than if it left at
    once, or earlier or later where that is cheaper. ``thorough``: other departures are tried where leaving at
    once may wait too long (for a later window, after a break's time).
    """
    van = w.vans[v]
    t.sums[BREAKS_LATE] = 0
    lay_legs(w, v, seq, n, mode, t)
    if departure >= 0:
        return _run(w, v, seq, n, departure, mode, t)
    earliest = earliest_departure(w, van, seq, n)
    cost = _leave_late(w, v, seq, n, earliest, mode, t)
    if not thorough:
        return cost
    cost = _other_departures(w, v, seq, n, earliest, cost, mode, t)
    if van.break_n == 0 or van.rule_n == 0:
        return cost
    return _later_breaks(w, v, seq, n, earliest, cost, mode, t)


@compiled
def _later_breaks(w: World, v: int, seq: Ints, n: int, earliest: int, cost: int, mode: Ints, t: Trace) -> int:
    """A break that comes when a driving rule asks for a pause saves the pause: the breaks as late as they may be."""
    hard, departure = t.sums[HARD_SUM], t.sums[DEPARTURE]
    t.sums[BREAKS_LATE] = 1
    later = _leave_late(w, v, seq, n, earliest, mode, t)
    later = _other_departures(w, v, seq, n, earliest, later, mode, t)
    if (t.sums[HARD_SUM], later) < (hard, cost):
        return later
    t.sums[BREAKS_LATE] = 0
    return _run(w, v, seq, n, departure, mode, t)


@compiled
def _run(w: World, v: int, seq: Ints, n: int, departure: int, mode: Ints, t: Trace) -> int:
    _forward(w, v, seq, n, departure, mode, t)
    return _judged(w, v, seq, n, mode, t)


@compiled
def _forward(w: World, v: int, seq: Ints, n: int, departure: int, mode: Ints, t: Trace) -> None:
    if w.vans[v].break_n > 0:
        lay_legs(w, v, seq, n, mode, t)  # a break at a place of its own has changed them
    forward(w, v, seq, n, departure, mode, t)


@compiled
def _judged(w: World, v: int, seq: Ints, n: int, mode: Ints, t: Trace) -> int:
    judge(w, v, seq, n, mode, w.aboard[v], t)
    total = 0
    for k in range(len(t.cost)):
        total += t.cost[k]
    t.sums[COST_SUM] = total
    return total


@compiled
def earliest_departure(w: World, van: Records, seq: Ints, n: int) -> int:
    """The first moment at which the route may leave: shift, depot hours, releases of the first trip, docks."""
    released = 0
    for i in range(n):
        item = w.items[seq[i]]
        if item.kind == DEPOT:
            break
        if item.kind == JOB:
            released = max(released, item.release)
    begin = max(van.shift_start, max(released - van.load_s, van.hold))
    if van.depot >= 0:
        depot = w.items[van.depot]
        begin = first_loading(w, depot.win_at, depot.win_n, begin, van.load_s)[0]
    return begin + van.load_s


@compiled
def harmless_delay(w: World, van: Records, t: Trace) -> int:
    """How much later the route may leave with its end no later than now and nothing late that is not late now
    (Savelsbergh's slack).
    """
    waited, room = 0, NEVER
    for k in range(t.sums[N_CHAIN]):
        waited += t.chain[k, 0]
        room = min(room, waited + max(0, t.chain[k, 1]))
    room = min(room, van.latest - t.sums[DEPARTURE])
    if van.depot >= 0:
        depot = w.items[van.depot]
        begin = t.sums[DEPARTURE] - van.load_s
        closes = first_loading(w, depot.win_at, depot.win_n, begin, van.load_s)[1]
        room = min(room, closes - begin)
    return max(0, min(room, waited))


@compiled
def _leave_late(w: World, v: int, seq: Ints, n: int, departure: int, mode: Ints, t: Trace) -> int:
    """Leave as late as does no harm; where that is dearer after all, at once."""
    van = w.vans[v]
    _forward(w, v, seq, n, departure, mode, t)
    delay = harmless_delay(w, van, t)
    if delay == 0:
        return _judged(w, v, seq, n, mode, t)
    if van.period_n == 0 and not _minds(w, van, seq, n):
        return _run(w, v, seq, n, departure + delay, mode, t)
    at_once = _judged(w, v, seq, n, mode, t)
    hard = t.sums[HARD_SUM]
    later = _run(w, v, seq, n, departure + delay, mode, t)
    if (t.sums[HARD_SUM], later) <= (hard, at_once):
        return later
    return _run(w, v, seq, n, departure, mode, t)


@compiled
def _minds(w: World, van: Records, seq: Ints, n: int) -> bool:
    """Whether any stop has a price on when it is served, so that later may be dearer."""
    if van.rule_n > 0 or van.break_n > 0:
        return True
    for i in range(n):
        item = w.items[seq[i]]
        if item.rare and (item.pref_price > 0 or item.prompt > 0 or item.cur_start >= 0 or item.early >= 0):
            return True
    return False


@compiled
def _other_departures(
    w: World, v: int, seq: Ints, n: int, earliest: int, cost: int, mode: Ints, t: Trace
) -> int:
    """Departures from which a later window, a preferred or a promised time is met without waiting for it, a break's
    time is over, or another period's pace holds.
    """
    van, best = w.vans[v], (t.sums[HARD_SUM], cost, t.sums[DEPARTURE])
    for k in range(van.period_n):
        best = _better(w, v, seq, n, earliest, w.periods[van.period_at + k], best, mode, t)
    for k in range(van.break_n):
        pause = w.breaks[van.break_at + k]
        best = _better(
            w, v, seq, n, earliest, w.windows[pause.win_at + pause.win_n - 1, 1] + 1, best, mode, t
        )
    elapsed = 0
    for i in range(n):
        item = w.items[seq[i]]
        elapsed += t.stop[i].foot + t.stop[i].drive + t.stop[i].setup
        if item.kind == JOB:
            for k in range(1, item.win_n):
                time = w.windows[item.win_at + k, 0] - elapsed
                best = _better(w, v, seq, n, earliest, time, best, mode, t)
            if item.rare and item.pref_price > 0:
                best = _better(w, v, seq, n, earliest, item.pref_open - elapsed, best, mode, t)
            if item.rare and item.cur_start >= 0 and w.weights[MOVED] > 0:
                best = _better(w, v, seq, n, earliest, item.cur_start - elapsed, best, mode, t)
            elapsed += w.service[van.pace, seq[i]]
    if t.sums[DEPARTURE] == best[2]:
        return best[1]
    return _run(w, v, seq, n, best[2], mode, t)


@compiled
def _better(
    w: World,
    v: int,
    seq: Ints,
    n: int,
    earliest: int,
    time: int,
    best: tuple[int, int, int],
    mode: Ints,
    t: Trace,
) -> tuple[int, int, int]:
    """Hard breaches, cost and departure: the best so far, or those of the route that leaves about ``time``."""
    van = w.vans[v]
    if time <= earliest or time > van.latest or time >= van.shift_end:
        return best
    cost = _leave_late(w, v, seq, n, time, mode, t)
    if (t.sums[HARD_SUM], cost) < (best[0], best[1]):
        return t.sums[HARD_SUM], cost, t.sums[DEPARTURE]
    return best
