"""The times of one route from its departure on: legs, breaks, waiting, services, reloads, charging."""

from __future__ import annotations

from ..model.units import NEVER, UNREACHABLE
from .breaks import order_breaks, place_breaks
from .jit import compiled
from .legs import drive_time, first_start, reload_start, share_left
from .trace import (
    DEPARTURE,
    DRIVING,
    END,
    END_WAIT,
    ENERGY_CENTS,
    FOOT,
    LOW_WH,
    METRES,
    N_CHAIN,
    N_EVENTS,
    OVERDUE,
    TRIPS,
    Trace,
    room_kept,
)
from .world import CHARGER, DEPOT, JOB, WHOLE, Ints, Records, World

NOW, ON_FOOT, SHARE, SETUP, ARRIVED, ORIGIN, TARGET, BASE = range(8)
"""The cursor on a leg: the time, and what of it is still to go."""

BREAK_EVENT, PAUSE_EVENT = 1, 2


@compiled
def forward(w: World, v: int, seq: Ints, n: int, departure: int, mode: Ints, t: Trace) -> None:
    """Times of the route that leaves at ``departure``, into ``t``; ``lay_legs`` comes before."""
    van, sums = w.vans[v], t.sums
    sums[N_EVENTS] = sums[N_CHAIN] = sums[OVERDUE] = sums[ENERGY_CENTS] = sums[END_WAIT] = 0
    sums[LOW_WH] = 0
    count, next_break = 0, 0
    legs = t.chosen[0, 0]
    if van.break_n > 0:
        count = order_breaks(w, van, departure, mode, t)
        if count > 0:
            legs = place_breaks(w, v, seq, n, departure, count, t)
    for r in range(van.rule_n):
        t.since[r] = 0
    now, trip, level = departure, 0, van.charge
    foot, metres, drive = 0, 0, 0
    sums[DEPARTURE] = departure
    for i in range(n + 1):
        stop = t.stop[i]
        stop.trip = trip
        while next_break < count and legs[next_break] < 0:
            next_break += 1
        busy = next_break < count and legs[next_break] == i
        if not busy and van.rule_n == 0:
            begins = now + stop.foot
            seconds = drive_time(w, van, stop.origin, stop.target, stop.drive, begins, WHOLE)
            stop.travel = seconds + stop.foot
            stop.arrival = now + stop.travel
            now = stop.arrival + stop.setup
            idle, distance = 0, stop.metres
        else:
            now, idle, next_break, distance = _busy_leg(w, v, seq, n, i, now, count, next_break, legs, t)
        metres += distance
        foot += stop.foot
        drive += stop.travel - stop.foot
        if distance != stop.metres:
            level -= _detour_energy(van, i, t)
        level -= (stop.metres * van.wh_km + 500) // 1000
        if van.battery >= 0:
            sums[LOW_WH] = max(sums[LOW_WH], van.reserve - level)
        if i == n:
            stop.start = stop.leave = now
            stop.wait = sums[END_WAIT] = idle
            break
        item = w.items[seq[i]]
        if item.kind == JOB:
            now = _serve(w, van, seq[i], i, now, idle, t)
        elif item.kind == DEPOT:
            now = _reload(w, van, seq, n, i, now, idle, t)
            trip += 1
        elif item.kind == CHARGER:
            now, level = _charge(w, van, seq, n, i, now, idle, level, next_break, count, legs, t)
        stop.level = level
    t.stop[n].level = level
    sums[END], sums[TRIPS] = now, trip + 1
    sums[METRES], sums[FOOT], sums[DRIVING] = metres, foot, drive
    for k in range(sums[N_EVENTS]):
        if t.events[k].place >= 0:
            sums[DRIVING] += t.events[k].travel - t.events[k].foot
            sums[FOOT] += t.events[k].foot
    _link(t, 0, van.shift_end - now, n)


@compiled
def _detour_energy(van: Records, i: int, t: Trace) -> int:
    """Watt-hours of the ways to breaks that have a place of their own, on leg i."""
    energy = 0
    for k in range(t.sums[N_EVENTS]):
        if t.events[k].leg == i and t.events[k].place >= 0:
            energy += (t.events[k].metres * van.wh_km + 500) // 1000
    return energy


