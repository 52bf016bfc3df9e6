"""In this order; one directly after another; the first, the last stop."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="sequence",
    number=24,
    kind="dial",
    meaning=(
        "Jobs of a sequence stand in its order on one route, of a direct one with no job between; a job may "
        "have to be the first or the last of its route."
    ),
    codes=("out_of_sequence", "not_direct", "not_first", "not_last"),
    see=("not_same_route",),
    fields=("Relation.kind", "Relation.jobs", "Job.position"),
    pyvrp="first and last by the profile; the rest not stated; its routes are repaired under the walker",
)
