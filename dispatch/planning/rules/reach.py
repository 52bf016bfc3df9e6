"""Reach: every leg of a route exists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="reach",
    meaning="There is a way between one stop and the next.",
    codes=("unreachable",),
    pyvrp="legs that do not exist take longer than any shift",
    ortools="legs that do not exist take longer than any shift",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``unreachable`` per leg that does not exist, on the job it leads to (none: the end). Amount 1."""
    for leg in walk.legs.unreachable:
        job = walk.compiled.jobs[walk.jobs[leg]].id if leg < len(walk.jobs) else ""
        words = f"{walk.vehicle.id} finds no way here from the stop before."
        yield Violation(code="unreachable", route=walk.vehicle.id, job=job, amount=1, words=words)
