"""A row that names an order we have: what its cells say, over what the order says already; pure.

Only what stands in the file changes. An empty cell leaves a field as it is; a cell that holds just "-" clears it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dispatch.services import order_fields
from dispatch.services.order_draft import SIMPLE

CLEAR = "-"
KEPT = (  # fields of an order that a row may leave alone, by the name that reads them back
    *(name for name, (target, _) in SIMPLE.items() if name == target),
    "address",
)
WINDOW = ("window_start", "window_end")
TARGETS: dict[str, tuple[str, ...]] = {name: (target,) for name, (target, _) in SIMPLE.items()} | {
    "barcodes": ("pieces",),
    "house_number": (),
    "window": WINDOW,
    "service_level": ("service_level", *WINDOW),
}
NOT_KEPT = frozenset({"external_id", "service_level"})  # the identity, and what keeps itself: see `read_over`


class Known(Protocol):
    """The part of an order that is needed here."""

    day: date
    window_start: datetime | None
    window_end: datetime | None


def cleared(values: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row without those that hold "-"; a needed field is missing then, and refused."""
    return {name: value for name, value in values.items() if value.strip() != CLEAR}


def overlay(values: Mapping[str, str], order: Known, zone: ZoneInfo) -> dict[str, Any]:
    """The row of the whole order: the row's cells, and the order's own values for what they leave alone."""
    given = {name: value for name, value in values.items() if value.strip()}
    replaced = {target for name in given for target in TARGETS.get(name, (name,))}
    whole: dict[str, Any] = {"day": order.day.isoformat()}
    whole |= {name: _plain(order, name) for name in KEPT if name not in replaced | NOT_KEPT}
    whole |= _window(order, replaced, _day(given, order.day), zone)
    return whole | cleared(given)


def _plain(order: Known, name: str) -> Any:
    value = getattr(order, name)
    return value if isinstance(value, str | int | float | list | None) else str(value)


def _day(given: Mapping[str, str], otherwise: date) -> date:
    try:
        return order_fields.day(given["day"]) if "day" in given else otherwise
    except order_fields.Bad:  # refused by its name when the row is read
        return otherwise


def _window(order: Known, replaced: set[str], on: date, zone: ZoneInfo) -> dict[str, str]:
    """The window it had, by the same clock on the new day when the row moves the order."""
    kept = {}
    for name in ("window_start", "window_end"):
        at = getattr(order, name)
        if at is None or name in replaced:
            continue
        local = at.astimezone(zone)
        moved = on - order.day
        kept[name] = (local.replace(tzinfo=None) + moved).isoformat() if moved else at.isoformat()
    return kept
