"""A problem in PyVRP's words: matrices straight in, one profile per kind of vehicle, prizes, groups, shipments.

What PyVRP does not know is left out or stated more tightly, never more loosely where that can be helped:
breaks and pauses become room at the end of the shift, soft limits and priced lateness become hard, of several
opening windows of a start one is taken, of several windows of a shipment's door the longest, and travel is that of
the period that most of a shift lies in. The portfolio's repair gives back what that costs; ``states_all`` says
whether anything of this happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyvrp import Location, ProblemData

from ..compiled import Compiled
from ..model import NEVER, Problem
from .pyvrp_clients import GRAIN, Stops, Terms, make_stops, off, open_windows
from .pyvrp_depots import Depots
from .pyvrp_fleet import Fleet, Room
from .pyvrp_plan import from_pyvrp, to_pyvrp
from .pyvrp_profiles import Profiles, Sites, make_sites, marks_of, pace_of, service_s, timed_types
from .pyvrp_states import states_all
from .pyvrp_who import Who, who
from .scale import Scale, scale_of

__all__ = ["Statement", "from_pyvrp", "state", "states_all", "to_pyvrp"]


@dataclass(slots=True)
class Statement:
    """PyVRP's data and the way back: ``fleet`` by vehicle type, ``reload_id`` by depot, and in ``stops`` the jobs
    of clients and shipments.
    """

    data: ProblemData
    scale: Scale
    stops: Stops
    fleet: list[list[int]]
    reload_id: dict[int, str]
    type_of: dict[int, int] = field(default_factory=dict)

    @property
    def worst_prize(self) -> int:
        """The most that leaving one stop can lose, in engine units."""
        return self.stops.worst_prize


def state(problem: Problem) -> Statement | None:
    """The problem for PyVRP; ``None`` if there is nothing for it to do."""
    c = problem.compiled
    scale = scale_of(problem)
    costs = who(c, scale.per_cent)
    depots = Depots(problem)
    out = np.array([not v.locked and depots.open_to(v) for v in c.vehicles], dtype=bool)
    open_to = c.able & costs.able & out
    kept = np.flatnonzero(open_to.any(axis=1)).tolist()
    crew = np.flatnonzero(open_to.any(axis=0)).tolist()
    if not kept:
        return None
    return _Stater(c, scale, costs, kept, crew).statement()


class _Stater:
    """Builds one statement; the steps share these tables."""

    def __init__(self, c: Compiled, scale: Scale, costs: Who, kept: list[int], crew: list[int]) -> None:
        self.c, self.scale, self.costs, self.kept, self.crew = c, scale, costs, kept, crew
        types = timed_types(c.problem)
        paces = sorted({pace_of(c.vehicles[k], types) for k in crew})
        served = np.stack([service_s(c.problem, kept, pace) for pace in paces])
        self.service = served.min(axis=0)
        self.depots = Depots(c.problem)
        for k in crew:
            for make in (self.depots.start, self.depots.end, self.depots.reloads):
                make(c.vehicles[k])
        self.sites: Sites = make_sites(c, kept, self.depots.sites, costs, len(paces))
        self.forever = self._after_everything()
        self.profiles = Profiles(
            c, kept, self.sites, costs, scale, self.service, self.forever + 1, types
        )  # fmt: skip
        self.profiles.fit(crew)

    def statement(self) -> Statement:
        """PyVRP's data."""
        counted = any(self.c.vehicles[k].max_stops is not None for k in self.crew)
        counted = counted and not off(self.c.problem, "too_many_stops")
        marked, circles = ({}, []) if self.profiles.barring else marks_of(self.costs, self.kept, self.crew)
        width = int(counted) + len(circles)
        marks = {
            j: (*(1,) * counted, *(int(marked.get(j) == m) for m in range(len(circles)))) for j in self.kept
        }
        loading = [self.depots.load_s(self.c.vehicles[k]) for k in self.crew]
        loading += [self.depots.made[number].service_duration for number in self.depots.reload_id]
        service = dict(zip(self.kept, self.service.tolist(), strict=True))
        terms = Terms(self.sites.of, service, marks, width, min(loading), self.scale.per_cent, self._grain())
        stops = make_stops(self.c, self.kept, self.costs, terms)
        room = Room(self._roomy(), len(self.kept), counted, [circle.tolist() for circle in circles], terms)
        early_only = not any(self.c.jobs[j].release_s for j in self.kept)
        unreachable = self.forever if self._needs_an_end() else None
        fleet = Fleet(self.c, self.depots, self.profiles, self.scale, room, early_only, unreachable)
        types, members = fleet.types(self.crew)
        tables: Any = {
            "distance_matrices": self.profiles.distances,
            "duration_matrices": self.profiles.durations,
        }
        data = ProblemData(
            [Location(0, 0)] * len(self.sites.rows),
            stops.clients,
            self.depots.made,
            types,
            groups=stops.groups,
            shipments=stops.shipments,
            **tables,
        )
        type_of = {k: t for t, ks in enumerate(members) for k in ks}
        return Statement(data, self.scale, stops, members, self.depots.reload_id, type_of)

    def _after_everything(self) -> int:
        """A second that no shift reaches; where shifts have no end, one that no route reaches."""
        c = self.c
        ends = [c.vehicles[k].shift.end + c.vehicles[k].max_overtime_s for k in self.crew]
        if max(ends) < NEVER and not off(c.problem, "shift_end"):
            return max(ends)
        times = [w.end for j in self.kept for w in open_windows(c.problem, c.jobs[j])]
        times += [c.jobs[j].release_s for j in self.kept] + [c.vehicles[k].shift.start for k in self.crew]
        work = int(self.service.sum()) + sum(2 * c.jobs[j].setup_s for j in self.kept)
        return max(t for t in times if t < NEVER) + work + 3_600 * (len(self.kept) + 24)

    def _needs_an_end(self) -> bool:
        """Whether anything is out of reach: without an end, no way were too long."""
        for k in self.crew:
            self.profiles.number(k)
        barred = not self.costs.able[np.ix_(self.kept, self.crew)].all()
        positioned = any(self.c.jobs[j].position for j in self.kept)
        return barred or positioned or any(int(t.max()) > self.forever for t in self.profiles.durations)

    def _grain(self) -> tuple[int, ...]:
        """Engine units to one unit of load, by dimension."""
        c = self.c
        tables = [*c.delivery, *c.pickup, *(self._padded(s.load) for s in c.problem.shipments)]
        loads = np.array(tables, dtype=np.int64).reshape(len(tables), c.dimensions)
        least = np.where(loads > 0, loads, GRAIN).min(axis=0, initial=GRAIN)
        return tuple((-(-GRAIN // least)).tolist())

    def _padded(self, load: tuple[int, ...]) -> tuple[int, ...]:
        return (*load, *(0,) * (self.c.dimensions - len(load)))

    def _roomy(self) -> tuple[int, ...]:
        c = self.c
        total = np.ones(c.dimensions, dtype=np.int64)
        for table in (c.delivery, c.pickup):
            if c.dimensions:
                total += np.array(table, dtype=np.int64).reshape(-1, c.dimensions).sum(axis=0)
        for load in (*(s.load for s in c.problem.shipments), *(v.aboard for v in c.vehicles)):
            total[: len(load)] += np.array(load[: c.dimensions], dtype=np.int64)
        return tuple(total.tolist())
