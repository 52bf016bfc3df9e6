"""Time windows on the start of service: any one of several; hard, or late at a price per minute."""

from __future__ import annotations

from ..model import NEVER, Job, Window
from .rule import Rule

RULE = Rule(
    name="windows",
    meaning="Service starts inside one of the job's windows; a priced job may start late for its price.",
    codes=("late",),
    pyvrp="client windows; several windows are a group of clients of which one is visited",
    ortools="range of the time variable less the gaps; priced lateness as a soft upper bound",
)


def earliest_start(windows: tuple[Window, ...], ready: int) -> tuple[int, int, int]:
    """(start, end of the window used, seconds late) for the first moment not before ``ready``."""
    if not windows:
        return ready, NEVER, 0
    for opens, closes in windows:
        if ready <= closes:
            return (ready if ready > opens else opens), closes, 0
    return ready, closes, ready - closes


def late_cost(job: Job, late_s: int) -> int:
    """Cents for a start ``late_s`` after the last window, rounded up; 0 where the windows are hard."""
    return 0 if job.late_price_per_min is None else -(-late_s * job.late_price_per_min // 60)
