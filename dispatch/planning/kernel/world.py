"""A problem as arrays: what compiled code reads. ``pack.py`` makes it.

Items are numbered: jobs first (their positions in the problem), then depots, then chargers. Vehicles, breaks and
so on by their positions too. -1 stands for "none", ``NEVER`` for "no limit".
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.experimental import structref
from numpy.typing import NDArray

from .jit import compiled

type Ints = NDArray[np.int64]
type Records = Any
"""A record array; compiled code reads its fields by name."""

JOB, DEPOT, CHARGER = 0, 1, 2
WHOLE = 1_000_000_000
"""The share of a leg that is the whole of it."""


def _fields(names: str) -> np.dtype[np.void]:
    return np.dtype([(name, np.int64) for name in names.split()], align=True)


ITEM = _fields(
    "kind place setup_key release win_at win_n parking hold load_s power kwh_price mate ship group chosen "
    "carries rare late early pref_open pref_close pref_price max_wait prompt aboard goods failure position "
    "has_current cur_van cur_after cur_start rel_at rel_n leave"
)
"""``mate``: the other job of its shipment; ``ship``: 1 its pickup, 2 its delivery. ``carries``: bit 1 a delivery,
bit 2 a pickup. ``rare``: whether any of the fields behind it is set. ``cur_after``: -1 first. Prices of windows are
-1 where there is none.
"""

VAN = _fields(
    "start end shift_start shift_end latest table period_at period_n metres pace fixed km hour driving stop "
    "overtime max_overtime co2 failed max_stops min_stops max_distance max_duration max_driving break_at break_n "
    "rule_at rule_n max_trips lifo depot load_s hold battery charge reserve wh_km charge_w minimum rated head locked"
)
"""``table``: its first travel table, those of its periods follow. ``pace``: row of ``service`` and ``setup``.
``co2``: cents per 1,000,000 metres. ``battery``: capacity, -1 for none.
"""

BREAK = _fields("duration win_at win_n place skip")
RULE = _fields("max_s pause_s work")
PAIR = _fields("one other scope")
"""Incompatible goods: two bits; ``scope`` 1: the route, 0: at one time."""

OFF, SOFT, HARD = 0, 1, 2

COMPONENTS = [
    "fixed",
    "distance",
    "time",
    "driving",
    "stops",
    "overtime",
    "co2",
    "energy",
    "failed",
    "rate",
    "lateness",
    "earliness",
    "preferred",
    "prompt",
    "skipped",
    "chosen",
    "compact",
    "changed",
    "rules",
]
"""Of a route's cost, in the order of ``solution.Cost``."""


class World(NamedTuple):
    """One problem. ``travel`` ``(tables, n, n)`` and ``metres`` ``(profiles, n, n)`` int32; ``load`` ``(items,
    dimensions, 3)``: delivery, pickup, change by a shipment; ``service`` and ``setup`` ``(paces, items)``;
    ``able`` ``(jobs, vans)``; ``extra`` and ``zone_price`` ``(jobs, vans)`` cents, ``(1, 1)`` where nothing costs
    anything; ``points`` ``(n, 2)``; ``dials`` ``(codes, 3)``: kind, price, unit; ``members`` of the relations that
    concern one route, ``relation`` ``(relations, 3)``: first member, count, whether direct; ``rel`` the relations
    of items.
    """

    items: Records
    vans: Records
    breaks: Records
    rules: Records
    goods: Records
    windows: Ints
    travel: NDArray[np.int32]
    metres: NDArray[np.int32]
    walking: NDArray[np.int32]
    periods: Ints
    service: Ints
    setup: Ints
    load: Ints
    capacity: Ints
    aboard: Ints
    rate_load: Ints
    able: NDArray[np.bool_]
    extra: Ints
    zone_price: Ints
    reload_ok: NDArray[np.bool_]
    dials: Ints
    relation: Ints
    members: Ints
    rel: Ints
    points: NDArray[np.float64]
    weights: Ints
    jobs: int
    wait_before: int


COMPACT, OTHER_VAN, OTHER_PLACE, MOVED = 0, 1, 2, 3
"""Places in ``weights``."""


@structref.register
class WorldType(types.StructRef):
    """The same as one pointer: passing thirty arrays by value makes machine code large and slow to build."""

    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class WorldRef(structref.StructRefProxy):
    """What compiled functions take for a ``World``."""


structref.define_proxy(WorldRef, WorldType, list(World._fields))


@compiled
def refer(w: Any) -> Any:
    """The pointer to the arrays of a ``World``."""
    return WorldRef(
        w.items,
        w.vans,
        w.breaks,
        w.rules,
        w.goods,
        w.windows,
        w.travel,
        w.metres,
        w.walking,
        w.periods,
        w.service,
        w.setup,
        w.load,
        w.capacity,
        w.aboard,
        w.rate_load,
        w.able,
        w.extra,
        w.zone_price,
        w.reload_ok,
        w.dials,
        w.relation,
        w.members,
        w.rel,
        w.points,
        w.weights,
        w.jobs,
        w.wait_before,
    )
