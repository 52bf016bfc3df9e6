"""Breaks that are owed, and pauses of driving rules."""

from __future__ import annotations

from collections import Counter

from ..model import DrivingRule
from .claims import Claims
from .findings import Findings
from .times import Timetable


def breaks(claims: Claims, out: Findings) -> int:
    """Length and window of each break that is taken; the cents of those that are skipped."""
    v, route, skipped = claims.vehicle, claims.route, 0
    taken = {step.id: step for step in claims.breaks if step.kind == "break"}
    for name, count in Counter(step.id for step in claims.breaks if step.kind == "break").items():
        if count > 1:
            out.lie("wrong_time", name, count, "The break is taken more than once.")
    for pause in v.breaks:
        step = taken.get(pause.id)
        if step is None:
            if route.departure <= pause.windows[-1].end < claims.stops[-1].step.departure:
                if pause.skip_price is None:
                    out.breach("break_missed", pause.id, pause.duration_s, "The break is not taken.")
                else:
                    skipped += pause.skip_price
            continue
        out.equal("wrong_time", pause.id, "The break", step.departure - step.start, pause.duration_s)
        if not any(window.start <= step.start <= window.end for window in pause.windows):
            out.lie("wrong_time", pause.id, 1, "The break starts outside its windows.")
    return skipped


def pauses(claims: Claims, table: Timetable, out: Findings) -> None:
    """``pause_overdue``: by how much the longest stretch is too long, over all driving rules."""
    rules = claims.vehicle.driving_rules
    lengths = {rule.pause_s for rule in rules}
    for step in claims.breaks:
        if step.kind == "pause" and step.departure - step.start not in lengths:
            out.lie("wrong_time", "", 1, "A pause is as long as no driving rule asks for.")
    over = max((_longest(rule, table) - rule.max_s for rule in rules), default=0)
    out.breach("pause_overdue", "", over, "Drives or works too long without a pause.")


def _longest(rule: DrivingRule, table: Timetable) -> int:
    longest = since = 0
    for kind, seconds in table.pieces:
        if kind == "rest":
            since = 0 if seconds >= rule.pause_s else since
        elif rule.work or kind == "drive":
            since += seconds
            longest = max(longest, since)
    return longest
