"""Where a part's matrices come from: a square at a time, so that the whole table is never needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..model import UNREACHABLE, IntMatrix, Matrix, Period, Problem
from ..rules.priority import leave_prices

type Places = NDArray[np.intp]
"""Place numbers of the whole problem."""


class Ways(Protocol):
    """Travel between places of the whole problem."""

    def block(self, origins: Places, destinations: Places) -> Mapping[str, Matrix]:
        """By profile the ways from these to those places: int32 tables of shape ``(origins, destinations)``, made
        anew for each call and kept by nobody. May be asked by several threads at once.
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Ways that are there whole."""

    matrices: Mapping[str, Matrix]

    def block(self, origins: Places, destinations: Places) -> Mapping[str, Matrix]:
        """Picked out of the tables; periods that share one array share it again."""
        return {name: _picked(matrix, origins, destinations) for name, matrix in self.matrices.items()}


def _picked(matrix: Matrix, origins: Places, destinations: Places) -> Matrix:
    pick = np.ix_(origins, destinations)
    made: dict[int, IntMatrix] = {}

    def of(table: IntMatrix) -> IntMatrix:
        if id(table) not in made:
            made[id(table)] = table[pick]
        return made[id(table)]

    periods = tuple(Period(period.start, of(period.durations)) for period in matrix.periods)
    return Matrix(of(matrix.durations), of(matrix.distances), periods)


def priced(problem: Problem, ways: Ways) -> Problem:
    """The problem with a leave price on each job, so that a part asks the same for it as the whole.

    Without a whole table the longest way, of which the price is made, is taken to be the longest way from where
    vehicles begin or end and the longest way there together: no way between two jobs is longer than that detour.
    """
    if all(job.leave_price is not None for job in problem.jobs):
        return problem
    matrices = ways.matrices if isinstance(ways, Table) else _detours(problem, ways)
    prices = leave_prices(replace(problem, matrices=matrices))
    jobs = (replace(job, leave_price=price) for job, price in zip(problem.jobs, prices, strict=True))
    return replace(problem, jobs=tuple(jobs))


def _detours(problem: Problem, ways: Ways) -> dict[str, Matrix]:
    """By profile a table of one entry: the longest detour."""
    ends = {place for v in problem.vehicles for place in (v.start, v.end) if place is not None}
    homes = np.array(sorted(ends or {job.place for job in problem.jobs[:1]}), dtype=np.intp)
    doors = np.unique(np.array([job.place for job in problem.jobs], dtype=np.intp))
    out, back = ways.block(homes, doors), ways.block(doors, homes)
    found = {}
    for name in out:
        far = sum(int(_longest(side[name])) for side in (out, back))
        found[name] = Matrix(np.zeros((1, 1), dtype=np.int32), np.full((1, 1), far, dtype=np.int32))
    return found


def _longest(matrix: Matrix) -> int:
    return int(np.max(matrix.distances, where=matrix.durations < UNREACHABLE, initial=0))
