"""A station's policy of planning: how strictly each rule is kept, and what a plan should be like besides.

A rule is off, costs cents per unit where it is broken, or is hard. The settings keep only what differs from the
planner's own defaults, as code -> [kind, cents].
"""

from collections.abc import Mapping
from typing import Any

from dispatch.models import Station
from dispatch.planning.model import Dial, Incompatible, Weights
from dispatch.planning.rules.codes import CODES
from dispatch.services.order_fields import Bad, choice, integer, skills

KINDS = ("off", "soft", "hard")
DEAREST = 10_000_000
"""Cents of one unit, at most: sums over a whole plan stay far from what the planner can count."""

MAX_PAIRS = 50

DEFAULTS: dict[str, Dial] = {code.name: code.default for code in CODES if not code.fixed}
"""Every rule that has a dial, and how it is meant where nothing is said."""

UNITS: dict[str, int] = {code.name: code.unit for code in CODES}

# setting -> the planner's weight
WEIGHTS: dict[str, str] = {
    "weight_vehicle_cents": "vehicle",
    "weight_finish_cents": "finish_per_hour",
    "weight_hours_cents": "balance_per_hour",
    "weight_stops_cents": "balance_per_stop",
    "weight_compact_cents": "compact_per_km",
    "weight_driver_cents": "other_vehicle",
    "weight_place_cents": "other_place",
    "weight_moved_cents": "moved_per_min",
}


def checked_dials(value: Any) -> dict[str, list[Any]]:
    """What the row keeps: only rules that are meant otherwise than by default. Raises ``Bad``."""
    if not isinstance(value, Mapping):
        raise Bad("bad_dials", "The rules must be given by their codes.")
    found = {}
    for code, entry in value.items():
        if code not in DEFAULTS:
            raise Bad("unknown_rule", f"{str(code)[:40]!r} is no rule that can be set.")
        if not isinstance(entry, list | tuple) or len(entry) != 2:
            raise Bad("bad_dials", "A rule is off, at a price, or hard.")
        kind = choice(entry[0], KINDS)
        price = integer(entry[1], 1, DEAREST) if kind == "soft" else 0
        if (kind, price) != (DEFAULTS[code].kind, DEFAULTS[code].price):
            found[code] = [kind, price]
    return dict(sorted(found.items()))


def dials_of(station: Station) -> dict[str, Dial]:
    """The rules that this station means otherwise than the planner does."""
    return {code: Dial(kind, price) for code, (kind, price) in station.dials.items() if code in DEFAULTS}


def checked_apart(value: Any) -> list[list[str]]:
    """Pairs of goods that never travel together, as the row keeps them. Raises ``Bad``."""
    if not isinstance(value, list | tuple) or len(value) > MAX_PAIRS:
        raise Bad("bad_goods", f"Goods that never meet are at most {MAX_PAIRS} pairs.")
    found = []
    for pair in value:
        goods = list(skills(pair)) if isinstance(pair, list | tuple | str) else []
        if len(goods) != 2:
            raise Bad("bad_goods", "Each pair is two different words, such as food chemicals.")
        found.append(goods)
    return sorted(found)


def apart_of(station: Station) -> tuple[Incompatible, ...]:
    """Goods that are never on board at one time."""
    return tuple(Incompatible(one, other) for one, other in station.goods_apart)


def weights_of(station: Station) -> Weights:
    """What a plan as a whole should be like, in cents."""
    return Weights(**{weight: getattr(station, name) for name, weight in WEIGHTS.items()})
