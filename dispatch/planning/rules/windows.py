"""Time windows on the start of service: hard, soft at a price, or off."""

from __future__ import annotations

from ..model import NEVER, Window
from .rule import Rule

RULE = Rule(
    name="windows",
    number=1,
    kind="dial",
    meaning="Service starts inside the window of its job; a van that is early waits.",
    codes=("late",),
    fields=("Job.windows",),
    pyvrp="client windows; soft ones are stated as hard, and repaired",
    ortools="range of the time variable",
)


def earliest_start(windows: tuple[Window, ...], ready: int) -> tuple[int, int, int]:
    """(start, end of the window used, seconds late) for the first moment not before ``ready``."""
    if not windows:
        return ready, NEVER, 0
    for opens, closes in windows:
        if ready <= closes:
            return (ready if ready > opens else opens), closes, 0
    return ready, closes, ready - closes
