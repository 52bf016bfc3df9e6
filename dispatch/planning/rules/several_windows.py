"""Several windows that are apart from each other: any one of them will do."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="several_windows",
    number=2,
    kind="dial",
    meaning="Service starts inside any one of the job's windows; late is only who comes after the last.",
    see=("late",),
    fields=("Job.windows",),
    pyvrp="one client per window, in a group of which one is visited",
    ortools="range of the time variable less the gaps",
)
