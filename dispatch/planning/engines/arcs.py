"""Arcs between sites: travel, setup and pace of one kind of vehicle folded into one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compiled import Compiled
from ..model import UNREACHABLE, Vehicle

type Table = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Site:
    """A row of an engine's matrix. ``place`` ``None`` is nowhere: free to come from and to go to."""

    place: int | None
    setup_key: int = -1
    setup_s: int = 0


def arc_tables(c: Compiled, vehicle: Vehicle, sites: Sequence[Site], far: int) -> tuple[Table, Table]:
    """(seconds with setup on arrival, metres), both ``(n, n)`` int64; a missing way takes ``far`` seconds."""
    places = np.array([site.place or 0 for site in sites], dtype=np.intp)
    nowhere = np.array([site.place is None for site in sites])
    keys = np.array([site.setup_key for site in sites])
    setup = np.array([site.setup_s for site in sites], dtype=np.int64)
    seconds = c.durations(vehicle)[np.ix_(places, places)].astype(np.int64)
    metres = c.distances(vehicle)[np.ix_(places, places)].astype(np.int64)
    missing = seconds == UNREACHABLE
    metres[missing] = 0
    same = (keys[:, None] == keys[None, :]) & (keys[None, :] >= 0)
    seconds[missing] = 0
    for table in (seconds, metres):
        table[nowhere, :] = 0
        table[:, nowhere] = 0
    seconds += np.where(same, 0, setup[None, :])
    missing &= ~(nowhere[:, None] | nowhere[None, :])
    seconds[missing] = far
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(metres, 0)
    return seconds, metres
