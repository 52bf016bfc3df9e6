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

type Expired = Callable[[], bool]


def repair(problem: Problem, plan: Mapping[str, Sequence[str]], expired: Expired = lambda: False) -> Plan:
    """A plan without violations outside the vehicles' fixed heads, near ``plan``.

    Unknown jobs and vehicles are dropped, fixed heads put in their place. ``expired`` may end the filling
    early; what is not in by then stays out. Deterministic.
    """
    c = problem.compiled
    routes = _known(c, plan)
    for k, vehicle in enumerate(c.vehicles):
        _clean(c, vehicle, routes[k])
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


def _clean(c: Compiled, vehicle: Vehicle, jobs: list[int]) -> None:
    """Take jobs out of one route, each time the one whose going mends most, until the rest breaks nothing.

    A fixed head stays even if it breaks something by itself.
    """
    head = len(vehicle.first)
    tolerated = _harm(c, vehicle, jobs[:head]) if head else 0
    while len(jobs) > head and _harm(c, vehicle, jobs) > tolerated:
        options = []
        for i in range(head, len(jobs)):
            rest = jobs[:i] + jobs[i + 1 :]
            lost = c.leave_price[jobs[i]]
            options.append((_harm(c, vehicle, rest), lost, -_cost(c, vehicle, rest), i))
        harm = min(option[0] for option in options)
        if harm <= tolerated:
            del jobs[min(o for o in options if o[0] == harm)[-1]]
        else:
            del jobs[min(options)[-1]]


def _harm(c: Compiled, vehicle: Vehicle, jobs: list[int]) -> int:
    """How badly a route breaks rules: the sum of the amounts, each at least 1."""
    if not jobs:
        return 0
    walked = time_route(c, vehicle, jobs)
    return sum(max(1, v.amount) for check in ROUTE_CHECKS for v in check(walked))


def _cost(c: Compiled, vehicle: Vehicle, jobs: list[int]) -> int:
    return costs.price(time_route(c, vehicle, jobs)).total if jobs else 0


def _fill(c: Compiled, routes: list[list[int]], expired: Expired) -> None:
    """Insert what is left out, the dearest to leave first."""
    planned = {j for jobs in routes for j in jobs}
    left = sorted((j for j in range(len(c.jobs)) if j not in planned), key=lambda j: (-c.leave_price[j], j))
    inserter = Inserter(c, routes)
    for number in left:
        if expired():
            return
        fit = inserter.best(number)
        if fit is not None:
            inserter.place(fit, number)
