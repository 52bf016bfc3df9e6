"""Where places lie, as two numbers each: their points, or read off the travel times where there are none."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..model import UNREACHABLE, Problem
from .ways import Places, Ways

type Spots = NDArray[np.float64]
"""``(places, 2)``."""


def spots_of(problem: Problem, ways: Ways) -> Spots:
    """A spot for each place of the problem's jobs and vehicles; others stay at the origin."""
    if problem.points is not None:
        return problem.points.astype(np.float64)
    used = {job.place for job in problem.jobs}
    used |= {place for v in problem.vehicles for place in (v.start, v.end) if place is not None}
    places = np.array(sorted(used), dtype=np.intp)
    spots = np.zeros((int(places.max(initial=-1)) + 1, 2))
    if len(places):
        spots[places] = _mapped(places, ways, _profile(problem))
    return spots


def _profile(problem: Problem) -> str:
    return problem.vehicles[0].profile if problem.vehicles else ""


def _mapped(places: Places, ways: Ways, profile: str) -> Spots:
    """FastMap (Faloutsos and Lin 1995): each axis lies through two places far from each other.

    Two axes take the ways from and to six places, not those between all.
    """
    spots = np.zeros((len(places), 2))
    for axis in (0, 1):
        one = int(_squares(places, ways, profile, spots[:, :axis], 0).argmax())
        from_one = _squares(places, ways, profile, spots[:, :axis], one)
        other = int(from_one.argmax())
        apart = from_one[other]
        if apart <= 0:
            break
        from_other = _squares(places, ways, profile, spots[:, :axis], other)
        spots[:, axis] = (from_one + apart - from_other) / (2 * np.sqrt(apart))
    return spots


def _squares(places: Places, ways: Ways, profile: str, known: Spots, at: int) -> NDArray[np.float64]:
    """Squared travel times between one place and all, there and back, less what the axes so far explain."""
    here = places[at : at + 1]
    there = _seconds(ways, profile, here, places).ravel()
    back = _seconds(ways, profile, places, here).ravel()
    explained = ((known - known[at]) ** 2).sum(axis=1)
    left: NDArray[np.float64] = np.maximum(0.0, ((there + back) / 2) ** 2 - explained)
    return left


def _seconds(ways: Ways, profile: str, origins: Places, destinations: Places) -> NDArray[np.float64]:
    blocks = ways.block(origins, destinations)
    table = (blocks.get(profile) or next(iter(blocks.values()))).durations
    reached = np.where(table < UNREACHABLE, table, 0).astype(np.float64)
    return np.where(table < UNREACHABLE, reached, reached.max(initial=0.0))
