"""Release time: the trip that carries a job cannot leave the station before the job is there."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="release",
    number=6,
    kind="dial",
    meaning="Each trip leaves at or after the release of each of its jobs.",
    codes=("not_released",),
    fields=("Job.release_s",),
    pyvrp="release time of the client",
    ortools="departure at or after the release of every job on the vehicle",
)
