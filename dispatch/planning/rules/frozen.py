"""Pinned to a driver, the first stops frozen, a whole route locked: what a dispatcher has fixed stays so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..model import Vehicle
from ..solution import Violation
from .rule import Rule

RULE = Rule(
    name="frozen",
    number=25,
    kind="dial",
    meaning=(
        "A pinned job is on its vehicle. A route begins with the vehicle's fixed items in their order, and a locked "
        "one has no others: these two are always hard."
    ),
    codes=("pinned_elsewhere", "frozen_moved", "locked_changed"),
    fields=("Job.pinned_to", "Vehicle.first", "Vehicle.locked"),
    pyvrp="pins by the profile; the head is taken out, the vehicle starts where and when it ends",
    ortools="allowed vehicles of the node; the head as for PyVRP",
    search="a head is never taken out, and a locked route is no place",
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
