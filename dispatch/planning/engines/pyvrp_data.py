"""A problem in PyVRP's words: matrices straight in, one profile per kind of vehicle, prizes, groups.

What PyVRP does not know is left out or stated more tightly, never more loosely where that can be helped:
breaks become room at the end of the shift, priced lateness becomes a hard window. The portfolio's repair
gives back what that costs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    ClientGroup,
    Depot,
    Location,
    ProblemData,
    Route,
    Solution,
    VehicleType,
)

from ..compiled import Compiled
from ..model import NEVER, Plan, Problem, Vehicle, Window
from ..rules.service import scaled
from .arcs import Site, Table, arc_tables
from .scale import Scale, scale_of


@dataclass(slots=True)
class Statement:
    """PyVRP's data and the way back: ``client_job`` by client, ``fleet`` by vehicle type."""

    data: ProblemData
    scale: Scale
    client_job: list[int]
    job_clients: dict[int, list[int]]
    fleet: list[list[int]]
    worst_prize: int
    type_of: dict[int, int] = field(default_factory=dict)


def state(problem: Problem) -> Statement | None:
    """The problem for PyVRP; ``None`` if there is nothing for it to do."""
    c = problem.compiled
    able = c.able
    kept = [j for j in range(len(c.jobs)) if able[j].any()]
    crew = [k for k in range(len(c.vehicles)) if able[:, k].any()]
    if not kept:
        return None
    return _Stater(c, able, kept, crew).statement()


class _Stater:
    """Builds one statement; the steps share these tables."""

    def __init__(self, c: Compiled, able: np.ndarray, kept: list[int], crew: list[int]) -> None:
        self.c, self.able, self.kept, self.crew = c, able, kept, crew
        self.scale = scale_of(c.problem)
        self.horizon = max(c.vehicles[k].shift.end for k in crew)
        self.percents = sorted({c.vehicles[k].service_percent for k in crew})
        self.sites: list[Site] = []
        self.site_jobs: list[int] = []
        self.site_of: dict[int, int] = {}
        self.counted = any(c.vehicles[k].max_stops is not None for k in crew)
        self._make_sites()

    def _make_sites(self) -> None:
        """Depots first, then one site per place, setup and circle of able vehicles."""
        c = self.c
        edges = [edge for k in self.crew for edge in (c.vehicles[k].start, c.vehicles[k].end)]
        self.depots: list[int | None] = list(dict.fromkeys(edges))
        self.sites = [Site(place) for place in self.depots]
        self.site_jobs = [-1] * len(self.depots)
        seen: dict[tuple[object, ...], int] = {}
        for j in self.kept:
            setup = scaled(c.jobs[j].setup_s, 100)
            key: tuple[object, ...] = (c.place[j], c.setup_key[j], setup, self.able[j].tobytes())
            if len(self.percents) > 1:
                key = (j,)
            if key not in seen:
                seen[key] = len(self.sites)
                self.sites.append(Site(c.place[j], c.setup_key[j], setup))
                self.site_jobs.append(j)
            self.site_of[j] = seen[key]

    def statement(self) -> Statement:
        clients, groups, client_job, job_clients = self._clients()
        types, fleet, distances, durations = self._types()
        tables: Any = {"distance_matrices": distances, "duration_matrices": durations}
        data = ProblemData(
            locations=[Location(0, 0) for _ in self.sites],
            clients=clients,
            depots=[Depot(location=row) for row in range(len(self.depots))],
            vehicle_types=types,
            groups=groups,
            **tables,
        )
        worst = max((client.prize for client in clients), default=0)
        type_of = {k: t for t, members in enumerate(fleet) for k in members}
        return Statement(data, self.scale, client_job, job_clients, fleet, worst, type_of)

    def _clients(self) -> tuple[list[Client], list[ClientGroup], list[int], dict[int, list[int]]]:
        c = self.c
        clients: list[Client] = []
        groups: list[ClientGroup] = []
        owner: list[int] = []
        by_job: dict[int, list[int]] = {}
        pace = self.percents[0]
        for j in self.kept:
            job = c.jobs[j]
            windows = job.windows or (Window(0, NEVER),)
            numbers = list(range(len(clients), len(clients) + len(windows)))
            group = len(groups) if len(windows) > 1 else None
            if group is not None:
                groups.append(ClientGroup(numbers, required=False))
            for window in windows:
                clients.append(
                    Client(
                        location=self.site_of[j],
                        delivery=[*c.delivery[j], *([1] if self.counted else [])],
                        pickup=[*c.pickup[j], *([0] if self.counted else [])],
                        service_duration=scaled(job.service_s, pace),
                        tw_early=window.start,
                        tw_late=min(window.end, NEVER),
                        release_time=job.release_s if job.release_s <= window.end else 0,
                        prize=c.leave_price[j] * self.scale.per_cent,
                        required=False,
                        group=group,
                    )
                )
                owner.append(j)
            by_job[j] = numbers
        return clients, groups, owner, by_job

    def _types(self) -> tuple[list[VehicleType], list[list[int]], list[Table], list[Table]]:
        profiles: dict[tuple[object, ...], int] = {}
        distances: list[Table] = []
        durations: list[Table] = []
        alike: dict[tuple[int, *tuple[object, ...]], list[int]] = defaultdict(list)
        for k in self.crew:
            v = self.c.vehicles[k]
            kind = (v.profile, v.travel_percent, v.service_percent, self.able[:, k].tobytes())
            if kind not in profiles:
                profiles[kind] = len(profiles)
                seconds, metres = self._profile(v, k)
                durations.append(seconds)
                distances.append(metres)
            alike[(profiles[kind], *self._terms(v))].append(k)
        types = [
            self._type(self.c.vehicles[members[0]], profile, len(members))
            for (profile, *_), members in alike.items()
        ]
        return types, list(alike.values()), distances, durations

    def _terms(self, v: Vehicle) -> tuple[object, ...]:
        """Everything but the profile in which two vehicles must agree to be one type."""
        return replace(v, id="", skills=frozenset(), breaks=()), self._reserve(v)

    def _profile(self, v: Vehicle, number: int) -> tuple[Table, Table]:
        seconds, metres = arc_tables(self.c, v, self._paced_sites(v), self.horizon + 1)
        jobs = np.array(self.site_jobs)
        served = jobs >= 0
        if len(self.percents) > 1:
            fastest = self.percents[0]
            served_s = [0 if j < 0 else self.c.jobs[j].service_s for j in self.site_jobs]
            extra = [scaled(s, v.service_percent) - scaled(s, fastest) for s in served_s]
            seconds += np.array(extra, dtype=np.int64)[:, None]
        barred = np.array([j >= 0 and not self.able[j, number] for j in self.site_jobs])
        seconds[:, barred & served] = self.horizon + 1
        np.fill_diagonal(seconds, 0)
        return seconds, metres

    def _paced_sites(self, v: Vehicle) -> list[Site]:
        return [Site(s.place, s.setup_key, scaled(s.setup_s, v.service_percent)) for s in self.sites]

    def _reserve(self, v: Vehicle) -> int:
        """Seconds kept free at the end of the shift for breaks that fall into it."""
        return sum(p.duration_s for p in v.breaks if v.shift.start <= p.windows[-1].end < v.shift.end)

    def _type(self, v: Vehicle, profile: int, count: int) -> VehicleType:
        reserve = self._reserve(v)
        roomy = [sum(c) + 1 for c in zip(*self._all_loads(), strict=True)]
        capacity = [*(v.capacity or roomy)]
        if self.counted:
            capacity.append(len(self.kept) if v.max_stops is None else v.max_stops)
        options: dict[str, Any] = {}
        if v.max_distance_m is not None:
            options["max_distance"] = v.max_distance_m
        if v.max_duration_s is not None:
            options["shift_duration"] = max(0, v.max_duration_s - reserve)
        late = max(v.shift.start, v.shift.end - reserve)
        if v.latest_start is not None:
            options["start_late"] = min(v.latest_start, late)
        return VehicleType(
            num_available=count,
            capacity=capacity,
            start_depot=self.depots.index(v.start),
            end_depot=self.depots.index(v.end),
            fixed_cost=v.fixed_cost * self.scale.per_cent,
            tw_early=v.shift.start,
            tw_late=late,
            unit_distance_cost=self.scale.per_metre(v),
            unit_duration_cost=self.scale.per_second(v),
            profile=profile,
            **options,
        )

    def _all_loads(self) -> list[tuple[int, ...]]:
        zero = (0,) * self.c.dimensions
        return [zero, *self.c.delivery, *self.c.pickup]


