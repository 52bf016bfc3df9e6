"""Two people at one stop at the same time, for heavy goods."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="together",
    number=51,
    kind="dial",
    meaning=(
        "Jobs that go together are on different routes and start within the tolerance; whoever is early "
        "waits. One that is left out while its partner is served counts as a minute."
    ),
    codes=("not_together",),
    see=("not_apart",),
    fields=("Relation.kind", "Relation.jobs", "Relation.tolerance_s"),
    pyvrp="not stated; its routes are repaired under the walker",
    search="partners are held to each other's start",
)
