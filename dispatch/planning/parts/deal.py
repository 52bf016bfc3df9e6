"""Vehicles to parts: enough hours, or room, of those that may serve what lies there, when it wants to be served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..model import Job, Problem, Vehicle
from ..rules.codes import CODES
from ..rules.statics import signature, static_breaches
from .ties import Bundle

type Floats = NDArray[np.float64]

_LEG_S = 180
"""Seconds of driving to a job, where only shares of a day's work are to be compared."""

_HOUR = 3600
_SPAN = 86_400
"""No shift counts for more."""


class Hand:
    """Parts that are being dealt: ``shares`` are the bundles of each that have jobs."""

    def __init__(self, problem: Problem, shares: list[list[Bundle]]) -> None:
        self.problem, self.shares = problem, shares
        self.kind_of, self.kinds = _numbered([_kind(v, _named(problem)) for v in problem.vehicles])
        self.need_of, self.needs = self._needs()
        self.work, self.supply = _scarcest(problem)

    def _needs(self) -> tuple[list[int], NDArray[np.bool_]]:
        """(need of each job, which kinds of vehicle may serve each need); equal answers are one need."""
        asks, examples = _numbered([_ask(job) for job in self.problem.jobs])
        off = {c.name for c in CODES if self.problem.dials.get(c.name, c.default).kind != "hard"}
        rows = [
            tuple(_may(self.problem.jobs[j], self.problem.vehicles[v], off) for v in self.kinds)
            for j in examples
        ]
        row_of, unique = _numbered(rows)
        return [row_of[ask] for ask in asks], np.array([rows[k] for k in unique], dtype=bool).reshape(
            -1, len(self.kinds)
        )

    @cached_property
    def _vehicles(self) -> list[list[int]]:
        """By part the vehicles that came with its jobs."""
        return [[v for bundle in share for v in bundle.vehicles] for share in self.shares]

    def send_home(self, centres: Mapping[Bundle, Floats]) -> None:
        """Jobs in a part that has routes, but none that may serve them, go to the nearest that has."""
        if not any(self._vehicles):
            return
        able = [self.needs[:, sorted({self.kind_of[v] for v in vans})].any(axis=1) for vans in self._vehicles]
        middles = [np.mean([centres[b] for b in share], axis=0) for share in self.shares if share]
        for at, share in enumerate(self.shares):
            for bundle in [b for b in share if not b.vehicles]:
                asks = sorted({self.need_of[j] for j in bundle.jobs})
                fits = [bool(table[asks].all()) for table in able]
                if fits[at] or not any(fits) or len(middles) < len(self.shares):
                    continue
                away = [float(((m - centres[bundle]) ** 2).sum()) for m in middles]
                home = min((k for k, fit in enumerate(fits) if fit), key=lambda k: (away[k], k))
                share.remove(bundle)
                self.shares[home].append(bundle)

    def deal(self, spare: Sequence[Bundle]) -> list[list[int]]:
        """By part the numbers of the vehicles among ``spare`` that it gets."""
        dealt: list[list[int]] = [[] for _ in self.shares]
        free = [v for bundle in spare for v in bundle.vehicles]
        lacks = self._lacks()
        for part, vans in enumerate(self._vehicles):
            for van in vans:
                self._take(lacks[part], van)
        for need in self._rarest_first(free):
            while (part := int(lacks[:, need].argmax())) >= 0 and lacks[part, need] > 0:
                fitting = [v for v in free if self.needs[need, self.kind_of[v]]]
                if not fitting:
                    break
                van = min(fitting, key=lambda v: (self.needs[:, self.kind_of[v]].sum(), v))
                free.remove(van)
                dealt[part].append(van)
                self._take(lacks[part], van)
        for number, van in enumerate(free):
            dealt[number % len(dealt)].append(van)
        return dealt

    def _lacks(self) -> Floats:
        """``(parts, needs)``: work that has no vehicle yet; all together as much as all vehicles can do."""
        lacks = np.zeros((len(self.shares), len(self.needs)))
        for part, share in enumerate(self.shares):
            for bundle in share:
                for job in bundle.jobs:
                    lacks[part, self.need_of[job]] += self.work[job]
        total = lacks.sum()
        return lacks * (self.supply.sum() / total) if total else lacks

    def _take(self, lacks: Floats, van: int) -> None:
        """A vehicle does the work that the fewest others may do first."""
        left = float(self.supply[van])
        for need in np.argsort(self.needs.sum(axis=1), kind="stable").tolist():
            if self.needs[need, self.kind_of[van]]:
                done = min(left, max(0.0, float(lacks[need])))
                lacks[need] -= done
                left -= done

    def _rarest_first(self, free: Sequence[int]) -> list[int]:
        able = [sum(self.supply[v] for v in free if row[self.kind_of[v]]) for row in self.needs]
        return sorted(range(len(able)), key=lambda need: (able[need], need))


def _numbered(keys: Sequence[object]) -> tuple[list[int], list[int]]:
    """(number of each key, position of the first of each number)."""
    seen: dict[object, int] = {}
    numbers, firsts = [], []
    for at, key in enumerate(keys):
        if key not in seen:
            seen[key] = len(seen)
            firsts.append(at)
        numbers.append(seen[key])
    return numbers, firsts


def _named(problem: Problem) -> set[str]:
    return {
        name
        for job in problem.jobs
        for name in (*(job.vehicles or ()), *job.forbidden, *([job.pinned_to] if job.pinned_to else ()))
    }


def _kind(v: Vehicle, named: set[str]) -> tuple[object, ...]:
    name = v.id if v.id in named else ""
    return (name, v.shift, v.max_overtime_s, v.skills, v.type, v.depot, v.reloads, v.zones, v.forbidden_zones,
            v.capacity, v.locked)  # fmt: skip


def _ask(job: Job) -> tuple[object, ...]:
    """Jobs with one of these are alike for every vehicle: also by the hours of their windows."""
    opens = job.windows[0].start // _HOUR if job.windows else None
    closes = job.windows[-1].end // _HOUR if job.windows else None
    return (*signature(job), opens, closes)


def _may(job: Job, v: Vehicle, off: set[str]) -> bool:
    if v.locked or any(code not in off for code, _ in static_breaches(job, v)):
        return False
    ends = v.shift.end + v.max_overtime_s
    return not job.windows or any(w.end >= v.shift.start and w.start <= ends for w in job.windows)


def _scarcest(problem: Problem) -> tuple[Floats, Floats]:
    """(work of each job, supply of each vehicle) in that of hours and loads of which the fleet has least to spare."""
    jobs, fleet = problem.jobs, problem.vehicles
    best = np.array([_LEG_S + job.setup_s + job.service_s for job in jobs], dtype=np.float64)
    hours = np.array([min(_SPAN, v.shift.end - v.shift.start) for v in fleet], dtype=np.float64)
    found, tightest = (best, hours), best.sum() / max(1.0, hours.sum())
    for at in range(problem.dimensions):
        if not all(len(v.capacity) > at for v in fleet):
            continue
        load = np.array([max(_at(job.delivery, at), _at(job.pickup, at)) for job in jobs], dtype=np.float64)
        room = np.array([v.capacity[at] * v.max_trips for v in fleet], dtype=np.float64)
        if load.sum() / max(1.0, room.sum()) > tightest:
            found, tightest = (load, room), load.sum() / max(1.0, room.sum())
    return found


def _at(load: tuple[int, ...], dimension: int) -> float:
    return float(load[dimension]) if dimension < len(load) else 0.0
