"""What is known of each leg before any time is: where it leads, on foot or driving, and whether to set up."""

from __future__ import annotations

from ..model.units import UNREACHABLE
from .jit import compiled
from .mode import FIRST_M, FIRST_S, FROM_PLACE, PRIOR_KEY, RUNNING
from .trace import Trace
from .world import DEPOT, JOB, WHOLE, Ints, Records, World

_HALF = WHOLE // 2


@compiled
def lay_legs(w: World, v: int, seq: Ints, n: int, mode: Ints, t: Trace) -> None:
    """Fill in origin, target, foot, drive, metres and setup of legs 0 to n; leg n leads to the end place.

    ``drive`` is the seconds before the first period. A parking group keeps the van where its first stop is.
    """
    van = w.vans[v]
    here = mode[FROM_PLACE] if mode[RUNNING] else van.start
    key, parking, anchor = mode[PRIOR_KEY], -1, -1
    for i in range(n + 1):
        stop = t.stop[i]
        stop.origin = stop.target = -1
        stop.foot = stop.drive = stop.metres = stop.setup = stop.broken = 0
        place, next_key, next_parking = van.end, -1, -1
        if i < n:
            item = w.items[seq[i]]
            place, next_parking = item.place, item.parking
            if item.kind == JOB:
                next_key = item.setup_key
        together = next_parking >= 0 and next_parking == parking
        if i == 0 and mode[RUNNING] and here < 0 and mode[FIRST_S] >= 0:
            stop.drive, stop.metres = mode[FIRST_S], mode[FIRST_M]
        elif here >= 0 and place >= 0:
            if together:
                stop.foot = _on_foot(w, stop, here, place)
            else:
                if anchor >= 0 and anchor != here:
                    stop.foot = _on_foot(w, stop, here, anchor)
                    here = anchor
                _drive_leg(w, van, stop, here, place)
        if i < n and w.items[seq[i]].kind == JOB and next_key != key and not together:
            stop.setup = w.setup[van.pace, seq[i]]
        if not together:
            anchor = place if next_parking >= 0 else -1
        here, key, parking = place, next_key, next_parking
    if van.rule_n > 0:
        ahead = 0
        for i in range(n, -1, -1):
            t.stop[i].ahead = ahead
            ahead += t.stop[i].drive


@compiled
def _on_foot(w: World, stop: Records, here: int, place: int) -> int:
    seconds = w.walking[here, place]
    if seconds == UNREACHABLE:
        stop.broken = 1
        return 0
    return int(seconds)


@compiled
def _drive_leg(w: World, van: Records, stop: Records, here: int, place: int) -> None:
    stop.origin, stop.target = here, place
    seconds = w.travel[van.table, here, place]
    if seconds == UNREACHABLE:
        stop.broken, stop.origin = 1, -1
    else:
        stop.drive, stop.metres = seconds, w.metres[van.metres, here, place]


@compiled
def drive_time(w: World, van: Records, origin: int, target: int, base: int, now: int, share: int) -> int:
    """Seconds that ``share`` of the leg takes from ``now`` on; see ``model.places.Matrix``."""
    if van.period_n == 0 or origin < 0:
        return base if share == WHOLE else (share * base + _HALF) // WHOLE
    k = 0
    while k < van.period_n and w.periods[van.period_at + k] <= now:
        k += 1
    time = now
    while True:
        seconds = w.travel[van.table + k, origin, target]
        need = (share * seconds + _HALF) // WHOLE
        if k == van.period_n or time + need <= w.periods[van.period_at + k]:
            return time + need - now
        if seconds > 0:
            share = max(0, share - (w.periods[van.period_at + k] - time) * WHOLE // seconds)
        time = w.periods[van.period_at + k]
        k += 1


@compiled
def share_left(
    w: World, van: Records, origin: int, target: int, base: int, now: int, until: int, share: int
) -> int:
    """The share of a leg that is still to go at ``until``; ``share`` was at ``now``."""
    if van.period_n == 0 or origin < 0:
        return share if base <= 0 else max(0, share - (until - now) * WHOLE // base)
    k = 0
    while k < van.period_n and w.periods[van.period_at + k] <= now:
        k += 1
    time = now
    while time < until:
        upto = until
        if k < van.period_n:
            upto = min(upto, w.periods[van.period_at + k])
        seconds = w.travel[van.table + k, origin, target]
        if seconds > 0:
            share = max(0, share - (upto - time) * WHOLE // seconds)
        time = upto
        k += 1
    return share


@compiled
def first_start(w: World, at: int, count: int, ready: int) -> tuple[int, int, int]:
    """(start, end of the window used, seconds late) for the first moment not before ``ready``."""
    if count == 0:
        return ready, 1_000_000_000, 0
    closes = 0
    for k in range(at, at + count):
        closes = w.windows[k, 1]
        if ready <= closes:
            return max(ready, w.windows[k, 0]), closes, 0
    return ready, closes, ready - closes


@compiled
def first_loading(w: World, at: int, count: int, ready: int, lasts: int) -> tuple[int, int, int]:
    """The same for something that must lie in the window from its beginning to its end, ``lasts`` seconds."""
    if count == 0:
        return ready, 1_000_000_000, 0
    closes, fitted = 0, False
    for k in range(at, at + count):
        last = w.windows[k, 1] - lasts
        fits = last >= w.windows[k, 0]
        if fits and ready <= last:
            return max(ready, w.windows[k, 0]), last, 0
        if fits or not fitted:
            closes, fitted = last, fits
    return ready, closes, max(1, ready - closes)


@compiled
def reload_start(w: World, seq: Ints, n: int, i: int, ready: int) -> tuple[int, int, int]:
    """The same for the loading at item i, from when all goods of the trip that begins there can be loaded."""
    item, released = w.items[seq[i]], 0
    for j in range(i + 1, n):
        other = w.items[seq[j]]
        if other.kind == DEPOT:
            break
        if other.kind == JOB:
            released = max(released, other.release)
    earliest = max(ready, max(item.hold, released - item.load_s))
    return first_loading(w, item.win_at, item.win_n, earliest, item.load_s)
