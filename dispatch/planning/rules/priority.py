"""Priority 0-100 and the price of leaving a job out: every job may stay behind, at a price.

A job without a price of its own gets ``base * (10 + priority) / 10`` cents, where ``base`` is what the
dearest vehicle would cost for one far job alone (fixed cost, the longest way out and back, its whole
shift). So no job is left out to save money, and of two that do not both fit the one with the lower priority
stays. A ``leave_price`` makes a job truly optional: it is served only where that costs less.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..model import UNREACHABLE
from .rule import Rule

if TYPE_CHECKING:
    from ..model import Problem, Vehicle

RULE = Rule(
    name="priority",
    number=26,
    kind="weight",
    meaning="Of jobs that do not all fit, those of the lower priority stay behind; none does to save money.",
    fields=("Job.priority", "Job.leave_price"),
    costs=("unassigned",),
    pyvrp="prizes",
    ortools="disjunction penalties",
    search="a request that is left out costs its price",
)

_DAY = 86_400


def leave_prices(problem: Problem) -> list[int]:
    """Cents for leaving each job out, by job number."""
    base = 0
    if any(job.leave_price is None for job in problem.jobs):
        far = {profile: _farthest(problem, profile) for profile in {v.profile for v in problem.vehicles}}
        base = max([_dearest(vehicle, far[vehicle.profile]) for vehicle in problem.vehicles], default=0) + 100
    return [
        job.leave_price if job.leave_price is not None else base * (10 + job.priority) // 10
        for job in problem.jobs
    ]


def out_prices(problem: Problem) -> list[int]:
    """Cents for a job that no vehicle serves, by job number: left out, or given to the cheapest carrier."""
    return [
        min([price, *(offer.price for offer in job.offers)])
        for job, price in zip(problem.jobs, leave_prices(problem), strict=True)
    ]


def _farthest(problem: Problem, profile: str) -> int:
    matrix = problem.matrices[profile]
    return int(np.max(matrix.distances, where=matrix.durations < UNREACHABLE, initial=0))


def _dearest(vehicle: Vehicle, farthest: int) -> int:
    hours = min(vehicle.shift.end - vehicle.shift.start, _DAY)
    return (
        vehicle.fixed_cost
        + -(-2 * farthest * vehicle.cost_per_km // 1000)
        + -(-hours * vehicle.cost_per_hour // 3600)
    )
