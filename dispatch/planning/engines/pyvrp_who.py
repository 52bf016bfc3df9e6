"""Who may serve whom and what it costs more, for PyVRP: tables by job and vehicle.

``able`` holds what job and vehicle alone decide; time, load and way PyVRP sees to itself. ``extra`` is every
price that belongs to one job on one vehicle: stops, failed attempts, soft dials, a carrier's rates, another
vehicle than the one that people know.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..compiled import Compiled
from ..model import Job, Problem, Vehicle
from ..rules.codes import CODES, NUMBER
from ..rules.statics import signature, static_breaches
from .arcs import Table


@dataclass(frozen=True, slots=True)
class Who:
    """``able`` ``(jobs, vehicles)``; ``base`` ``(jobs,)`` engine units that serving costs on any vehicle;
    ``rest`` ``(jobs, vehicles)`` what this one costs beyond that.
    """

    able: NDArray[np.bool_]
    base: Table
    rest: Table


def who(c: Compiled, per_cent: int) -> Who:
    """The tables of a problem, in engine units of ``per_cent`` to the cent."""
    able, extra = statics(c.problem)
    extra *= per_cent
    extra += np.array([v.cost_per_stop for v in c.vehicles], dtype=np.int64) * per_cent
    extra += _failed(c, per_cent) + _carried(c, per_cent) + _changed(c, per_cent)
    open_to = able & np.array([not v.locked for v in c.vehicles], dtype=bool)
    dearest = int(extra.max(initial=0))
    base = np.where(open_to, extra, dearest + 1).min(axis=1, initial=dearest + 1)
    base[base > dearest] = 0
    return Who(able, base, np.where(able, np.maximum(extra - base[:, None], 0), 0))


def statics(problem: Problem) -> tuple[NDArray[np.bool_], Table]:
    """(may at all, cents of soft dials and of rates by zone), both ``(jobs, vehicles)``."""
    dials = [problem.dials.get(code.name, code.default) for code in CODES]
    kinds: dict[tuple[object, ...], int] = {}
    of = np.array([kinds.setdefault(signature(job), len(kinds)) for job in problem.jobs], dtype=np.intp)
    able = np.ones((len(kinds), len(problem.vehicles)), dtype=bool)
    cents = np.zeros(able.shape, dtype=np.int64)
    first = dict(zip(reversed(of.tolist()), reversed(problem.jobs), strict=True))
    for kind, job in first.items():
        for k, vehicle in enumerate(problem.vehicles):
            for code, amount in static_breaches(job, vehicle):
                dial, unit = dials[NUMBER[code]], CODES[NUMBER[code]].unit
                if dial.kind == "hard":
                    able[kind, k] = False
                elif dial.kind == "soft":
                    cents[kind, k] += -(-amount * dial.price // unit)
            cents[kind, k] += _zone_rate(job, vehicle)
    return able[of], cents[of]


def _zone_rate(job: Job, vehicle: Vehicle) -> int:
    if vehicle.rate is None:
        return 0
    return next((cents for zone, cents in vehicle.rate.per_zone if zone in job.zones), 0)


def _failed(c: Compiled, per_cent: int) -> Table:
    likely = np.array([job.failure_percent for job in c.jobs], dtype=np.int64)
    costs = np.array([v.cost_per_failed for v in c.vehicles], dtype=np.int64)
    return (likely[:, None] * costs[None, :] * per_cent + 50) // 100


def _carried(c: Compiled, per_cent: int) -> Table:
    """A carrier's price per unit of load; a shipment's at its pickup."""
    load = np.zeros((len(c.jobs), c.dimensions), dtype=np.int64)
    if c.dimensions:
        load += np.array(c.delivery, dtype=np.int64).reshape(load.shape)
        load += np.array(c.pickup, dtype=np.int64).reshape(load.shape)
    for shipment in c.problem.shipments:
        load[c.job_number[shipment.pickup], : len(shipment.load)] += np.array(shipment.load, dtype=np.int64)
    rates = np.zeros((c.dimensions, len(c.vehicles)), dtype=np.int64)
    for k, vehicle in enumerate(c.vehicles):
        if vehicle.rate is not None:
            per_load = vehicle.rate.per_load[: c.dimensions]
            rates[: len(per_load), k] = per_load
    return load @ rates * per_cent


def _changed(c: Compiled, per_cent: int) -> Table:
    """The price of another vehicle than the one of the plan that people know."""
    table = np.zeros((len(c.jobs), len(c.vehicles)), dtype=np.int64)
    price = c.problem.weights.other_vehicle * per_cent
    if price:
        for j, job in enumerate(c.jobs):
            if job.current is not None:
                table[j] = price
                if job.current.vehicle in c.vehicle_number:
                    table[j, c.vehicle_number[job.current.vehicle]] = 0
    return table
