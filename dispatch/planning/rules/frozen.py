"""Frozen heads and locked routes: what a dispatcher has fixed stays first, in order, and may be all there
is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import Vehicle
from ..solution import Violation
from .rule import Rule

RULE = Rule(
    name="frozen",
    meaning="A route begins with the vehicle's fixed jobs in their order; a locked route has no others.",
    codes=("frozen_moved", "locked_changed"),
    pyvrp="the head is taken out: the vehicle starts where and when the head ends",
    ortools="the same",
)


def check(vehicle: Vehicle, jobs: Sequence[str]) -> Iterator[Violation]:
    """``frozen_moved``: how many fixed jobs are not in their place; ``locked_changed``: how many were
    added.
    """
    fixed = vehicle.first
    here = tuple(jobs[: len(fixed)])
    moved = sum(1 for i, job in enumerate(fixed) if i >= len(here) or here[i] != job)
    if moved:
        words = f"{moved} of the first {len(fixed)} stops, which are fixed, are not in their place."
        yield Violation(code="frozen_moved", route=vehicle.id, job="", amount=moved, words=words)
    added = len(jobs) - len(fixed)
    if vehicle.locked and added > 0:
        words = f"The route is locked and has {added} stops more than it was locked with."
        yield Violation(code="locked_changed", route=vehicle.id, job="", amount=added, words=words)
