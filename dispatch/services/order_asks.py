"""What an order asks of the plan besides window, load and skills; pure.

Kept on the order as name -> plain value, only what is asked. Times are the station's clock on the order's day.
"""

import re
from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

from dispatch.services import order_fields as fields
from dispatch.services.order_fields import Bad

MAX_NAMES = 20
DEAREST = 1_000_000


def _clock(value: Any) -> str:
    found = fields.clean(value) if isinstance(value, str) else ""
    if not fields.CLOCK.fullmatch(found):
        raise Bad("bad_time", f"{fields.shown(value)} is no time; write HH:MM.")
    hours, minutes = (int(part) for part in re.split("[:.]", found)[:2])
    try:
        return time(hours, minutes).strftime("%H:%M")
    except ValueError as error:
        raise Bad("bad_time", f"{fields.shown(value)} is no time; write HH:MM.") from error


def _span(value: Any) -> str:
    parts = fields.clean(value).replace("–", "-").split("-") if isinstance(value, str) else []
    if len(parts) != 2:
        raise Bad("bad_time", f"{fields.shown(value)} is no window; write HH:MM-HH:MM.")
    start, end = _clock(parts[0].strip()), _clock(parts[1].strip())
    if end <= start:
        raise Bad("window_backwards", "The window ends before it begins.")
    return f"{start}-{end}"


def _names(value: Any) -> list[str]:
    """Drivers or vehicles by name: a list, or text with commas or semicolons between."""
    words = re.split(r"[,;|\n]+", value) if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not all(isinstance(word, str) for word in words):
        raise Bad("bad_names", "Drivers and vehicles are a list of names.")
    found = sorted({fields.text(word, 80) for word in words} - {""})
    if len(found) > MAX_NAMES:
        raise Bad("bad_names", f"There may be at most {MAX_NAMES} names.")
    return found


def _whole(low: int, high: int) -> Callable[[Any], int]:
    return lambda value: fields.integer(value, low, high)


PUBLIC: dict[str, Callable[[Any], Any]] = {
    "ready_at": _clock,
    "preferred_window": _span,
    "goods": lambda value: list(fields.skills(value)),
    "max_aboard_min": _whole(1, 1440),
    "max_wait_min": _whole(0, 1440),
}
"""What a shop may ask for."""

INSIDE: dict[str, Callable[[Any], Any]] = {
    "only_by": _names,
    "rather_by": _names,
    "never_by": _names,
    "position": lambda value: fields.choice(value, ("first", "last")),
    "late_price_cents": _whole(0, DEAREST),
    "leave_price_cents": _whole(0, 100 * DEAREST),
    "preferred_price_cents": _whole(1, DEAREST),
}
"""What is the station's own to say: who drives, and what the plan pays."""

ASKS = PUBLIC | INSIDE


def checked(name: str, value: Any) -> Any:
    """One ask as the order keeps it; ``None`` where nothing is asked any more. Raises ``Bad``."""
    if value is None or value == [] or (isinstance(value, str) and not fields.clean(value)):
        return None
    found = ASKS[name](value)
    return None if found == [] else found


def merged(before: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked after somebody said something: unsaid stays, ``None`` goes."""
    return {name: value for name, value in sorted({**before, **said}.items()) if value is not None}


def words(asks: Mapping[str, Any], name: str) -> str:
    """One ask as a form shows it and reads it back."""
    value = asks.get(name)
    if value is None:
        return ""
    return ", ".join(value) if isinstance(value, list) else str(value)
