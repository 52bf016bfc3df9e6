"""Shift: the whole route lies inside it, and leaves by the latest start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..solution import Violation
from .rule import Rule
from .words import clock, span

if TYPE_CHECKING:
    from ..timing import Walk

RULE = Rule(
    name="shift",
    meaning="Leaves not before the shift begins nor after the latest start, and is done when the shift ends.",
    codes=("shift_end", "shift_start", "late_start"),
    pyvrp="time window and start_late of the vehicle type",
    ortools="ranges of the time variable at the vehicle's start and end",
)


def check(walk: Walk) -> Iterator[Violation]:
    """``shift_end``, ``shift_start``, ``late_start``: seconds outside."""
    vehicle = walk.vehicle
    if walk.end > vehicle.shift.end:
        over = walk.end - vehicle.shift.end
        words = f"Ends {clock(walk.end)}, {span(over)} after the shift's end at {clock(vehicle.shift.end)}."
        yield Violation(code="shift_end", route=vehicle.id, job="", amount=over, words=words)
    if walk.running:
        return
    if walk.departure < vehicle.shift.start:
        early = vehicle.shift.start - walk.departure
        words = f"Leaves {clock(walk.departure)}, {span(early)} before the shift's start."
        yield Violation(code="shift_start", route=vehicle.id, job="", amount=early, words=words)
    if vehicle.latest_start is not None and walk.departure > vehicle.latest_start:
        tardy = walk.departure - vehicle.latest_start
        words = f"Leaves {clock(walk.departure)}, {span(tardy)} after its latest start."
        yield Violation(code="late_start", route=vehicle.id, job="", amount=tardy, words=words)
