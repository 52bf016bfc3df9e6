"""Release time: the route that carries a job cannot leave the station before the job is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule
from .words import clock

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="release",
    meaning="The route leaves at or after the release of each of its jobs.",
    codes=("not_released",),
    pyvrp="release time of the client",
    ortools="departure at or after the release of every job on the vehicle",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``not_released`` per job: seconds the route leaves too early."""
    if walk.running:
        return
    for j in walk.jobs:
        job = walk.compiled.jobs[j]
        if job.release_s > walk.departure:
            early = job.release_s - walk.departure
            words = f"Is at the station from {clock(job.release_s)}, the van leaves {clock(walk.departure)}."
            yield Violation(code="not_released", route=walk.vehicle.id, job=job.id, amount=early, words=words)