@compiled
def _link(t: Trace, waited: int, slack: int, opens: int) -> None:
    """One activity of the chain by which delays are judged."""
    k = t.sums[N_CHAIN]
    t.chain[k, 0], t.chain[k, 1], t.chain[k, 2] = waited, slack, opens
    t.sums[N_CHAIN] = k + 1


@compiled
def _serve(w: World, van: Records, number: int, i: int, ready: int, idle: int, t: Trace) -> int:
    """Wait and serve: the time after it."""
    item, stop, lasts = w.items[number], t.stop[i], w.service[van.pace, number]
    if van.rule_n > 0:
        start, closes, late = first_start(w, item.win_at, item.win_n, max(ready, item.hold))
        ready = _rest_at_door(w, van, i, ready, start - ready, lasts, t)
    opens = max(ready, item.hold)
    start, closes, late = first_start(w, item.win_at, item.win_n, opens)
    stop.early = 0
    if item.early >= 0 and 60 * item.early <= van.hour and opens < start == w.windows[item.win_at, 0]:
        stop.early = start - opens
        start = opens
    stop.start, stop.wait, stop.late = start, idle + start - ready, late
    stop.slack = closes - start
    stop.leave = start + lasts
    _work(w, van, t, start - ready + lasts)
    _link(t, start - ready, closes - start, i)
    return stop.leave


@compiled
def _reload(w: World, van: Records, seq: Ints, n: int, i: int, ready: int, idle: int, t: Trace) -> int:
    """Load for the next trip: inside the depot's hours, and when all its goods are there."""
    item, stop = w.items[seq[i]], t.stop[i]
    start, closes, late = reload_start(w, seq, n, i, ready)
    stop.start, stop.wait, stop.late, stop.early = start, idle + start - ready, late, 0
    stop.slack = closes - start
    stop.leave = start + item.load_s
    _work(w, van, t, stop.leave - ready)
    _link(t, start - ready, closes - start, i)
    return stop.leave


@compiled
def _charge(
    w: World,
    van: Records,
    seq: Ints,
    n: int,
    i: int,
    ready: int,
    idle: int,
    level: int,
    next_break: int,
    count: int,
    legs: Ints,
    t: Trace,
) -> tuple[int, int]:
    """Charge what the way to the next charger or the end takes: (the time after it, the level)."""
    item, stop, need = w.items[seq[i]], t.stop[i], van.reserve - level
    for j in range(i + 1, n + 1):
        need += _leg_energy(w, van, j, next_break, count, legs, t)
        if j < n and w.items[seq[j]].kind == CHARGER:
            break
    need = max(0, min(need, van.battery - level))
    power = max(1, min(item.power, van.charge_w))
    lasts = item.load_s + (need * 3600 + power - 1) // power
    start, closes, late = first_start(w, item.win_at, item.win_n, ready)
    stop.start, stop.wait, stop.late, stop.early = start, idle + start - ready, late, 0
    stop.slack, stop.charged = closes - start, need
    stop.leave = start + lasts
    t.sums[ENERGY_CENTS] += need * item.kwh_price
    _work(w, van, t, stop.leave - ready)
    _link(t, start - ready, closes - start, i)
    return stop.leave, level + need


@compiled
def _leg_energy(w: World, van: Records, j: int, next_break: int, count: int, legs: Ints, t: Trace) -> int:
    """Watt-hours of leg j that is still ahead, with the ways to breaks that have a place of their own."""
    here, energy, metres = t.stop[j].origin, 0, t.stop[j].metres
    for b in range(next_break, count):
        place = w.breaks[t.order[b]].place
        if legs[b] == j and place >= 0 and here >= 0 and t.stop[j].target >= 0:
            energy += (w.metres[van.metres, here, place] * van.wh_km + 500) // 1000
            here, metres = place, w.metres[van.metres, place, t.stop[j].target]
    return energy + (metres * van.wh_km + 500) // 1000


