"""Turn after turn of ruin and recreate; worse plans are accepted while it is warm."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..kernel.jit import compiled
from ..kernel.world import Ints
from .recreate import recreate
from .ruin import empty, exchange, ruin
from .standing import begin_turn, hold_group, settle, take_back, weigh
from .state import (
    BEST,
    BEST_HARD,
    EMPTY,
    EXCHANGE,
    HARD,
    IMPROVED,
    ITERATIONS,
    N_ABSENT,
    N_TOUCHED,
    NO_MORE,
    TOTAL,
    draw,
    draw_below,
)


@compiled
def load_plan(w: Any, q: Any, s: Any, mode: Ints, t: Any) -> None:
    """Settle routes that were written into the state; who stands on none is absent."""
    s.where[:] = -1
    for v in range(len(s.length)):
        for i in range(s.length[v]):
            if s.route[v, i] < w.jobs:
                s.where[s.route[v, i]] = v
        settle(w, q, s, v, mode, t)
    for j in range(w.jobs):
        _meet(w, q, s, j, mode, t)
    count = 0
    for r in range(len(q.kind)):
        here = False
        for k in range(q.first[r], q.first[r] + q.size[r]):
            if s.where[q.members[k]] >= 0:
                here = True
        if not here and s.mine[r]:
            s.absent[count] = r
            count += 1
    s.at[N_ABSENT] = count
    s.at[N_TOUCHED] = 0
    s.is_touched[:] = 0
    weigh(w, q, s)
    keep_best(s)


@compiled
def _meet(w: Any, q: Any, s: Any, j: int, mode: Ints, t: Any) -> None:
    """Hold the group of j to the time at which the last of it starts."""
    latest, members = _start(s, j), 1
    for k in range(q.partner_at[j], q.partner_at[j + 1]):
        if s.where[q.partners[k]] >= 0:
            latest, members = max(latest, _start(s, q.partners[k])), members + 1
            if q.partners[k] < j:
                return
    if members > 1 and s.where[j] >= 0:
        hold_group(w, q, s, j, max(1, latest - q.tolerance[j]))
        settle(w, q, s, s.where[j], mode, t)
        for k in range(q.partner_at[j], q.partner_at[j + 1]):
            if s.where[q.partners[k]] >= 0:
                settle(w, q, s, s.where[q.partners[k]], mode, t)


@compiled
def _start(s: Any, j: int) -> int:
    v = s.where[j]
    if v >= 0:
        for i in range(s.length[v]):
            if s.route[v, i] == j:
                return int(s.start[v, i])
    return 0


@compiled
def keep_best(s: Any) -> None:
    """The plan as it stands is the best."""
    s.at[BEST], s.at[BEST_HARD] = s.at[TOTAL], s.at[HARD]
    s.at[IMPROVED] += 1
    for v in range(len(s.length)):
        s.best_length[v] = s.length[v]
        for i in range(s.length[v]):
            s.best_route[v, i] = s.route[v, i]


@compiled
def fill(w: Any, q: Any, s: Any, mode: Ints, t: Any) -> None:
    """Insert whatever fits into the plan as it stands."""
    recreate(w, q, s, 0.0, mode, t)
    weigh(w, q, s)
    if (s.at[HARD], s.at[TOTAL]) <= (s.at[BEST_HARD], s.at[BEST]):
        keep_best(s)


@compiled
def _change(w: Any, q: Any, s: Any, average: int, blink: float, mode: Ints, t: Any) -> None:
    """One turn's change of the plan."""
    kind = draw_below(s, 1000)
    if kind < s.at[EXCHANGE]:
        exchange(w, q, s, mode, t)
        return
    if kind < s.at[EXCHANGE] + s.at[EMPTY]:
        empty(w, q, s, mode, t)
    ruin(w, q, s, average, mode, t)
    recreate(w, q, s, blink, mode, t)
    s.at[NO_MORE] = 0


@compiled
def anneal(
    w: Any,
    q: Any,
    s: Any,
    turns: int,
    warm: float,
    cool: float,
    average: int,
    blink: float,
    mode: Ints,
    t: Any,
) -> None:
    """``turns`` turns while the temperature falls from ``warm`` to ``cool`` cents."""
    holds = len(q.partners) > 0
    heat = warm
    step = (cool / warm) ** (1.0 / max(1, turns)) if warm > 0 and cool > 0 else 1.0
    for _ in range(turns):
        total, hard, absent = s.at[TOTAL], s.at[HARD], s.at[N_ABSENT]
        begin_turn(w, s, holds)
        _change(w, q, s, average, blink, mode, t)
        weigh(w, q, s)
        s.at[ITERATIONS] += 1
        worse = float(s.at[TOTAL] - total)
        accept = s.at[HARD] < hard
        if s.at[HARD] == hard:
            accept = worse <= 0 or worse < -heat * np.log(max(1e-12, draw(s)))
        if not accept:
            take_back(w, s, absent, holds)
            s.at[TOTAL], s.at[HARD] = total, hard
        elif (s.at[HARD], s.at[TOTAL]) < (s.at[BEST_HARD], s.at[BEST]):
            keep_best(s)
        heat *= step
