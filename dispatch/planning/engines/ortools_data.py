"""A problem as an OR-Tools routing model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp

from ..compiled import Compiled
from ..model import Plan, Problem, Vehicle
from .arcs import Site, arc_tables
from .scale import Scale, scale_of


@dataclass(slots=True)
class RoutingModel:
    """The model and the way in and out. Node n is job ``kept[n]``; behind them come the depots."""

    c: Compiled
    kept: list[int]
    crew: list[int]
    manager: Any
    routing: Any

    def read(self) -> Plan:
        """The plan of the solution that the solver is at (inside a solution callback)."""
        plan = {}
        for lane, k in enumerate(self.crew):
            index, jobs = self.routing.Start(lane), []
            while not self.routing.IsEnd(index):
                node = self.manager.IndexToNode(index)
                if node < len(self.kept):
                    jobs.append(self.c.jobs[self.kept[node]].id)
                index = self.routing.NextVar(index).Value()
            if jobs:
                plan[self.c.vehicles[k].id] = tuple(jobs)
        return plan

    def assignment(self, plan: Plan) -> Any:
        """A plan as a starting assignment; ``None`` if the model does not accept it. The model is closed."""
        node_of = {self.c.jobs[j].id: node for node, j in enumerate(self.kept)}
        lanes = [
            [
                self.manager.NodeToIndex(node_of[job])
                for job in plan.get(self.c.vehicles[k].id, ())
                if job in node_of
            ]
            for k in self.crew
        ]
        return self.routing.ReadAssignmentFromRoutes(lanes, True)


def build(problem: Problem) -> RoutingModel | None:
    """The model of a problem without fixed heads; ``None`` if no job can be done by any vehicle."""
    c = problem.compiled
    able: list[list[int]] = [np.flatnonzero(row).tolist() for row in c.able]
    kept = [j for j, vehicles in enumerate(able) if vehicles]
    crew = sorted({k for vehicles in able for k in vehicles})
    if not kept:
        return None
    builder = _Builder(c, kept, crew)
    builder.times()
    builder.arc_costs()
    builder.loads()
    builder.limits()
    builder.windows(able)
    builder.breaks()
    return RoutingModel(c, kept, crew, builder.manager, builder.routing)


class _Builder:
    """Adds one kind of rule after the other to one model."""

    def __init__(self, c: Compiled, kept: list[int], crew: list[int]) -> None:
        self.c, self.kept = c, kept
        self.fleet: list[Vehicle] = [c.vehicles[k] for k in crew]
        self.lane = {k: lane for lane, k in enumerate(crew)}
        self.scale: Scale = scale_of(c.problem)
        edges: list[int | None] = list(dict.fromkeys(e for v in self.fleet for e in (v.start, v.end)))
        node = {edge: len(kept) + i for i, edge in enumerate(edges)}
        starts, ends = [node[v.start] for v in self.fleet], [node[v.end] for v in self.fleet]
        self.manager: Any = pywrapcp.RoutingIndexManager(
            len(kept) + len(edges), len(self.fleet), starts, ends
        )
        self.routing: Any = pywrapcp.RoutingModel(self.manager)
        self.edges = edges
        self.horizon = max(v.shift.end for v in self.fleet)
        self.time: Any = None
        self._tables: dict[tuple[str, int, int], tuple[np.ndarray, np.ndarray, list[int]]] = {}
        self._callbacks: dict[tuple[object, ...], int] = {}

    def tables(self, v: Vehicle) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """(seconds with service and setup, metres, service by job node) for one kind of vehicle."""
        kind = (v.profile, v.travel_percent, v.service_percent)
        if kind not in self._tables:
            service, setup = self.c.service_and_setup(v)
            sites = [Site(self.c.place[j], self.c.setup_key[j], setup[j]) for j in self.kept]
            sites += [Site(edge) for edge in self.edges]
            seconds, metres = arc_tables(self.c, v, sites, self.horizon + 1)
            stays = [service[j] for j in self.kept]
            seconds[: len(stays), :] += np.array(stays, dtype=np.int64)[:, None]
            np.fill_diagonal(seconds, 0)
            self._tables[kind] = (seconds, metres, stays)
        return self._tables[kind]

    def _matrix(self, v: Vehicle, what: str, factor: int = 1) -> int:
        """A registered transit: seconds, or metres times a factor."""
        kind = (what, factor, v.profile, v.travel_percent, v.service_percent)
        if kind not in self._callbacks:
            seconds, metres, _ = self.tables(v)
            table = seconds if what == "seconds" else metres * factor
            self._callbacks[kind] = self.routing.RegisterTransitMatrix(table.tolist())
        return self._callbacks[kind]

    def times(self) -> None:
        """The time dimension: shifts, latest starts, durations and their cost."""
        transits = [self._matrix(v, "seconds") for v in self.fleet]
        self.routing.AddDimensionWithVehicleTransits(transits, self.horizon, self.horizon, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")
        for lane, v in enumerate(self.fleet):
            start, end = self.routing.Start(lane), self.routing.End(lane)
            leaves = v.shift.end if v.latest_start is None else min(v.latest_start, v.shift.end)
            self.time.CumulVar(start).SetRange(v.shift.start, leaves)
            self.time.CumulVar(end).SetRange(v.shift.start, v.shift.end)
            self.time.SetSpanCostCoefficientForVehicle(self.scale.per_second(v), lane)
            if v.max_duration_s is not None:
                self.time.SetSpanUpperBoundForVehicle(v.max_duration_s, lane)
            self.routing.AddVariableMaximizedByFinalizer(self.time.CumulVar(start))
            self.routing.AddVariableMinimizedByFinalizer(self.time.CumulVar(end))

    def arc_costs(self) -> None:
        """Metres and the fixed cost."""
        for lane, v in enumerate(self.fleet):
            transit = self._matrix(v, "metres", self.scale.per_metre(v))
            self.routing.SetArcCostEvaluatorOfVehicle(transit, lane)
            self.routing.SetFixedCostOfVehicle(v.fixed_cost * self.scale.per_cent, lane)

    def loads(self) -> None:
        """One dimension per load: what is on board. It begins with all deliveries and ends with all
        pickups.
        """
        for dimension in range(self.c.dimensions):
            roomy = sum(sum(load) for load in (*self.c.delivery, *self.c.pickup)) + 1
            limits = [v.capacity[dimension] if v.capacity else roomy for v in self.fleet]
            on = [self.c.pickup[j][dimension] for j in self.kept] + [0] * len(self.edges)
            off = [self.c.delivery[j][dimension] for j in self.kept] + [0] * len(self.edges)
            if any(off):
                self._count(off, limits, f"delivered {dimension}")
            if any(on):
                self._count(on, limits, f"picked {dimension}")
            if any(on) and any(off):
                self._on_board([a - b for a, b in zip(on, off, strict=True)], limits, dimension)

    def _count(self, amounts: list[int], limits: list[int], name: str) -> Any:
        vector = self.routing.RegisterUnaryTransitVector(amounts)
        self.routing.AddDimensionWithVehicleCapacity(vector, 0, limits, True, name)
        return self.routing.GetDimensionOrDie(name)

    def _on_board(self, change: list[int], limits: list[int], dimension: int) -> None:
        vector = self.routing.RegisterUnaryTransitVector(change)
        name = f"board {dimension}"
        self.routing.AddDimensionWithVehicleCapacity(vector, 0, limits, False, name)
        board = self.routing.GetDimensionOrDie(name)
        picked = self.routing.GetDimensionOrDie(f"picked {dimension}")
        for lane in range(len(self.fleet)):
            end = self.routing.End(lane)
            self.routing.solver().Add(board.CumulVar(end) == picked.CumulVar(end))

    def limits(self) -> None:
        """Most stops and longest distance."""
        if any(v.max_stops is not None for v in self.fleet):
            most = [len(self.kept) if v.max_stops is None else v.max_stops for v in self.fleet]
            self._count([1] * len(self.kept) + [0] * len(self.edges), most, "stops")
        if any(v.max_distance_m is not None for v in self.fleet):
            longest = 2**40
            far = [longest if v.max_distance_m is None else v.max_distance_m for v in self.fleet]
            transits = [self._matrix(v, "metres") for v in self.fleet]
            self.routing.AddDimensionWithVehicleTransitAndCapacity(transits, 0, far, True, "metres")

    def windows(self, able: list[list[int]]) -> None:
        """Windows, priced lateness, release, allowed vehicles, and the price of leaving a job out."""
        for node, j in enumerate(self.kept):
            job, index = self.c.jobs[j], self.manager.NodeToIndex(node)
            when = self.time.CumulVar(index)
            if job.windows:
                soft = job.late_price_per_min
                when.SetRange(job.windows[0].start, self.horizon if soft is not None else job.windows[-1].end)
                for before, after in zip(job.windows, job.windows[1:], strict=False):
                    when.RemoveInterval(before.end + 1, after.start - 1)
                if soft is not None:
                    price = max(1, soft * self.scale.per_cent // 60)
                    self.time.SetCumulVarSoftUpperBound(index, job.windows[-1].end, price)
            if len(able[j]) < len(self.c.vehicles):
                self.routing.VehicleVar(index).SetValues([-1, *(self.lane[k] for k in able[j])])
            self.routing.AddDisjunction([index], self.c.out_price[j] * self.scale.per_cent)
            if job.release_s:
                self._release(index, job.release_s)

    def _release(self, index: int, release_s: int) -> None:
        solver = self.routing.solver()
        for lane in range(len(self.fleet)):
            leaves = self.time.CumulVar(self.routing.Start(lane))
            carries = solver.IsEqualCstVar(self.routing.VehicleVar(index), lane)
            solver.Add(leaves >= release_s * carries)

    def breaks(self) -> None:
        """Breaks as intervals that fall into no service; the first window of each."""
        solver = self.routing.solver()
        for lane, v in enumerate(self.fleet):
            intervals = [
                solver.FixedDurationIntervalVar(
                    pause.windows[0].start,
                    pause.windows[0].end,
                    pause.duration_s,
                    False,
                    f"{v.id} {pause.id}",
                )
                for pause in v.breaks
            ]
            if intervals:
                stays = self.tables(v)[2]
                visits = [
                    stays[node] if node < len(stays) else 0
                    for node in map(self.manager.IndexToNode, range(self.routing.Size()))
                ]
                self.time.SetBreakIntervalsOfVehicle(intervals, lane, visits)
