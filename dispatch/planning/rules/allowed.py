"""Allowed vehicles, and jobs pinned to one vehicle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="allowed",
    meaning="The vehicle is among the job's allowed ones, and is the one it is pinned to.",
    codes=("vehicle_not_allowed", "pinned_elsewhere"),
    pyvrp="a profile in which the places of jobs it may not do are out of reach",
    ortools="allowed vehicles of the node",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``vehicle_not_allowed`` and ``pinned_elsewhere`` per job; the amount is 1."""
    me = walk.vehicle.id
    for j in walk.jobs:
        job = walk.compiled.jobs[j]
        if job.pinned_to is not None and job.pinned_to != me:
            words = f"Is pinned to {job.pinned_to}."
            yield Violation(code="pinned_elsewhere", route=me, job=job.id, amount=1, words=words)
        if job.vehicles is not None and me not in job.vehicles:
            words = f"May not be done by {me}."
            yield Violation(code="vehicle_not_allowed", route=me, job=job.id, amount=1, words=words)
