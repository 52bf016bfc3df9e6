"""PyVRP's matrices: one profile for every kind of vehicle that moves, works or may serve differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..compiled import Compiled
from ..model import UNREACHABLE, IntMatrix, Matrix, Problem, Vehicle
from ..rules.service import scaled
from .arcs import Site, Table, add_setup, travel_tables, walk_within_parkings
from .pyvrp_clients import off
from .pyvrp_who import Who
from .scale import Scale

MEMORY = 800_000_000
"""Bytes that all matrices together may take; what does not fit is told apart less finely."""

MAX_MARKS = 16
"""Most load dimensions that stand for vehicles' abilities where there is no memory for profiles."""

type Kind = tuple[object, ...]


@dataclass(slots=True)
class Sites:
    """Rows of the matrices: depots first. ``job`` by row, -1 for a depot; ``of`` the row of each job."""

    rows: list[Site]
    job: list[int]
    of: dict[int, int]


def pace_of(v: Vehicle, types: frozenset[str]) -> tuple[int, str]:
    """Vehicles of one pace take equally long at every door."""
    return v.service_percent, v.type if v.type in types else ""


def timed_types(problem: Problem) -> frozenset[str]:
    """Types of vehicles that some job has a service time for."""
    return frozenset(name for job in problem.jobs for name, _ in job.service_by_type)


def service_s(problem: Problem, kept: Sequence[int], pace: tuple[int, str]) -> Table:
    """Seconds at the doors of the jobs ``kept`` at this pace."""
    percent, kind = pace
    jobs = [problem.jobs[j] for j in kept]
    seconds = [dict(job.service_by_type).get(kind, job.service_s) if kind else job.service_s for job in jobs]
    return np.array([scaled(s, percent) for s in seconds], dtype=np.int64)


def make_sites(c: Compiled, kept: Sequence[int], depots: Sequence[Site], costs: Who, paces: int) -> Sites:
    """One site for jobs that nothing on an arc tells apart; the diagonal is zero, so others need their own."""
    sites = Sites(list(depots), [-1] * len(depots), {})
    seen: dict[tuple[object, ...], int] = {}
    own = costs.rest.any(axis=1)
    for j in kept:
        job = c.jobs[j]
        key: tuple[object, ...] = (
            job.place, c.setup_key[j], job.setup_s, job.parking, costs.able[j].tobytes(),
        )  # fmt: skip
        if paces > 1 or own[j] or job.position:
            key = (j,)
        if key not in seen:
            seen[key] = len(sites.rows)
            sites.rows.append(Site(job.place, c.setup_key[j], job.setup_s, job.parking))
            sites.job.append(j)
        sites.of[j] = seen[key]
    return sites


def period_of(matrix: Matrix, v: Vehicle) -> int:
    """The period that most of the shift lies in; -1 is the time before the first."""
    bounds = [-1, *(period.start for period in matrix.periods), UNREACHABLE]
    shares = [min(end, v.shift.end) - max(start, v.shift.start) for start, end in pairwise(bounds)]
    return shares.index(max(shares)) - 1


