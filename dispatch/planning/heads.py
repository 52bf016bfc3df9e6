"""Fixed heads and locked routes taken out of a problem, so that engines need not know of them.

A vehicle with a fixed head becomes one that starts where and when the head ends, with what room the head
leaves. A locked vehicle is gone. Where that cannot be said exactly it is said more tightly: plans that come
back are joined to their heads again and judged as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from .compiled import Compiled
from .evaluate import evaluate, evaluate_route
from .model import NEVER, Job, Plan, Problem, Vehicle, Window
from .rules.priority import leave_prices
from .solution import Violation


@dataclass(frozen=True, slots=True)
class Headless:
    """``problem`` without heads; ``join`` puts the heads back in front of its plans."""

    problem: Problem
    heads: dict[str, tuple[str, ...]]

    def join(self, plan: Plan) -> Plan:
        """A plan of the whole problem."""
        joined = {vehicle: jobs + tuple(plan.get(vehicle, ())) for vehicle, jobs in self.heads.items()}
        return {**plan, **joined}

    def cut(self, plan: Plan) -> Plan:
        """A plan of the whole problem as one of the headless problem."""
        known = {job.id for job in self.problem.jobs}
        vehicles = {vehicle.id for vehicle in self.problem.vehicles}
        return {
            vehicle: tuple(job for job in jobs if job in known)
            for vehicle, jobs in plan.items()
            if vehicle in vehicles
        }


def unforgiven(problem: Problem) -> Callable[[Iterable[Violation]], list[Violation]]:
    """Tells of a plan's violations those that its fixed heads do not break by themselves, or not so badly."""
    heads = evaluate(problem, {v.id: v.first for v in problem.vehicles if v.first})
    owed = {(each.code, each.route, each.job): each.amount for each in heads.violations}

    def rest(violations: Iterable[Violation]) -> list[Violation]:
        return [each for each in violations if each.amount > owed.get((each.code, each.route, each.job), 0)]

    return rest


def take_heads(problem: Problem) -> Headless:
    """The problem that is left to search."""
    heads = {v.id: v.first for v in problem.vehicles if v.first}
    if not heads and not any(v.locked for v in problem.vehicles):
        return Headless(problem, {})
    fixed = {job for jobs in heads.values() for job in jobs}
    vehicles, barred = [], dict[str, set[str]]()
    for vehicle in problem.vehicles:
        if vehicle.locked:
            continue
        if not vehicle.first:
            vehicles.append(vehicle)
            continue
        behind, leaves = _behind(problem, vehicle)
        vehicles.append(behind)
        for job in problem.jobs:
            if job.release_s > leaves:
                barred.setdefault(job.id, set()).add(vehicle.id)
    names = {vehicle.id for vehicle in vehicles}
    jobs = tuple(_without(job, names, barred.get(job.id)) for job in problem.jobs if job.id not in fixed)
    left = _without_jobs(problem, jobs, tuple(vehicles))
    return Headless(_priced_alike(problem, left), heads)


def _without_jobs(problem: Problem, jobs: tuple[Job, ...], vehicles: tuple[Vehicle, ...]) -> Problem:
    """The problem with these jobs only: what ties them to others goes too."""
    names = {job.id for job in jobs}
    return replace(
        problem,
        jobs=jobs,
        vehicles=vehicles,
        shipments=tuple(s for s in problem.shipments if s.pickup in names and s.delivery in names),
        groups=tuple(g for g in problem.groups if names.issuperset(g.jobs)),
        relations=tuple(
            replace(r, jobs=rest)
            for r in problem.relations
            if len(rest := tuple(job for job in r.jobs if job in names)) > 1
        ),
    )


def _without(job: Job, names: set[str], barred: set[str] | None) -> Job:
    """The job without the vehicles that left before its release."""
    if not barred:
        return job
    return replace(job, vehicles=frozenset((names if job.vehicles is None else job.vehicles) - barred))


def _priced_alike(problem: Problem, left: Problem) -> Problem:
    """The same prices for leaving a job as in the whole problem."""
    prices = dict(zip((j.id for j in problem.jobs), leave_prices(problem), strict=True))
    jobs = tuple(replace(job, leave_price=prices[job.id]) for job in left.jobs)
    return replace(left, jobs=jobs)


def _behind(problem: Problem, vehicle: Vehicle) -> tuple[Vehicle, int]:
    """(what is left of the vehicle behind its fixed head, when it leaves the station)."""
    c = problem.compiled
    alone = replace(vehicle, end=None, first=())
    lone = replace(problem, vehicles=(alone,))
    route = evaluate_route(lone, vehicle.id, vehicle.first)
    ends = min(route.end, NEVER - 1)
    spent = {step.id for step in route.steps if step.kind == "break"}
    begins = Window(ends, max(ends, vehicle.shift.end))
    return (
        replace(
            vehicle,
            start=int(c.walker.world.items["place"][c.items(vehicle.first)[-1]]),
            shift=begins,
            latest_start=None,
            capacity=_room(c, vehicle),
            fixed_cost=0,
            depot="",
            max_stops=_less(vehicle.max_stops, len(vehicle.first)),
            max_distance_m=_less(vehicle.max_distance_m, route.distance_m),
            max_duration_s=_less(vehicle.max_duration_s, route.duration_s),
            breaks=tuple(pause for pause in vehicle.breaks if pause.id not in spent),
            first=(),
        ),
        route.departure,
    )


def _less(limit: int | None, used: int) -> int | None:
    return None if limit is None else max(0, limit - used)


def _room(c: Compiled, vehicle: Vehicle) -> tuple[int, ...]:
    """Capacity less the most that the head has on board at any time."""
    jobs = [j for j in c.items(vehicle.first) if j < len(c.jobs)]
    room = []
    for dimension, limit in enumerate(vehicle.capacity):
        board = peak = sum(c.delivery[j][dimension] for j in jobs)
        for j in jobs:
            board += c.pickup[j][dimension] - c.delivery[j][dimension]
            peak = max(peak, board)
        room.append(max(0, limit - peak))
    return tuple(room)
