"""VROOM at its deepest exploration, two threads. It knows breaks, skills, shipments and hard windows.

What it has no words for (soft windows, relations, incompatible goods) it is not told. Its hours are those of
driving and of work at the door; waiting costs it nothing.
"""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import vroom as engine
from vroom.input.input import Input

from dispatch.planning.model import ALWAYS, UNREACHABLE, Job, Problem, Vehicle, Window

from .base import Answer

EXPLORATION, THREADS = 5, 2
FAR = 10**7


def vroom(problem: Problem, seconds: float, seed: int) -> Answer:
    """It may be done before the seconds are over. The seed has no meaning here."""
    found = _stated(problem).solve(EXPLORATION, THREADS, timedelta(seconds=seconds)).routes
    plan: dict[str, tuple[str, ...]] = {}
    stops = found[found["type"].isin(["job", "pickup", "delivery"])]
    for number, route in stops.groupby("vehicle_id", sort=False):
        plan[problem.vehicles[int(number)].id] = tuple(problem.jobs[int(i)].id for i in route["id"])
    return Answer(plan)


def _stated(problem: Problem) -> Input:
    out = Input()
    for profile, ways in problem.matrices.items():
        gone = ways.durations >= UNREACHABLE
        out.set_durations_matrix(profile, np.where(gone, FAR, ways.durations).astype(np.uint32))
        out.set_distances_matrix(profile, np.where(gone, FAR, ways.distances).astype(np.uint32))
    skills = {name: k for k, name in enumerate(sorted({s for job in problem.jobs for s in job.skills}))}
    for number, vehicle in enumerate(problem.vehicles):
        out.add_vehicle(_vehicle(problem, number, vehicle, skills))
    numbers = {job.id: k for k, job in enumerate(problem.jobs)}
    paired = {name for s in problem.shipments for name in (s.pickup, s.delivery)}
    for number, job in enumerate(problem.jobs):
        if job.id not in paired:
            out.add_job(_job(problem, number, job, skills))
    for s in problem.shipments:
        pair = [_end(numbers[name], problem.jobs[numbers[name]]) for name in (s.pickup, s.delivery)]
        out.add_shipment(*pair, amount=engine.Amount(s.load))
    return out


def _vehicle(problem: Problem, number: int, v: Vehicle, skills: dict[str, int]) -> engine.Vehicle:
    return engine.Vehicle(
        number,
        start=v.start,
        end=v.end,
        profile=v.profile,
        capacity=v.capacity or (FAR,) * problem.dimensions,
        skills={skills[name] for name in v.skills if name in skills},
        time_window=None if v.shift == ALWAYS else engine.TimeWindow(*v.shift),
        breaks=[engine.Break(k, _windows(b.windows), b.duration_s) for k, b in enumerate(v.breaks)],
        costs=engine.vehicle.VehicleCosts(
            v.fixed_cost, v.cost_per_hour + v.cost_per_driving_hour, v.cost_per_km
        ),
    )


def _job(problem: Problem, number: int, job: Job, skills: dict[str, int]) -> engine.Job:
    nothing = (0,) * problem.dimensions
    return engine.Job(
        number,
        job.place,
        job.setup_s,
        job.service_s,
        delivery=engine.Amount(job.delivery or nothing),
        pickup=engine.Amount(job.pickup or nothing),
        skills={skills[name] for name in job.skills},
        time_windows=_windows(job.windows),
    )


def _end(number: int, job: Job) -> engine.ShipmentStep:
    return engine.ShipmentStep(number, job.place, job.setup_s, job.service_s, _windows(job.windows))


def _windows(windows: tuple[Window, ...]) -> list[engine.TimeWindow]:
    return [engine.TimeWindow(*window) for window in windows]
