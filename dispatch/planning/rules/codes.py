"""Every violation code: its number, the unit its dial is priced in, and whether it has a dial at all.

``CODES`` is the one list; engines and walker know a code by its position here.
"""

from __future__ import annotations

from typing import NamedTuple

from ..model.dials import HARD, OFF, Dial


class Code(NamedTuple):
    """``unit``: so much of the amount costs the price of a soft dial once (60: a minute, 1000: a kilometre or a
    kilowatt-hour, 1: one of what is counted). ``fixed``: always hard, there is no dial.
    """

    name: str
    unit: int
    fixed: bool = False
    default: Dial = HARD


CODES: tuple[Code, ...] = (
    Code("unreachable", 1, fixed=True),
    Code("pair_split", 1, fixed=True),
    Code("delivery_before_pickup", 1, fixed=True),
    Code("two_alternatives", 1, fixed=True),
    Code("frozen_moved", 1, fixed=True),
    Code("locked_changed", 1, fixed=True),
    Code("reload_not_allowed", 1, fixed=True),
    Code("late", 60),
    Code("waits_too_long", 60),
    Code("not_released", 60),
    Code("depot_closed", 60),
    Code("dock_full", 60),
    Code("shift_start", 60),
    Code("late_start", 60),
    Code("shift_end", 60),
    Code("too_long", 60),
    Code("drives_too_long", 60),
    Code("too_far", 1000),
    Code("too_many_stops", 1),
    Code("too_few_stops", 1),
    Code("too_many_trips", 1),
    Code("break_missed", 60),
    Code("pause_overdue", 60),
    Code("battery_flat", 1000),
    Code("overload", 1),
    Code("too_long_aboard", 60),
    Code("blocked", 1),
    Code("goods_together", 1),
    Code("skill", 1),
    Code("vehicle_not_allowed", 1),
    Code("vehicle_forbidden", 1),
    Code("type_refused", 1),
    Code("pinned_elsewhere", 1),
    Code("wrong_depot", 1),
    Code("outside_zone", 1),
    Code("not_preferred", 1, default=OFF),
    Code("away_from_home", 1, default=OFF),
    Code("not_same_route", 1),
    Code("not_apart", 1),
    Code("out_of_sequence", 1),
    Code("not_direct", 1),
    Code("not_first", 1),
    Code("not_last", 1),
    Code("not_together", 60),
)

NUMBER = {code.name: number for number, code in enumerate(CODES)}