def to_pyvrp(problem: Problem, statement: Statement, plan: Plan) -> Solution:
    """A plan as PyVRP's solution. Jobs and vehicles that it was not told of are dropped."""
    c = problem.compiled
    routes = []
    for k, vehicle in enumerate(c.vehicles):
        jobs = [j for j in c.numbers(plan.get(vehicle.id, ())) if j in statement.job_clients]
        if not jobs or k not in statement.type_of:
            continue
        clients = _clients_at(problem, statement, vehicle, jobs)
        visits = [Activity(ActivityType.CLIENT, client) for client in clients]
        routes.append(Route(statement.data, visits, statement.type_of[k]))
    return Solution(statement.data, routes)


def _clients_at(problem: Problem, statement: Statement, vehicle: Vehicle, jobs: list[int]) -> list[int]:
    """For each job the client of the window that it is served in."""
    if all(len(statement.job_clients[j]) == 1 for j in jobs):
        return [statement.job_clients[j][0] for j in jobs]
    c = problem.compiled
    c.walker.walk(c.vehicle_number[vehicle.id], jobs)
    starts = c.walker.trace.stop["start"][: len(jobs)].tolist()
    chosen = []
    for j, start in zip(jobs, starts, strict=True):
        clients, windows = statement.job_clients[j], problem.compiled.jobs[j].windows
        inside = [i for i, window in enumerate(windows) if window.start <= start <= window.end]
        chosen.append(clients[inside[0]] if inside else clients[-1])
    return chosen


def from_pyvrp(problem: Problem, statement: Statement, solution: Solution, before: Plan | None) -> Plan:
    """PyVRP's solution as a plan. Of like vehicles, a route goes to the one that had most of its jobs
    before.
    """
    c = problem.compiled
    free = [list(members) for members in statement.fleet]
    plan: dict[str, tuple[str, ...]] = {}
    for route in solution.routes():
        jobs = tuple(c.jobs[statement.client_job[a.idx]].id for a in route if a.is_client())
        if not jobs:
            continue
        members = free[route.vehicle_type()]
        mine = set(jobs)
        held = [len(mine.intersection((before or {}).get(c.vehicles[k].id, ()))) for k in members]
        plan[c.vehicles[members.pop(held.index(max(held)))].id] = jobs
    return plan
