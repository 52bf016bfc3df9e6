"""Put what is absent back, one request after the other, each at its cheapest place."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernel.jit import compiled
from ..kernel.judge import LATE as _LATE
from ..kernel.judge import OVERLOAD as _OVERLOAD
from ..kernel.legs import first_start
from ..kernel.trace import BEGIN, END, N_BREACHES
from ..kernel.world import CHARGER, COMPACT, DEPOT, HARD, JOB, SOFT, Ints
from ..model.units import NEVER, UNREACHABLE
from ..rules.codes import NUMBER
from .requests import PAIR
from .standing import cost_of, fleet_cents, hold_group, lay_out, settle, touch
from .state import CANDIDATES, ENOUGH, N_ABSENT, N_CANDIDATES, NO_MORE, draw, draw_below

COST, VAN, PLACE, SECOND, WHICH, STOP, CHARGE_AT, PLUG = range(8)
"""A candidate: estimated cents, vehicle, position, position of a delivery behind its pickup, job, reload before;
where in the route with all these a charger goes, and which (-1: none).
"""

_FLAT = NUMBER["battery_flat"]


@compiled
def recreate(w: Any, q: Any, s: Any, blink: float, mode: Ints, t: Any) -> None:
    """Try to insert every absent request; what does not fit, or costs more than leaving it, stays absent."""
    _sort(w, q, s)
    count, left = s.at[N_ABSENT], 0
    for k in range(count):
        s.order[k] = s.absent[k]
    for k in range(count):
        r = s.order[k]
        if not insert(w, q, s, r, blink, mode, t):
            s.absent[left] = r
            left += 1
    s.at[N_ABSENT] = left


@compiled
def _sort(w: Any, q: Any, s: Any) -> None:
    """At random, or the heavy, the far, the near, the narrow, the early, or the dear to leave first."""
    how, count = draw_below(s, 14), s.at[N_ABSENT]
    for k in range(count):
        r = s.absent[k]
        j = q.members[q.first[r]]
        item = w.items[j]
        rank = draw(s)
        if 4 <= how < 7:
            for d in range(w.load.shape[1]):
                rank -= w.load[j, d, 0] + w.load[j, d, 1] + abs(w.load[j, d, 2])
        elif how in (7, 8, 9):
            start = w.vans[0].start
            far = w.travel[w.vans[0].table, start, item.place] if start >= 0 else 0
            rank += far if how == 9 else -far
        elif how in (10, 11) and item.win_n > 0:
            rank += w.windows[item.win_at + item.win_n - 1, 1] - w.windows[item.win_at, 0]
        elif how == 12 and item.win_n > 0:
            rank += w.windows[item.win_at + item.win_n - 1, 1]
        elif how == 13:
            rank -= q.leave[r]
        s.rank[k] = rank
    order = np.argsort(s.rank[:count])
    for k in range(count):
        s.order[k] = s.absent[order[k]]
    for k in range(count):
        s.absent[k] = s.order[k]


@compiled
def insert(w: Any, q: Any, s: Any, r: int, blink: float, mode: Ints, t: Any) -> bool:
    """Insert one request where it is cheapest without breaking anything more; whether it was."""
    s.at[N_CANDIDATES] = 0
    if q.kind[r] == PAIR:
        _look_pair(w, q, s, r, blink)
    else:
        for k in range(q.first[r], q.first[r] + q.size[r]):
            _look(w, q, s, q.members[k], blink)
    best, best_cost, best_harm, clean, best_hold = -1, q.leave[r], 0, 0, 0
    shared = s.fleet[0] > 0 or s.fleet[1] > 0 or s.fleet[2] > 0
    fleet = fleet_cents(s, -1, 0, 0, 0) if shared else 0
    for c in range(s.at[N_CANDIDATES]):
        found = s.candidate[c]
        if not shared and (clean >= s.at[ENOUGH] or (best >= 0 and found[COST] > best_cost)):
            break
        v = found[VAN]
        cost, harm, hold = _try(w, q, s, r, found, mode, t)
        if shared:
            stops = s.jobs[v] + (2 if q.kind[r] == PAIR else 1)
            cost += fleet_cents(s, v, t.sums[END] - t.sums[BEGIN], t.sums[END], stops) - fleet
        if harm > s.harm[v]:
            continue
        clean += 1
        if cost - s.cost[v] < best_cost:
            best, best_cost, best_harm, best_hold = c, cost - s.cost[v], harm, hold
    if best < 0:
        return False
    found = s.candidate[best]
    v = found[VAN]
    touch(s, v)
    n = _lay(s, q, r, found)
    if found[PLUG] >= 0:
        for k in range(n, found[CHARGE_AT], -1):
            s.trial[k] = s.trial[k - 1]
        s.trial[found[CHARGE_AT]] = found[PLUG]
        n += 1
    for i in range(n):
        s.route[v, i] = s.trial[i]
    s.length[v] = n
    s.where[found[WHICH]] = v
    if q.kind[r] == PAIR:
        s.where[w.items[found[WHICH]].mate] = v
    if best_hold > 0:
        hold_group(w, q, s, found[WHICH], best_hold)
    if shared or len(q.partners) > 0 or w.vans[v].battery >= 0 or w.vans[v].max_trips > 1:
        settle(w, q, s, v, mode, t)
    else:  # walked just now
        lay_out(w, s, v, mode, t)
        s.cost[v], s.harm[v] = s.cost[v] + best_cost, best_harm
    return True


@compiled
def _try(w: Any, q: Any, s: Any, r: int, found: Ints, mode: Ints, t: Any) -> tuple[int, int, int]:
    """(cents, harm, from when on its group may start; 0: it has no group on a route) of a candidate."""
    n, j = _lay(s, q, r, found), found[WHICH]
    meets, held = _meeting(w, q, s, j)
    hold = meets if held else max(1, meets - q.tolerance[j])
    if meets == 0:
        hold = 0
    w.items[j].hold = hold
    cost, harm = cost_of(w, q, s, found[VAN], s.trial, n, mode, t)
    if meets > 0 and not held and _start_of(s, n, j, t) > meets:
        w.items[j].hold = hold = meets
        cost, harm = cost_of(w, q, s, found[VAN], s.trial, n, mode, t)
    if harm > s.harm[found[VAN]] and w.vans[found[VAN]].battery >= 0 and _is_flat(t):
        cost, harm = _plug_in(w, q, s, found, n, harm, mode, t)
    w.items[j].hold = 0
    return cost, harm, hold


@compiled
def _is_flat(t: Any) -> bool:
    """Whether the battery of the route just walked runs empty, and may not."""
    for k in range(t.sums[N_BREACHES]):  # noqa: SIM110 - compiled code has no generators
        if t.breaches[k].code == _FLAT and t.breaches[k].cents < 0:
            return True
    return False


@compiled
def _plug_in(w: Any, q: Any, s: Any, found: Ints, n: int, harm: int, mode: Ints, t: Any) -> tuple[int, int]:
    """(cents, harm) of the trial with one charge more, where that harms least, at the charger nearest to the way."""
    v = found[VAN]
    van, best_cost = w.vans[v], 0
    for p in range(van.head, n + 1):
        before = w.items[s.trial[p - 1]].place if p > 0 else van.start
        after = w.items[s.trial[p]].place if p < n else van.end
        plug = _nearest_charger(w, van, before, after)
        if plug < 0:
            continue
        for k in range(n, p, -1):
            s.trial[k] = s.trial[k - 1]
        s.trial[p] = plug
        cost, hurt = cost_of(w, q, s, v, s.trial, n + 1, mode, t)
        for k in range(p, n):
            s.trial[k] = s.trial[k + 1]
        if hurt < harm or (hurt == harm and found[PLUG] >= 0 and cost < best_cost):
            found[CHARGE_AT], found[PLUG], harm, best_cost = p, plug, hurt, cost
    return best_cost, harm


@compiled
def _nearest_charger(w: Any, van: Any, before: int, after: int) -> int:
    best, least = -1, UNREACHABLE
    for k in range(w.jobs, len(w.items)):
        item = w.items[k]
        if item.kind != CHARGER:
            continue
        way = 0
        if before >= 0:
            way += w.travel[van.table, before, item.place]
        if after >= 0:
            way += w.travel[van.table, item.place, after]
        if way < least:
            best, least = k, way
    return best


@compiled
def _start_of(s: Any, n: int, j: int, t: Any) -> int:
    for i in range(n):
        if s.trial[i] == j:
            return int(t.stop[i].start)
    return 0


@compiled
def _meeting(w: Any, q: Any, s: Any, j: int) -> tuple[int, bool]:
    """When a partner that is on a route already starts, or is held to (true); 0 if there is none."""
    for k in range(q.partner_at[j], q.partner_at[j + 1]):
        p = q.partners[k]
        v = s.where[p]
        if v >= 0:
            if w.items[p].hold > 0:
                return w.items[p].hold, True
            for i in range(s.length[v]):
                if s.route[v, i] == p:
                    return s.start[v, i], False
    return 0, False


@compiled
def _lay(s: Any, q: Any, r: int, found: Ints) -> int:
    """The route with the candidate in it into ``s.trial``; its length."""
    v, place, n = found[VAN], found[PLACE], 0
    for i in range(s.length[v] + 1):
        if i == place:
            if found[STOP] >= 0:
                s.trial[n] = found[STOP]
                n += 1
            s.trial[n] = found[WHICH]
            n += 1
        if q.kind[r] == PAIR and i == found[SECOND]:
            s.trial[n] = q.members[q.first[r] + 1]
            n += 1
        if i < s.length[v]:
            s.trial[n] = s.route[v, i]
            n += 1
    return n


@compiled
def _keep(s: Any, cost: int, v: int, place: int, second: int, job: int, stop: int) -> None:
    """Among the cheapest candidates, in order."""
    count = s.at[N_CANDIDATES]
    if count == CANDIDATES:
        if cost >= s.candidate[count - 1, COST]:
            return
        count -= 1
    k = count
    while k > 0 and s.candidate[k - 1, COST] > cost:
        s.candidate[k] = s.candidate[k - 1]
        k -= 1
    row = s.candidate[k]
    row[COST], row[VAN], row[PLACE], row[SECOND], row[WHICH], row[STOP] = cost, v, place, second, job, stop
    row[CHARGE_AT] = row[PLUG] = -1
    s.at[N_CANDIDATES] = count + 1


@compiled
def _may_join(w: Any, q: Any, s: Any, j: int, v: int) -> bool:
    """Whether the rules between jobs let j onto the route of v."""
    if not w.able[j, v] or w.vans[v].locked or not s.own[v] or s.length[v] + 4 > s.route.shape[1]:
        return False
    for k in range(q.mate_at[j], q.mate_at[j + 1]):
        if s.where[q.mates[k]] >= 0 and s.where[q.mates[k]] != v:
            return False
    for k in range(q.foe_at[j], q.foe_at[j + 1]):  # noqa: SIM110 - compiled code has no generators
        if s.where[q.foes[k]] == v:
            return False
    return True


@compiled
def _room(w: Any, s: Any, j: int, v: int) -> bool:
    """Whether the load of j finds room on one trip; more trips are walked to know."""
    if s.jobs[v] >= w.vans[v].max_stops:
        return False
    if w.vans[v].max_trips > 1:
        return True
    for d in range(w.load.shape[1]):
        limit = w.capacity[v, d]
        if s.load[v, d, 0] + w.load[j, d, 0] > limit or s.load[v, d, 1] + w.load[j, d, 1] > limit:
            return w.dials[_OVERLOAD, 0] != 2
    return True


@compiled
def _fixed_price(w: Any, s: Any, j: int, v: int) -> int:
    """Cents that do not depend on the position."""
    van = w.vans[v]
    price = van.stop + w.items[j].chosen
    if s.jobs[v] == 0:
        price += van.fixed
    elif w.weights[COMPACT] > 0:
        price += _astray(w, s, j, v)
    if w.extra.shape[0] == w.jobs and w.extra.shape[1] == len(w.vans):
        price += w.extra[j, v]
    return price


@compiled
def _astray(w: Any, s: Any, j: int, v: int) -> int:
    """Cents by which j lies away from the middle of a route, about."""
    east = north = 0.0
    for i in range(s.length[v]):
        item = w.items[s.route[v, i]]
        if item.kind == JOB:
            east += w.points[item.place, 0]
            north += w.points[item.place, 1]
    east, north, place = east / s.jobs[v], north / s.jobs[v], w.items[j].place
    far = np.sqrt((w.points[place, 0] - east) ** 2 + (w.points[place, 1] - north) ** 2)
    return int(far * w.weights[COMPACT] / 1000)


@compiled
def _detour(w: Any, q: Any, s: Any, v: int, p: int, j: int) -> tuple[int, int, int]:
    """(cents, seconds to j, seconds more until the next stop's arrival) of j at position p; cents -1: no way."""
    van, item = w.vans[v], w.items[j]
    before, key, after, next_key = s.spot[v, p], s.key[v, p], s.spot[v, p + 1], s.key[v, p + 1]
    into = out = far = 0
    if before >= 0:
        into = q.into[van.table, item.place, before]
        far += q.into_metres[van.metres, item.place, before]
    if after >= 0:
        out = w.travel[van.table, item.place, after]
        far += w.metres[van.metres, item.place, after]
    if into == UNREACHABLE or out == UNREACHABLE:
        return -1, 0, 0
    far -= s.gap[v, p]
    setup = 0 if key == item.setup_key else w.setup[van.pace, j]
    saved = 0
    if next_key >= 0 and (next_key == item.setup_key) != (next_key == key):
        saved = w.setup[van.pace, s.route[v, p]]
        if next_key == key:
            saved = -saved
    drive = into + out - s.direct[v, p]
    more = drive + setup + w.service[van.pace, j] - saved
    cents = (far * van.km + (far * van.co2) // 1000) // 1000 + more * van.hour // 3600
    cents += drive * van.driving // 3600
    return cents + (1 << 40), into + setup, out - saved


@compiled
def _look(w: Any, q: Any, s: Any, j: int, blink: float) -> None:
    """Estimate every place of one job."""
    item, opens, closes = w.items[j], 0, NEVER
    if item.win_n > 0:
        opens, closes = w.windows[item.win_at, 0], w.windows[item.win_at + item.win_n - 1, 1]
    strict = item.late < 0 and w.dials[_LATE, 0] == HARD
    s.kind_seen[:] = 0
    for v in range(len(s.length)):
        if (s.length[v] == 0 and s.at[NO_MORE]) or not _may_join(w, q, s, j, v) or not _room(w, s, j, v):
            continue
        van, n = w.vans[v], s.length[v]
        if n == 0:
            if s.kind_seen[s.kind[v]]:
                continue
            s.kind_seen[s.kind[v]] = 1
        fixed = _fixed_price(w, s, j, v)
        lasts, plain = w.service[van.pace, j], van.break_n == 0 and van.period_n == 0
        tight = strict and plain and van.max_overtime == 0
        for p in range(van.head, n + 1):
            now = s.leave[v, p] if n > 0 else max(van.shift_start, item.release) + van.load_s
            if strict and now > closes:
                break  # from later positions it would be later still
            if n > 0 and tight and max(now, opens) + lasts > s.room[v, p]:
                continue
            if draw(s) < blink:
                continue
            cents, into, out = _detour(w, q, s, v, p, j)
            if cents < 0:
                continue
            cents += fixed - (1 << 40)
            start, _, late = first_start(w, item.win_at, item.win_n, now + into)
            if late > 0:
                if item.late >= 0:
                    cents += late * item.late // 60
                elif strict:
                    if plain:
                        break
                    continue
                elif w.dials[_LATE, 0] == SOFT:
                    cents += late * w.dials[_LATE, 1] // 60
            if n > 0:
                over = start + lasts + out - s.arrive[v, p] - s.spare[v, p]
                if over > 0:
                    if tight and s.room[v, p] < NEVER:
                        continue
                    cents += over * max(van.hour, 600) // 3600
            _keep(s, cents, v, p, -1, j, -1)
        if van.max_trips > 1 and n > 0:
            _look_behind_reload(w, s, j, v, fixed)


@compiled
def _look_behind_reload(w: Any, s: Any, j: int, v: int, fixed: int) -> None:
    """A new trip with j alone: at the end of the route, from each depot where the vehicle may reload."""
    van, n, item = w.vans[v], s.length[v], w.items[j]
    trips = 1
    for i in range(n):
        if w.items[s.route[v, i]].kind == DEPOT:
            trips += 1
    if trips >= van.max_trips:
        return
    for d in range(w.reload_ok.shape[1]):
        if not w.reload_ok[v, d]:
            continue
        depot = w.items[w.jobs + d]
        last = w.items[s.route[v, n - 1]].place
        there = w.travel[van.table, last, depot.place]
        out = w.travel[van.table, depot.place, item.place]
        if there == UNREACHABLE or out == UNREACHABLE:
            continue
        far = w.metres[van.metres, last, depot.place] + 2 * w.metres[van.metres, depot.place, item.place]
        cents = far * van.km // 1000 + (there + 2 * out + depot.load_s) * van.hour // 3600 + fixed
        _keep(s, cents, v, n, -1, j, w.jobs + d)


@compiled
def _look_pair(w: Any, q: Any, s: Any, r: int, blink: float) -> None:
    """Estimate places of a pickup and its delivery behind it."""
    one = q.members[q.first[r]]
    two = q.members[q.first[r] + 1]
    s.kind_seen[:] = 0
    for v in range(len(s.length)):
        if s.length[v] == 0 and s.at[NO_MORE]:
            continue
        if not _may_join(w, q, s, one, v) or not _may_join(w, q, s, two, v):
            continue
        van, n = w.vans[v], s.length[v]
        if s.jobs[v] + 2 > van.max_stops:
            continue
        if n == 0:
            if s.kind_seen[s.kind[v]]:
                continue
            s.kind_seen[s.kind[v]] = 1
        fixed = _fixed_price(w, s, one, v) + van.stop
        for p in range(van.head, n + 1):
            if draw(s) < blink:
                continue
            first, into, _ = _detour(w, q, s, v, p, one)
            if first < 0:
                continue
            now = s.leave[v, p] if n > 0 else van.shift_start + van.load_s
            item = w.items[one]
            late = first_start(w, item.win_at, item.win_n, now + into)[2]
            if late > 0 and item.late < 0 and w.dials[_LATE, 0] == 2:
                continue
            _deliveries(w, q, s, v, p, one, two, first - (1 << 40) + fixed)


@compiled
def _deliveries(w: Any, q: Any, s: Any, v: int, p: int, one: int, two: int, cents: int) -> None:
    van = w.vans[v]
    here, there = w.items[one].place, w.items[two].place
    for d in range(p, s.length[v] + 1):
        if d == p:
            # both between the same two stops: the way out of the pickup leads to the delivery first
            after = w.items[s.route[v, p]].place if p < s.length[v] else van.end
            between = w.travel[van.table, here, there]
            if between == UNREACHABLE:
                continue
            onward = back = far = 0
            if after >= 0:
                onward = w.travel[van.table, there, after]
                back = w.travel[van.table, here, after]
                far = w.metres[van.metres, there, after] - w.metres[van.metres, here, after]
            if onward == UNREACHABLE or back == UNREACHABLE:
                continue
            far += w.metres[van.metres, here, there]
            second = far * van.km // 1000 + (between + onward - back) * van.hour // 3600
            _keep(s, cents + second, v, p, d, one, -1)
        else:
            more, into, _ = _detour(w, q, s, v, d, two)
            if more < 0:
                continue
            item = w.items[two]
            late = first_start(w, item.win_at, item.win_n, s.leave[v, d] + into)[2]
            if late > 0 and item.late < 0 and w.dials[_LATE, 0] == 2:
                break
            _keep(s, cents + more - (1 << 40), v, p, d, one, -1)
