"""What the walker finds out about one route: arrays that are used again for the next one."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.experimental import structref

from .jit import compiled
from .world import COMPONENTS, Ints, Records, World

EVENT = np.dtype(
    [
        (name, np.int64)
        for name in [
            "kind",
            "number",
            "leg",
            "start",
            "end",
            "on_site",
            "place",
            "travel",
            "metres",
            "foot",
            "wait",
        ]
    ],
    align=True,
)
"""A break (``kind`` 1, ``number`` its row), or the pause of a driving rule (2). ``place`` -1: none of its own."""

BREACH = np.dtype([(name, np.int64) for name in ["code", "at", "amount", "cents"]], align=True)
"""A broken rule: ``at`` is the position in the route, -1 for the route as a whole, -2-n for vehicle number n."""

STOPS = [
    "arrival",
    "setup",
    "wait",
    "start",
    "leave",
    "travel",
    "foot",
    "metres",
    "drive",
    "slack",
    "late",
    "trip",
    "level",
    "charged",
    "origin",
    "target",
    "broken",
    "ahead",
    "early",
]

(
    N_EVENTS, N_BREACHES, N_CHAIN, HARD_SUM, BEGIN, DEPARTURE, END, END_WAIT, DRIVING, FOOT, METRES, OVERDUE,
    ENERGY_CENTS, LOW_WH, N_BREAKS, TRIPS, COST_SUM, BREAKS_LATE,
) = range(18)  # fmt: skip
"""Places in ``Trace.sums``. ``BREAKS_LATE``: of two legs that are as good for a break, the later one takes it."""


class Trace(NamedTuple):
    """Rows of ``stop`` are fields of one item of the route (the last: the end), by position. ``board`` row i is
    what is on board on leaving item i - 1. ``chain``: (waiting, slack, position or -1) per activity. ``at``: the
    position of each item in the route, -1 for all others. ``since``: driving or work since the last pause.
    ``left``: by label of ``breaks.py`` and position, when the van leaves.
    """

    stop: Records
    board: Ints
    peak: Ints
    events: Records
    breaches: Records
    chain: Ints
    cost: Ints
    sums: Ints
    at: Ints
    labels: Ints
    chosen: Ints
    since: Ints
    order: Ints
    cursor: Ints
    left: Ints


STOP = np.dtype([(name, np.int64) for name in STOPS], align=True)
MAX_BREAKS = 8
"""So many breaks may one vehicle have."""


@compiled
def room_kept(rows: int, rules: int) -> int:
    """Events that pauses on the road leave free, for breaks and for pauses at doors."""
    return rows * rules + MAX_BREAKS


def new_trace(world: World, longest: int) -> Trace:
    """Room for routes of up to ``longest`` items."""
    dimensions = max(1, world.load.shape[1])
    rows = longest + 2
    events = room_kept(rows, len(world.rules)) + 8 * rows + 64
    return Trace(
        stop=np.zeros(rows, dtype=STOP),
        board=np.zeros((rows, dimensions), dtype=np.int64),
        peak=np.zeros(dimensions, dtype=np.int64),
        events=np.zeros(events, dtype=EVENT),
        breaches=np.zeros(16 * rows + 64, dtype=BREACH),
        chain=np.zeros((events + rows, 3), dtype=np.int64),
        cost=np.zeros(len(COMPONENTS), dtype=np.int64),
        sums=np.zeros(32, dtype=np.int64),
        at=np.full(max(1, len(world.items)), -1, dtype=np.int64),
        labels=np.zeros((1, MAX_BREAKS + 1, 7), dtype=np.int64),
        chosen=np.zeros((1, MAX_BREAKS + 1, MAX_BREAKS), dtype=np.int64),
        since=np.zeros(max(1, len(world.rules)), dtype=np.int64),
        order=np.zeros(MAX_BREAKS, dtype=np.int64),
        cursor=np.zeros(8, dtype=np.int64),
        left=np.zeros((MAX_BREAKS + 1, rows), dtype=np.int64),
    )


@structref.register
class TraceType(types.StructRef):
    """The same as one pointer."""

    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class TraceRef(structref.StructRefProxy):
    """What compiled functions take for a ``Trace``."""


structref.define_proxy(TraceRef, TraceType, list(Trace._fields))


@compiled
def refer_trace(t: Any) -> Any:
    """The pointer to the arrays of a ``Trace``."""
    return TraceRef(
        t.stop,
        t.board,
        t.peak,
        t.events,
        t.breaches,
        t.chain,
        t.cost,
        t.sums,
        t.at,
        t.labels,
        t.chosen,
        t.since,
        t.order,
        t.cursor,
        t.left,
    )