@compiled
def _busy_leg(
    w: World,
    v: int,
    seq: Ints,
    n: int,
    i: int,
    now: int,
    count: int,
    next_break: int,
    legs: Ints,
    t: Trace,
) -> tuple[int, int, int, int]:
    """A leg with breaks or driving rules: (ready, seconds waited before breaks on site, next break, metres)."""
    van, stop, c, idle, metres, began = w.vans[v], t.stop[i], t.cursor, 0, 0, t.sums[N_EVENTS]
    c[NOW], c[ON_FOOT], c[SHARE], c[SETUP] = now, stop.foot, WHOLE, stop.setup
    c[ARRIVED], c[ORIGIN], c[TARGET], c[BASE] = -1, stop.origin, stop.target, stop.drive
    driven = now
    while next_break < count and legs[next_break] == i:
        row = t.order[next_break]
        pause = w.breaks[row]
        if pause.place >= 0:
            if not _pause_at_place(w, v, seq, n, i, row, t):
                break
            driven = c[NOW]
            next_break += 1
            continue
        before, rest = c[NOW], c[ON_FOOT] + _drive_left(w, van, t) + c[SETUP]
        start, closes, late = first_start(w, pause.win_at, pause.win_n, c[NOW])
        if late > 0:
            break
        _advance(w, van, i, NEVER if start > before + rest else start, t)
        start, closes, late = first_start(w, pause.win_at, pause.win_n, c[NOW])
        if late > 0:
            break
        waited = start - c[NOW]
        on_site = c[ARRIVED] >= 0
        _work(w, van, t, waited)
        _event(t, BREAK_EVENT, row, i, start, start + pause.duration, 1 if on_site else 0)
        _link(t, waited, closes - (start if waited > 0 else before), i if on_site else -1)
        idle += waited
        c[NOW] = start + pause.duration
        _rested(w, van, t, pause.duration)
        next_break += 1
    _advance(w, van, i, NEVER, t)
    stop.arrival = c[ARRIVED]
    on_road = 0
    for k in range(began, t.sums[N_EVENTS]):
        event = t.events[k]
        if event.place >= 0:
            metres += event.metres
        elif event.on_site == 0 and event.start >= driven:
            on_road += event.end - event.start
    stop.travel = c[ARRIVED] - driven - on_road
    return c[NOW], idle, next_break, metres + stop.metres


@compiled
def _event(t: Trace, kind: int, row: int, leg: int, start: int, end: int, on_site: int) -> None:
    k = t.sums[N_EVENTS]
    event = t.events[k]
    event.kind, event.number, event.leg, event.start, event.end = kind, row, leg, start, end
    event.on_site, event.place, event.travel, event.metres, event.foot, event.wait = on_site, -1, 0, 0, 0, 0
    t.sums[N_EVENTS] = k + 1


@compiled
def _drive_left(w: World, van: Records, t: Trace) -> int:
    c = t.cursor
    if c[SHARE] == 0:
        return 0
    return drive_time(w, van, c[ORIGIN], c[TARGET], c[BASE], c[NOW] + c[ON_FOOT], c[SHARE])


@compiled
def _advance(w: World, van: Records, i: int, until: int, t: Trace) -> None:
    """Go on along the leg until ``until`` or its end; pauses of driving rules fall where they are due."""
    c = t.cursor
    if c[ON_FOOT] > 0 and c[NOW] < until:
        step = min(c[ON_FOOT], until - c[NOW])
        c[NOW] += step
        c[ON_FOOT] -= step
        _work(w, van, t, step)
    while c[SHARE] > 0 and c[ON_FOOT] == 0:
        if c[NOW] >= until:
            if _drive_left(w, van, t) == 0:
                c[SHARE] = 0
            break
        seconds = _drive_left(w, van, t)
        room, row = _room(w, van, t)
        lasts = min(seconds, min(room, until - c[NOW]))
        if lasts == seconds:
            c[SHARE] = 0
        elif lasts > 0:
            c[SHARE] = share_left(w, van, c[ORIGIN], c[TARGET], c[BASE], c[NOW], c[NOW] + lasts, c[SHARE])
        c[NOW] += lasts
        _drove(w, van, t, lasts)
        if lasts == room and lasts < seconds:
            pause = w.rules[row].pause_s
            _event(t, PAUSE_EVENT, row, i, c[NOW], c[NOW] + pause, 0)
            c[NOW] += pause
            _rested(w, van, t, pause)
            _link(t, 0, NEVER, -1)
    if c[SHARE] == 0 and c[ON_FOOT] == 0:
        if c[ARRIVED] < 0:
            c[ARRIVED] = c[NOW]
        if c[SETUP] > 0 and c[NOW] < until:
            step = min(c[SETUP], until - c[NOW])
            c[NOW] += step
            c[SETUP] -= step
            _work(w, van, t, step)


