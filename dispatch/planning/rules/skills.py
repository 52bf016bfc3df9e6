"""Skills: a job may ask for several, its vehicle must have all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="skills",
    meaning="The vehicle has every skill that the job asks for.",
    codes=("skill",),
    pyvrp="a profile in which the places of jobs it may not do are out of reach",
    ortools="allowed vehicles of the node",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``skill`` per job: how many skills the vehicle lacks."""
    has = walk.vehicle.skills
    for j in walk.jobs:
        job = walk.compiled.jobs[j]
        if not job.skills <= has:
            lacking = sorted(job.skills - has)
            words = f"{walk.vehicle.id} lacks {', '.join(lacking)}."
            yield Violation(code="skill", route=walk.vehicle.id, job=job.id, amount=len(lacking), words=words)
