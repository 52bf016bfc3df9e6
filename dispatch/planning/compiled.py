"""Look-up tables of one problem, so that walking a route touches lists and arrays, not dataclasses."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .errors import PlanningError
from .kernel.walker import Walker
from .may import able_table
from .model import UNREACHABLE, IntMatrix, Job, Problem, Vehicle
from .rules.priority import out_prices
from .rules.service import scaled


class Compiled:
    """Tables by job number and vehicle number (their positions in the problem)."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.jobs: tuple[Job, ...] = problem.jobs
        self.vehicles: tuple[Vehicle, ...] = problem.vehicles
        self.dimensions = problem.dimensions
        self.job_number = {job.id: number for number, job in enumerate(problem.jobs)}
        self.vehicle_number = {vehicle.id: number for number, vehicle in enumerate(problem.vehicles)}
        self.place = [job.place for job in problem.jobs]
        self.setup_key = _setup_keys(problem.jobs)
        self.delivery = [self._padded(job.delivery) for job in problem.jobs]
        self.pickup = [self._padded(job.pickup) for job in problem.jobs]
        self.has_pickup = any(any(load) for load in self.pickup)
        self.out_price = out_prices(problem)
        self._durations: dict[tuple[str, int], IntMatrix] = {}
        self._quickest: dict[tuple[str, int], IntMatrix] = {}
        self._service: dict[int, tuple[list[int], list[int]]] = {}

    def _padded(self, load: tuple[int, ...]) -> tuple[int, ...]:
        return load + (0,) * (self.dimensions - len(load))

    @cached_property
    def walker(self) -> Walker:
        """The compiled walker of this problem; one thread at a time."""
        return Walker(self.problem)

    @cached_property
    def item_ids(self) -> tuple[str, ...]:
        """What may stand in a plan, by item number: jobs, then depots, then chargers."""
        problem = self.problem
        return (
            *(job.id for job in problem.jobs),
            *(depot.id for depot in problem.depots),
            *(charger.id for charger in problem.chargers),
        )

    @cached_property
    def _item_number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.item_ids)}

    def items(self, names: Iterable[str]) -> list[int]:
        """Item numbers; a ``PlanningError`` ``unknown_job`` names the first that does not exist."""
        try:
            return [self._item_number[name] for name in names]
        except KeyError as missing:
            raise PlanningError(
                "unknown_job",
                f"The plan names job {missing.args[0]!r}, which the problem does not have.",
                "Plan only jobs, depots and chargers of the problem.",
            ) from None

    @cached_property
    def able(self) -> NDArray[np.bool_]:
        """``(jobs, vehicles)``: could this vehicle do this job as its only one?"""
        return able_table(self)

    def durations(self, vehicle: Vehicle) -> IntMatrix:
        """Travel seconds for this vehicle, ``(n, n)`` int32, its ``travel_percent`` applied."""
        key = (vehicle.profile, vehicle.travel_percent)
        if key not in self._durations:
            table = self.problem.matrices[vehicle.profile].durations
            self._durations[key] = _paced(table, vehicle.travel_percent)
        return self._durations[key]

    def quickest(self, vehicle: Vehicle) -> IntMatrix:
        """The same in each leg's best period."""
        if not self.problem.matrices[vehicle.profile].periods:
            return self.durations(vehicle)
        key = (vehicle.profile, vehicle.travel_percent)
        if key not in self._quickest:
            periods = self.problem.matrices[vehicle.profile].periods
            tables = [self.problem.matrices[vehicle.profile].durations, *(p.durations for p in periods)]
            self._quickest[key] = _paced(np.minimum.reduce(tables), vehicle.travel_percent)
        return self._quickest[key]

    def distances(self, vehicle: Vehicle) -> IntMatrix:
        """Travel metres for this vehicle, ``(n, n)`` int32."""
        return self.problem.matrices[vehicle.profile].distances

    def service_and_setup(self, vehicle: Vehicle) -> tuple[list[int], list[int]]:
        """Seconds of service and of setup by job number, the vehicle's ``service_percent`` applied."""
        percent = vehicle.service_percent
        if percent not in self._service:
            self._service[percent] = (
                [scaled(job.service_s, percent) for job in self.jobs],
                [scaled(job.setup_s, percent) for job in self.jobs],
            )
        return self._service[percent]

    def numbers(self, job_ids: Iterable[str]) -> list[int]:
        """Job numbers of job ids; a ``PlanningError`` ``unknown_job`` names the first that does not exist."""
        try:
            return [self.job_number[job] for job in job_ids]
        except KeyError as missing:
            raise PlanningError(
                "unknown_job",
                f"The plan names job {missing.args[0]!r}, which the problem does not have.",
                "Plan only jobs of the problem.",
            ) from None

    def vehicle(self, vehicle_id: str) -> Vehicle:
        """The vehicle with this id; a ``PlanningError`` ``unknown_vehicle`` otherwise."""
        if vehicle_id not in self.vehicle_number:
            raise PlanningError(
                "unknown_vehicle",
                f"The plan names vehicle {vehicle_id!r}, which the problem does not have.",
                "Plan only vehicles of the problem.",
            )
        return self.vehicles[self.vehicle_number[vehicle_id]]


def _paced(table: IntMatrix, percent: int) -> IntMatrix:
    if percent == 100:
        return table
    wide = (table.astype(np.int64) * percent + 50) // 100
    return np.where(table == UNREACHABLE, UNREACHABLE, wide).astype(np.int32)


def _setup_keys(jobs: tuple[Job, ...]) -> list[int]:
    """One number per setup group; jobs without a group share the group of their place."""
    seen: dict[tuple[str, int], int] = {}
    return [seen.setdefault((j.setup_group, -1 if j.setup_group else j.place), len(seen)) for j in jobs]