@compiled
def _room(w: World, van: Records, t: Trace) -> tuple[int, int]:
    """(seconds that may be driven before the next pause, the rule that asks for it). Where a rule asks for pauses
    without end there is no room left to note them: then the van drives on, and is overdue.
    """
    room, row = NEVER, 0
    if len(t.events) - t.sums[N_EVENTS] <= room_kept(len(t.stop), len(w.rules)):
        return room, row
    for r in range(van.rule_n):
        left = max(0, w.rules[van.rule_at + r].max_s - t.since[r])
        if left < room:
            room, row = left, van.rule_at + r
    return room, row


@compiled
def _drove(w: World, van: Records, t: Trace, seconds: int) -> None:
    for r in range(van.rule_n):
        t.since[r] += seconds
        t.sums[OVERDUE] = max(t.sums[OVERDUE], t.since[r] - w.rules[van.rule_at + r].max_s)


@compiled
def _work(w: World, van: Records, t: Trace, seconds: int) -> None:
    """Work that is no driving: counts for rules of work only."""
    for r in range(van.rule_n):
        rule = w.rules[van.rule_at + r]
        if rule.work:
            t.since[r] += seconds
            t.sums[OVERDUE] = max(t.sums[OVERDUE], t.since[r] - rule.max_s)


@compiled
def _rested(w: World, van: Records, t: Trace, seconds: int) -> None:
    """A break or pause of so many seconds sets the rules back that ask for no longer one."""
    for r in range(van.rule_n):
        if w.rules[van.rule_at + r].pause_s <= seconds:
            t.since[r] = 0


@compiled
def _rest_at_door(w: World, van: Records, i: int, ready: int, waits: int, lasts: int, t: Trace) -> int:
    """A pause before the service, where waiting gives it for nothing or the service would be too much work."""
    for r in range(van.rule_n):
        rule = w.rules[van.rule_at + r]
        if t.since[r] <= 0:
            continue
        free = waits >= rule.pause_s and t.since[r] + t.stop[i].ahead > rule.max_s
        if free or (rule.work and t.since[r] + waits + lasts > rule.max_s):
            _event(t, PAUSE_EVENT, van.rule_at + r, i, ready, ready + rule.pause_s, 1)
            ready += rule.pause_s
            waits = max(0, waits - rule.pause_s)
            _rested(w, van, t, rule.pause_s)
            _link(t, 0, NEVER, -1)
    return ready


@compiled
def _pause_at_place(w: World, v: int, seq: Ints, n: int, i: int, row: int, t: Trace) -> bool:
    """Drive to the break's own place, take it there, and stand there for the rest of the leg."""
    van, stop, c, pause = w.vans[v], t.stop[i], t.cursor, w.breaks[row]
    if c[SHARE] != WHOLE or c[ORIGIN] < 0 or c[TARGET] < 0:
        return False
    there, back = w.travel[van.table, c[ORIGIN], pause.place], w.travel[van.table, pause.place, stop.target]
    if there == UNREACHABLE or back == UNREACHABLE:
        return False
    began, events, foot = c[NOW], t.sums[N_EVENTS], c[ON_FOOT]
    c[TARGET], c[BASE], c[SETUP] = pause.place, there, 0
    _advance(w, van, i, NEVER, t)
    paused = 0
    for k in range(events, t.sums[N_EVENTS]):
        paused += t.events[k].end - t.events[k].start
    arrived = c[NOW]
    start, closes, _ = first_start(w, pause.win_at, pause.win_n, arrived)
    _work(w, van, t, start - arrived)
    _event(t, BREAK_EVENT, row, i, start, start + pause.duration, 1)
    event = t.events[t.sums[N_EVENTS] - 1]
    event.place, event.travel, event.foot = pause.place, arrived - began - paused, foot
    event.metres, event.wait = w.metres[van.metres, c[ORIGIN], pause.place], start - arrived
    _link(t, start - arrived, closes - start, -1)
    c[NOW] = start + pause.duration
    _rested(w, van, t, pause.duration)
    c[ORIGIN], c[TARGET], c[SHARE], c[ARRIVED], c[BASE] = pause.place, stop.target, WHOLE, -1, back
    if i < n and w.items[seq[i]].kind == JOB:
        c[SETUP] = w.setup[van.pace, seq[i]]
    stop.origin, stop.foot, stop.drive, stop.setup = pause.place, 0, back, c[SETUP]
    stop.metres = w.metres[van.metres, pause.place, stop.target]
    return True
