"""The same route, or never the same route."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="same_route",
    number=23,
    kind="dial",
    meaning=(
        "Jobs that belong together are on one route; jobs that must not meet are on different ones. Jobs "
        "left out do not count."
    ),
    codes=("not_same_route", "not_apart"),
    fields=("Relation.kind", "Relation.jobs", "Problem.relations"),
    pyvrp="not stated; its routes are repaired under the walker",
    search="ties go out and come in together; a route with a foe on it is no place",
)
