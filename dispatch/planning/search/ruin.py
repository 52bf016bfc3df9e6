"""Take strings of neighbouring stops out of a few routes."""

from __future__ import annotations

from typing import Any

from ..kernel.jit import compiled
from ..kernel.world import Ints
from .standing import settle, touch
from .state import LONGEST, N_ABSENT, N_TOUCHED, NO_MORE, draw, draw_below

_SPLIT, _MORE = 0.5, 0.01
"""How often a string keeps some stops in its middle, and how often it keeps one more."""


@compiled
def ruin(w: Any, q: Any, s: Any, average: int, mode: Ints, t: Any) -> None:
    """Remove about ``average`` jobs near a random one; routes behind it are settled."""
    if w.jobs == 0:
        return
    planned, used = 0, 0
    for v in range(len(s.length)):
        planned += s.jobs[v]
        if s.jobs[v] > 0:
            used += 1
    if planned == 0:
        return
    longest = max(1, min(s.at[LONGEST], planned // max(1, used)))
    strings = 1 + int(draw(s) * max(1.0, 4.0 * average / (1 + longest) - 1.0))
    seed = _seed(w, s)
    ruined = 0
    for k in range(-1, q.near.shape[1]):
        if ruined >= strings:
            break
        j = seed if k < 0 else q.near[seed, k]
        v = s.where[j]
        if v < 0 or s.is_touched[v] or w.vans[v].locked or not s.own[v]:
            continue
        if _cut(w, q, s, v, j, longest):
            ruined += 1
    for k in range(s.at[N_TOUCHED]):
        settle(w, q, s, s.touched[k], mode, t)


@compiled
def _seed(w: Any, s: Any) -> int:
    """A random job of this search's own, or one that is absent."""
    j = draw_below(s, w.jobs)
    for _ in range(16):
        if s.where[j] < 0 or s.own[s.where[j]]:
            break
        j = draw_below(s, w.jobs)
    return j


@compiled
def empty(w: Any, q: Any, s: Any, mode: Ints, t: Any) -> None:
    """Take everything out of the shorter one of two routes, and forbid to take another van instead."""
    chosen = -1
    for _ in range(2):
        j = draw_below(s, w.jobs)
        v = s.where[j]
        if v < 0 or not s.own[v] or w.vans[v].locked or w.vans[v].head > 0:
            continue
        if chosen < 0 or s.jobs[v] < s.jobs[chosen]:
            chosen = v
    if chosen < 0:
        return
    s.at[NO_MORE] = 1
    count = 0
    for i in range(s.length[chosen]):
        if s.route[chosen, i] < w.jobs:
            s.order[count] = s.route[chosen, i]
            count += 1
    for k in range(count):
        if s.where[s.order[k]] >= 0:
            remove(w, q, s, s.order[k])
    for k in range(s.at[N_TOUCHED]):
        settle(w, q, s, s.touched[k], mode, t)


@compiled
def exchange(w: Any, q: Any, s: Any, mode: Ints, t: Any) -> None:
    """Two vehicles that are not alike change their routes, where each of them may serve the other's."""
    j = draw_below(s, w.jobs)
    one, two = s.where[j], draw_below(s, len(s.length))
    if one < 0 or one == two or s.kind[one] == s.kind[two]:
        return
    if not _may_drive(w, s, one, two) or not _may_drive(w, s, two, one):
        return
    touch(s, one)
    touch(s, two)
    n, m = s.length[one], s.length[two]
    for i in range(max(n, m)):
        s.route[one, i], s.route[two, i] = s.route[two, i], s.route[one, i]
    s.length[one], s.length[two] = m, n
    for v in (one, two):
        for i in range(s.length[v]):
            if s.route[v, i] < w.jobs:
                s.where[s.route[v, i]] = v
        settle(w, q, s, v, mode, t)


@compiled
def _may_drive(w: Any, s: Any, v: int, other: int) -> bool:
    """Whether v may take over the whole route of the other."""
    if w.vans[v].locked or w.vans[v].head > 0 or not s.own[v]:
        return False
    for i in range(s.length[other]):  # noqa: SIM110 - compiled code has no generators
        if s.route[other, i] < w.jobs and not w.able[s.route[other, i], v]:
            return False
    return True


@compiled
def _cut(w: Any, q: Any, s: Any, v: int, j: int, longest: int) -> bool:
    """Take a string that holds job j out of its route; not out of the fixed head."""
    head, n, at = w.vans[v].head, s.length[v], -1
    for i in range(n):
        if s.route[v, i] == j:
            at = i
    if at < head:
        return False
    room = n - head
    length = 1 + draw_below(s, min(room, longest))
    kept = 0
    if draw(s) < _SPLIT and length < room:
        kept = 1
        while length + kept < room and draw(s) > _MORE:
            kept += 1
            if kept >= 3:
                break
    span = length + kept
    low, high = max(head, at - span + 1), min(at, n - span)
    begin = low + draw_below(s, high - low + 1)
    stay = begin + draw_below(s, max(1, length)) if kept else n
    touch(s, v)
    out = 0
    for i in range(begin, begin + span):
        if stay <= i < stay + kept:
            continue
        item = s.route[v, i]
        s.trial[out] = item
        out += 1
    for k in range(out):
        if s.trial[k] < w.jobs:
            s.order[k] = s.trial[k]
        else:
            s.order[k] = -1
    for k in range(out):
        if s.order[k] >= 0 and s.where[s.order[k]] >= 0:
            remove(w, q, s, s.order[k])
    return True


@compiled
def remove(w: Any, q: Any, s: Any, j: int) -> None:
    """Take a job out, and what cannot stay without it."""
    _take_out(w, q, s, j)
    for k in range(q.tie_at[j], q.tie_at[j + 1]):
        if s.where[q.ties[k]] >= 0:
            _take_out(w, q, s, q.ties[k])


@compiled
def _take_out(w: Any, q: Any, s: Any, j: int) -> None:
    v = s.where[j]
    if v < 0 or w.vans[v].locked or not s.own[v]:
        return
    at, mate = -1, w.items[j].mate
    for i in range(w.vans[v].head, s.length[v]):
        if s.route[v, i] == j:
            at = i
    if at < 0:
        return
    if mate >= 0 and s.where[mate] == v and _in_head(w, s, v, mate):
        return
    touch(s, v)
    kept = 0
    for i in range(s.length[v]):
        item = s.route[v, i]
        if item == j or (mate >= 0 and item == mate):
            continue
        s.route[v, kept] = item
        kept += 1
    s.length[v] = kept
    s.where[j] = -1
    w.items[j].hold = 0
    _release(w, q, s, j)
    if mate >= 0:
        s.where[mate] = -1
    s.absent[s.at[N_ABSENT]] = q.of[j]
    s.at[N_ABSENT] += 1


@compiled
def _release(w: Any, q: Any, s: Any, j: int) -> None:
    """Who is the last of its group on a route waits for nobody any more."""
    left, last = 0, -1
    for k in range(q.partner_at[j], q.partner_at[j + 1]):
        if s.where[q.partners[k]] >= 0:
            left, last = left + 1, q.partners[k]
    if left == 1:
        touch(s, s.where[last])
        w.items[last].hold = 0


@compiled
def _in_head(w: Any, s: Any, v: int, j: int) -> bool:
    for i in range(w.vans[v].head):  # noqa: SIM110 - compiled code has no generators
        if s.route[v, i] == j:
            return True
    return False
