"""From any plan to one that breaks nothing: take out what breaks a rule, put in what fits.

PyVRP knows no breaks and no priced lateness; a dispatcher's plan may be broken on purpose; a plan from
yesterday names jobs that are gone. All of them become clean plans here, under the same schedule walker that
prices them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .compiled import Compiled
from .evaluate import time_route
from .insertion import Inserter
from .model import Plan, Problem, Vehicle
from .rules import costs
from .rules.catalogue import ROUTE_CHECKS
from .timing import Walk

type Expired = Callable[[], bool]


_ALL = 16
"""Routes up to this length have every removal looked at; of longer ones, as many likely ones."""

_REMOVALS = 8
"""So many jobs are picked out of a long route one by one; one that is still broken is rebuilt."""

_WALKS = 600
"""So many routes are walked to put left-out jobs in: a bound on the work, the same on every machine."""


def repair(problem: Problem, plan: Mapping[str, Sequence[str]], expired: Expired = lambda: False) -> Plan:
    """A plan without violations outside the vehicles' fixed heads, near ``plan``.

    Unknown jobs and vehicles are dropped, fixed heads put in their place. ``expired`` ends the mending
    early: what is not in by then stays out. Deterministic otherwise, and bounded in its work.
    """
    c = problem.compiled
    routes = _known(c, plan)
    for k, vehicle in enumerate(c.vehicles):
        routes[k] = _cleaned(c, vehicle, routes[k], expired)
    _fill(c, routes, expired)
    return {v.id: tuple(c.jobs[j].id for j in routes[k]) for k, v in enumerate(c.vehicles) if routes[k]}


def _known(c: Compiled, plan: Mapping[str, Sequence[str]]) -> list[list[int]]:
    heads = {job for vehicle in c.vehicles for job in vehicle.first}
    routes, seen = [], set(heads)
    for vehicle in c.vehicles:
        jobs = [c.job_number[job] for job in vehicle.first]
        for job in () if vehicle.locked else plan.get(vehicle.id, ()):
            if job in c.job_number and job not in seen:
                seen.add(job)
                jobs.append(c.job_number[job])
        routes.append(jobs)
    return routes


def _cleaned(c: Compiled, vehicle: Vehicle, jobs: list[int], expired: Expired) -> list[int]:
    """Take jobs out of one route, each time the one whose going mends most, until the rest breaks nothing.

    A fixed head stays even if it breaks something by itself.
    """
    head = len(vehicle.first)
    tolerated = _harm(c, vehicle, jobs[:head])[0] if head else 0
    for _ in range(_REMOVALS if len(jobs) - head > _ALL else len(jobs) - head):
        harm, _, walked = _harm(c, vehicle, jobs)
        if harm <= tolerated or walked is None:
            return jobs
        if expired():
            break
        options = []
        for i in _suspects(walked, head):
            rest = jobs[:i] + jobs[i + 1 :]
            less, cost, _ = _harm(c, vehicle, rest)
            options.append((less, c.leave_price[jobs[i]], -cost, i))
        last = min(options)[-1]
        jobs = jobs[:last] + jobs[last + 1 :]
    return _rebuilt(c, vehicle, jobs, tolerated, expired)


def _suspects(walked: Walk, head: int) -> list[int]:
    """Positions whose removal may help: all of a short route, else who is named and who takes most."""
    c, jobs = walked.compiled, walked.jobs
    positions = range(head, len(jobs))
    if len(positions) <= _ALL:
        return list(positions)
    broken = [v for check in ROUTE_CHECKS for v in check(walked)]
    named = {v.job for v in broken if v.job}
    chosen = [i for i in positions if c.jobs[jobs[i]].id in named][: _ALL // 4]
    if any(v.code == "overload" for v in broken):
        by_load = sorted(positions, key=lambda i: -sum(c.delivery[jobs[i]]) - sum(c.pickup[jobs[i]]))
        chosen += by_load[: _ALL // 4]
    last = len(jobs)
    if {v.code for v in broken} == {"late"}:
        last = max(i for i, late in enumerate(walked.late) if late) + 1
    takes = _seconds_taken(walked)
    chosen += sorted(range(head, last), key=lambda i: -takes[i])[:_ALL]
    return list(dict.fromkeys(chosen))[:_ALL]


def _seconds_taken(walked: Walk) -> list[int]:
    """By position the seconds that the route would be shorter without it, waiting not counted."""
    c, legs, vehicle = walked.compiled, walked.legs, walked.vehicle
    service, table = c.service_and_setup(vehicle)[0], c.durations(vehicle)
    places = [vehicle.start, *(c.place[j] for j in walked.jobs), vehicle.end]
    taken = []
    for i, j in enumerate(walked.jobs):
        before, after = places[i], places[i + 2]
        direct = 0 if before is None or after is None else int(table[before, after])
        taken.append(legs.travel[i] + legs.travel[i + 1] + legs.setup[i] + service[j] - direct)
    return taken


def _rebuilt(c: Compiled, vehicle: Vehicle, jobs: list[int], tolerated: int, expired: Expired) -> list[int]:
    """The route put together again from its head, without what does not go with what is there.

    Every turn either moves on or halves the step, so it ends.
    """
    kept, at = jobs[: len(vehicle.first)], len(vehicle.first)
    step = len(jobs) - at
    while at < len(jobs) and not expired():
        trial = kept + jobs[at : at + step]
        if _harm(c, vehicle, trial)[0] <= tolerated:
            kept, at, step = trial, at + step, step * 2
        elif step > 1:
            step //= 2
        else:
            at += 1
        step = min(step, max(1, len(jobs) - at))
    return kept


def _harm(c: Compiled, vehicle: Vehicle, jobs: list[int]) -> tuple[int, int, Walk | None]:
    """(how badly a route breaks rules: the sum of the amounts, each at least 1; its cost; its walk)."""
    if not jobs:
        return 0, 0, None
    walked = time_route(c, vehicle, jobs)
    harm = sum([max(1, v.amount) for check in ROUTE_CHECKS for v in check(walked)])
    return harm, costs.price(walked).total, walked


def _fill(c: Compiled, routes: list[list[int]], expired: Expired) -> None:
    """Insert what is left out, the dearest to leave first."""
    planned = {j for jobs in routes for j in jobs}
    left = sorted((j for j in range(len(c.jobs)) if j not in planned), key=lambda j: (-c.leave_price[j], j))
    inserter = Inserter(c, routes)
    for number in left:
        if inserter.walks > _WALKS or expired():
            return
        fit = inserter.best(number)
        if fit is not None:
            inserter.place(fit, number)
