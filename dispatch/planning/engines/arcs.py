"""Arcs between sites: travel, setup and pace of one kind of vehicle folded into one table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compiled import Compiled
from ..model import UNREACHABLE, IntMatrix, Vehicle

type Table = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Site:
    """A row of an engine's matrix. ``place`` ``None`` is nowhere: free to come from and to go to. ``parking``:
    sites of one group are walked between, with no setup.
    """

    place: int | None
    setup_key: int = -1
    setup_s: int = 0
    parking: str = ""


def arc_tables(c: Compiled, vehicle: Vehicle, sites: Sequence[Site], far: int) -> tuple[Table, Table]:
    """(seconds with setup on arrival, metres), both ``(n, n)`` int64; a missing way takes ``far`` seconds."""
    seconds, metres, missing = travel_tables(c.durations(vehicle), c.distances(vehicle), sites)
    add_setup(seconds, sites)
    if missing is not None:
        seconds[missing] = far
    np.fill_diagonal(seconds, 0)
    return seconds, metres


def travel_tables(
    durations: IntMatrix, distances: IntMatrix, sites: Sequence[Site]
) -> tuple[Table, Table, NDArray[np.bool_] | None]:
    """(seconds of travel, metres, where there is no way or ``None``); the first two are 0 there."""
    places = np.array([site.place or 0 for site in sites], dtype=np.intp)
    nowhere = [row for row, site in enumerate(sites) if site.place is None]
    picked, lengths = durations, distances
    if len(places) != len(durations) or (places != np.arange(len(durations))).any():
        picked, lengths = (
            table.take(places, axis=0).take(places, axis=1) for table in (durations, distances)
        )
    missing: NDArray[np.bool_] = picked == UNREACHABLE
    seconds = picked.astype(np.int64)
    metres = lengths.astype(np.int64)
    for row in nowhere:
        for table in (seconds, metres):
            table[row, :] = 0
            table[:, row] = 0
        missing[row, :] = missing[:, row] = False
    np.fill_diagonal(missing, val=False)
    gone = bool(missing.any())
    if gone:
        seconds[missing] = 0
        metres[missing] = 0
    np.fill_diagonal(seconds, 0)
    np.fill_diagonal(metres, 0)
    return seconds, metres, missing if gone else None


def add_setup(seconds: Table, sites: Sequence[Site]) -> None:
    """Setup on every arc into a site, but not from a site of the same setup key."""
    setup = np.array([site.setup_s for site in sites], dtype=np.int64)
    if not setup.any():
        return
    seconds += setup[None, :]
    for rows in _together([site.setup_key if site.setup_key >= 0 else None for site in sites]):
        seconds[np.ix_(rows, rows)] -= setup[rows][None, :]


def walk_within_parkings(
    seconds: Table, metres: Table, sites: Sequence[Site], walking: IntMatrix | None
) -> None:
    """Between sites of one parking group the way is walked: seconds on foot, no setup, no metres driven."""
    if walking is None:
        return
    for rows in _together([site.parking or None for site in sites]):
        places = np.array([sites[row].place or 0 for row in rows], dtype=np.intp)
        on_foot = walking[np.ix_(places, places)].astype(np.int64)
        np.fill_diagonal(on_foot, 0)
        seconds[np.ix_(rows, rows)] = on_foot
        metres[np.ix_(rows, rows)] = 0


def _together(keys: Sequence[Hashable]) -> list[NDArray[np.intp]]:
    """The rows of each key that more than one row has."""
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for row, key in enumerate(keys):
        if key is not None:
            found[key].append(row)
    return [np.array(rows, dtype=np.intp) for rows in found.values() if len(rows) > 1]