@dataclass(slots=True)
class Profiles:
    """Makes matrices and hands out their numbers. ``fine`` and ``barring``: whether single prices and abilities
    are told by them, or there was no memory for it.
    """

    c: Compiled
    kept: list[int]
    sites: Sites
    costs: Who
    scale: Scale
    base_service: Table
    far: int
    types: frozenset[str]
    fine: bool = True
    barring: bool = True
    durations: list[Table] = field(default_factory=list)
    distances: list[Table] = field(default_factory=list)
    _numbers: dict[Kind, int] = field(default_factory=dict)
    _walking: IntMatrix | None = None
    _dearer: NDArray[np.bool_] = field(init=False)
    _barring: list[bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Looks that every vehicle would otherwise take at every job."""
        self._dearer = self.costs.rest[self.kept].any(axis=0)
        self._barring = [column.tobytes() for column in np.ascontiguousarray(self.costs.able[self.kept].T)]

    def fit(self, crew: Sequence[int]) -> None:
        """Tell as much apart as memory allows: prices of single jobs are given up first, then abilities."""
        each = 16 * len(self.sites.rows) ** 2
        for self.fine, self.barring in ((True, True), (False, True), (False, False)):
            if len({self.kind(k) for k in crew}) * each <= MEMORY:
                return

    def number(self, k: int) -> int:
        """The profile of vehicle ``k``, made on first use."""
        kind = self.kind(k)
        if kind not in self._numbers:
            self._numbers[kind] = len(self.durations)
            seconds, lengths = self._tables(k)
            self.durations.append(seconds)
            self.distances.append(lengths)
        return self._numbers[kind]

    def priced(self, k: int) -> bool:
        """Whether the lengths of this vehicle's profile are prices: metres cannot say what else an arc costs.
        A limit of metres needs metres.
        """
        v = self.c.vehicles[k]
        if range_m(self.c.problem, v) is not None:
            return False
        return v.cost_per_driving_hour > 0 or (self.fine and bool(self._dearer[k]))

    def per_metre(self, k: int) -> int:
        """Units per metre; what a priced arc would say is spread over the metres where it cannot be."""
        v = self.c.vehicles[k]
        units = self.scale.per_metre(v)
        if not v.cost_per_driving_hour or self.priced(k):
            return units
        seconds, metres = self.c.durations(v), self.c.distances(v)
        there = seconds < UNREACHABLE
        total = max(1, int(metres.sum(where=there, dtype=np.int64)))
        took = int(seconds.sum(where=there, dtype=np.int64))
        return units + self.scale.per_driven_second(v) * took // total

    def kind(self, k: int) -> Kind:
        """What two vehicles must agree in to share a profile."""
        v = self.c.vehicles[k]
        matrix = self.c.problem.matrices[v.profile]
        key: Kind = (v.profile, v.travel_percent, pace_of(v, self.types), period_of(matrix, v))
        if self.barring:
            key += (self._barring[k],)
        if self.priced(k):
            rest = self.costs.rest[self.kept, k].tobytes() if self.fine else b""
            key += (self.scale.per_metre(v), self.scale.per_driven_second(v), rest)
        return key

    def _tables(self, k: int) -> tuple[Table, Table]:
        c, v = self.c, self.c.vehicles[k]
        pace = pace_of(v, self.types)
        rows = [Site(s.place, s.setup_key, scaled(s.setup_s, pace[0]), s.parking) for s in self.sites.rows]
        seconds, lengths, missing = travel_tables(self._durations(v), c.distances(v), rows)
        walked = self._on_foot()
        driven = seconds.copy() if self.priced(k) and v.cost_per_driving_hour else None
        add_setup(seconds, rows)
        walk_within_parkings(seconds, lengths, rows, walked)
        if self.priced(k):
            lengths *= self.scale.per_metre(v)
            if driven is not None:
                lengths += driven * self.scale.per_driven_second(v)
            if self.fine:
                lengths += self._by_row(self.costs.rest[:, k])[None, :]
            np.fill_diagonal(lengths, 0)
        slower = service_s(c.problem, self.kept, pace) - self.base_service
        if slower.any():
            by_job = np.zeros(len(c.jobs), dtype=np.int64)
            by_job[self.kept] = slower
            seconds += self._by_row(by_job)[:, None]
        self._bar(seconds, missing, k)
        np.fill_diagonal(seconds, 0)
        return seconds, lengths

    def _bar(self, seconds: Table, missing: NDArray[np.bool_] | None, k: int) -> None:
        """What cannot be driven takes longer than any shift."""
        if missing is not None:
            seconds[missing] = self.far
        jobs = np.array(self.sites.job)
        if self.barring:
            barred = (jobs >= 0) & ~self.costs.able[jobs, k]
            seconds[:, barred] = self.far
        for row, j in enumerate(self.sites.job):
            position = self.c.jobs[j].position if j >= 0 else ""
            if position == "first" and not off(self.c.problem, "not_first"):
                seconds[jobs >= 0, row] = self.far
            if position == "last" and not off(self.c.problem, "not_last"):
                seconds[row, jobs >= 0] = self.far

    def _by_row(self, by_job: Table) -> Table:
        rows = np.array(self.sites.job)
        values: Table = np.where(rows >= 0, by_job[rows], 0)
        return values

    def _durations(self, v: Vehicle) -> IntMatrix:
        matrix = self.c.problem.matrices[v.profile]
        period = period_of(matrix, v)
        if period < 0:
            return self.c.durations(v)
        table = matrix.periods[period].durations
        if v.travel_percent == 100:
            return table
        wide = np.minimum((2 * table.astype(np.int64) * v.travel_percent + 100) // 200, UNREACHABLE - 1)
        return np.where(table == UNREACHABLE, UNREACHABLE, wide).astype(np.int32)

    def _on_foot(self) -> IntMatrix | None:
        problem = self.c.problem
        if not any(site.parking for site in self.sites.rows):
            return None
        if problem.walk_profile in problem.matrices:
            return problem.matrices[problem.walk_profile].durations
        if self._walking is None and problem.points is not None:
            points = problem.points.astype(np.float64)
            crow = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
            self._walking = np.ceil(crow * 1.04 - 1e-9).astype(np.int32)
        return self._walking


def range_m(problem: Problem, v: Vehicle) -> int | None:
    """Metres that ``v`` may drive: its limit, and its battery where there is no charger to go to."""
    limits = []
    if v.max_distance_m is not None and not off(problem, "too_far"):
        limits.append(v.max_distance_m)
    battery = v.battery
    if battery is not None and battery.wh_per_km and not (problem.chargers or off(problem, "battery_flat")):
        limits.append(max(0, battery.start_wh - battery.reserve_wh) * 1000 // battery.wh_per_km)
    return min(limits, default=None)


def marks_of(
    costs: Who, kept: Sequence[int], crew: Sequence[int]
) -> tuple[dict[int, int], list[NDArray[np.bool_]]]:
    """(circle of able vehicles by job, the circles): those that shut somebody out, the commonest first."""
    circles: dict[bytes, list[int]] = {}
    rows = costs.able[np.ix_(list(kept), list(crew))]
    for j, row in zip(kept, rows, strict=True):
        if not row.all():
            circles.setdefault(row.tobytes(), []).append(j)
    common = sorted(circles.values(), key=lambda jobs: (-len(jobs), jobs[0]))[:MAX_MARKS]
    return {j: m for m, jobs in enumerate(common) for j in jobs}, [costs.able[jobs[0]] for jobs in common]
