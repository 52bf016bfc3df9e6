"""Stops a few steps apart share one parking: the legs between them are walked, with one setup."""

from __future__ import annotations

from .rule import Rule

RULE = Rule(
    name="parking",
    number=9,
    kind="fact",
    meaning=(
        "Consecutive jobs of one parking group are walked to from the first one's kerb, and the driver "
        "walks back to the van."
    ),
    see=("late", "shift_end", "unreachable"),
    fields=("Job.parking", "Problem.walk_profile", "Problem.points"),
    pyvrp="walked legs inside a group stand in its matrices; the way back to the van is left to repair",
)
