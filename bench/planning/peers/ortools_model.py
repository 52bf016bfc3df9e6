"""The routing model that an experienced user of OR-Tools would write for these problems."""

from __future__ import annotations

from functools import reduce
from math import gcd
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp

from dispatch.planning.model import UNREACHABLE, Problem, Vehicle
from dispatch.planning.rules.priority import leave_prices

from .base import CannotStateError
from .ortools_rules import add_goods, add_pairs, add_relations

LCM = 18_000
"""Of the 1,000 metres of a kilometre and the 3,600 seconds of an hour."""


class Model:
    """Node 0 is the depot, node n the job n - 1. All vans start and end at one place."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.fleet = problem, problem.vehicles
        homes = {edge for v in self.fleet for edge in (v.start, v.end)}
        if len(homes) != 1 or len(problem.matrices) != 1 or any(job.pickup for job in problem.jobs):
            raise CannotStateError("This model knows one station, one profile, and no returns.")
        self.manager: Any = pywrapcp.RoutingIndexManager(len(problem.jobs) + 1, len(self.fleet), 0)
        self.routing: Any = pywrapcp.RoutingModel(self.manager)
        self.solver: Any = self.routing.solver()
        self.index = [self.manager.NodeToIndex(n + 1) for n in range(len(problem.jobs))]
        self.index_of = {job.id: i for job, i in zip(problem.jobs, self.index, strict=True)}
        units = [v.cost_per_km * 18 for v in self.fleet]
        units += [cents * 5 for v in self.fleet for cents in (v.cost_per_hour, v.cost_per_driving_hour)]
        self.divisor = reduce(gcd, units, LCM)
        self.cent = LCM // self.divisor
        self.horizon = max(v.shift.end for v in self.fleet)
        self._tables()
        self._costs()
        self.time: Any = self._time()
        self._loads()
        self._jobs()
        self._breaks()
        add_pairs(self)
        add_relations(self)
        add_goods(self)

    def _tables(self) -> None:
        (ways,) = self.problem.matrices.values()
        jobs = self.problem.jobs
        places = np.array([self.fleet[0].start, *(job.place for job in jobs)], dtype=np.intp)
        self.stay = np.array([0, *(job.service_s for job in jobs)], dtype=np.int64)
        setup = np.array([0, *(job.setup_s for job in jobs)], dtype=np.int64)
        seconds = ways.durations[np.ix_(places, places)].astype(np.int64)
        seconds[seconds >= UNREACHABLE] = self.horizon + 1
        elsewhere = places[:, None] != places[None, :]
        self.driving = seconds
        self.seconds = seconds + self.stay[:, None] + setup[None, :] * elsewhere
        self.metres = ways.distances[np.ix_(places, places)].astype(np.int64)

    def _costs(self) -> None:
        callbacks: dict[tuple[int, int], int] = {}
        for lane, v in enumerate(self.fleet):
            prices = v.cost_per_km * 18 // self.divisor, v.cost_per_driving_hour * 5 // self.divisor
            if prices not in callbacks:
                table = (self.metres * prices[0] + self.driving * prices[1]).tolist()
                callbacks[prices] = self.routing.RegisterTransitMatrix(table)
            self.routing.SetArcCostEvaluatorOfVehicle(callbacks[prices], lane)
            self.routing.SetFixedCostOfVehicle(v.fixed_cost * self.cent, lane)

    def _time(self) -> Any:
        transit = self.routing.RegisterTransitMatrix(self.seconds.tolist())
        self.routing.AddDimension(transit, self.horizon, self.horizon, False, "time")
        dimension = self.routing.GetDimensionOrDie("time")
        for lane, v in enumerate(self.fleet):
            start, end = self.routing.Start(lane), self.routing.End(lane)
            dimension.CumulVar(start).SetRange(*v.shift)
            dimension.CumulVar(end).SetRange(*v.shift)
            dimension.SetSpanCostCoefficientForVehicle(v.cost_per_hour * 5 // self.divisor, lane)
            self.routing.AddVariableMaximizedByFinalizer(dimension.CumulVar(start))
            self.routing.AddVariableMinimizedByFinalizer(dimension.CumulVar(end))
        return dimension

    def _loads(self) -> None:
        for dimension in range(self.problem.dimensions):
            change = [0] + [sum(job.delivery[dimension : dimension + 1]) for job in self.problem.jobs]
            for s in self.problem.shipments:
                for name, sign in ((s.pickup, 1), (s.delivery, -1)):
                    change[self.manager.IndexToNode(self.index_of[name])] = sign * s.load[dimension]
            roomy = sum(map(abs, change)) + 1
            limits = [v.capacity[dimension] if v.capacity else roomy for v in self.fleet]
            vector = self.routing.RegisterUnaryTransitVector(change)
            self.routing.AddDimensionWithVehicleCapacity(vector, 0, limits, True, f"load {dimension}")

    def _jobs(self) -> None:
        """Windows, priced lateness, skills, and what leaving a job costs."""
        prices = leave_prices(self.problem)
        for job, index, price in zip(self.problem.jobs, self.index, prices, strict=True):
            when = self.time.CumulVar(index)
            if job.windows:
                soft = job.late_price_per_min is not None
                when.SetRange(job.windows[0].start, self.horizon if soft else job.windows[-1].end)
                for before, after in zip(job.windows, job.windows[1:], strict=False):
                    when.RemoveInterval(before.end + 1, after.start - 1)
                if soft:
                    late = max(1, (job.late_price_per_min or 0) * self.cent // 60)
                    self.time.SetCumulVarSoftUpperBound(index, job.windows[-1].end, late)
            if job.skills:
                able = [lane for lane, v in enumerate(self.fleet) if job.skills <= v.skills]
                self.routing.VehicleVar(index).SetValues([-1, *able])
            self.routing.AddDisjunction([index], price * self.cent)

    def _breaks(self) -> None:
        visits = [int(self.stay[self.manager.IndexToNode(i)]) for i in range(self.routing.Size())]
        for lane, v in enumerate(self.fleet):
            intervals = [self._interval(v, k) for k in range(len(v.breaks))]
            if intervals:
                self.time.SetBreakIntervalsOfVehicle(intervals, lane, visits)

    def _interval(self, v: Vehicle, k: int) -> Any:
        pause = v.breaks[k]
        opens, closes = pause.windows[0]
        return self.solver.FixedDurationIntervalVar(opens, closes, pause.duration_s, False, f"{v.id} {k}")

    def plan(self, found: Any) -> dict[str, tuple[str, ...]]:
        """A solution as a plan."""
        plan = {}
        for lane, v in enumerate(self.fleet):
            index, jobs = found.Value(self.routing.NextVar(self.routing.Start(lane))), list[str]()
            while not self.routing.IsEnd(index):
                jobs.append(self.problem.jobs[self.manager.IndexToNode(index) - 1].id)
                index = found.Value(self.routing.NextVar(index))
            if jobs:
                plan[v.id] = tuple(jobs)
        return plan
