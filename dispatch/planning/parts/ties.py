"""What must stay in one part: jobs that a rule ties to each other, and to a vehicle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..model import Plan, Problem


@dataclass(frozen=True, slots=True)
class Bundle:
    """Jobs and vehicles, by number, that stay together. Either may be empty, not both."""

    jobs: tuple[int, ...]
    vehicles: tuple[int, ...]


class _Sets:
    """Sets that are united two by two."""

    def __init__(self, size: int) -> None:
        self.above = list(range(size))

    def head(self, at: int) -> int:
        """The one that stands for the set."""
        while self.above[at] != at:
            self.above[at] = self.above[self.above[at]]
            at = self.above[at]
        return at

    def unite(self, one: int, other: int) -> None:
        """Make one set of two; the smaller number stands for it."""
        low, high = sorted((self.head(one), self.head(other)))
        self.above[high] = low


def bundles(problem: Problem, plan: Plan | None = None) -> list[Bundle]:
    """Every job and every vehicle in exactly one, in the order of their first numbers.

    Members of a relation, a group or a shipment stay together; so does a job with the vehicle that it is pinned
    to, fixed on, or alone allowed; and, with a plan, each route. ``different_routes`` ties nothing: on routes of
    different parts its members are apart.
    """
    first = len(problem.jobs)
    job_at = {job.id: number for number, job in enumerate(problem.jobs)}
    van_at = {vehicle.id: first + number for number, vehicle in enumerate(problem.vehicles)}
    sets = _Sets(first + len(van_at))
    for names in _jobs_tied(problem):
        numbers = [job_at[name] for name in names if name in job_at]
        for number in numbers[1:]:
            sets.unite(numbers[0], number)
    for job, van in (*_vans_tied(problem), *_driven(plan or {})):
        if job in job_at and van in van_at:
            sets.unite(job_at[job], van_at[van])
    members: dict[int, tuple[list[int], list[int]]] = {}
    for at in range(len(sets.above)):
        jobs, vans = members.setdefault(sets.head(at), ([], []))
        if at < first:
            jobs.append(at)
        else:
            vans.append(at - first)
    return [Bundle(tuple(jobs), tuple(vans)) for jobs, vans in members.values()]


def _jobs_tied(problem: Problem) -> Iterator[tuple[str, ...]]:
    for relation in problem.relations:
        if relation.kind != "different_routes":
            yield relation.jobs
    for group in problem.groups:
        yield group.jobs
    for shipment in problem.shipments:
        yield shipment.pickup, shipment.delivery


def _vans_tied(problem: Problem) -> Iterator[tuple[str, str]]:
    for job in problem.jobs:
        if job.pinned_to is not None:
            yield job.id, job.pinned_to
        if job.vehicles is not None and len(job.vehicles) == 1:
            yield job.id, next(iter(job.vehicles))
    for vehicle in problem.vehicles:
        for item in vehicle.first:
            yield item, vehicle.id


def _driven(plan: Plan) -> Iterator[tuple[str, str]]:
    for vehicle, items in plan.items():
        for item in items:
            yield item, vehicle
