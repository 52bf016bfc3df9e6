"""What a station's settings may be, said in words: the same rules for the page and for the admin.

Every check reads one value and returns it as the row keeps it, or raises `Bad`; what several values must say together
comes last.
"""

from collections.abc import Callable, Mapping
from datetime import time
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.numbers import get_territory_currencies

from dispatch.models.station import AfterFailure, Demand, Units
from dispatch.services import order_fields
from dispatch.services.countries import region_of
from dispatch.services.order_fields import Bad
from dispatch.services.planning_policy import WEIGHTS, checked_apart, checked_dials
from dispatch.services.speeds import PERIODS, overlap

SECTIONS: dict[str, tuple[str, ...]] = {
    "identity": ("name", "address", "phone", "email", "lat", "lng"),
    "clock": ("time_zone", "currency", "language", "units"),
    "opening": ("open_days", "opens_at", "closes_at"),
    "targets": (
        *("target_on_time_pct", "target_first_attempt_pct"),
        *("target_delivered_pct", "target_stops_per_route"),
    ),
    "policies": (
        *("late_after_min", "silent_after_min", "stopped_after_min", "stop_radius_m"),
        *("service_time_s", "setup_time_s", "loading_time_s", "plan_limit_s"),
        *("photo_proof", "signature_proof", "cost_order_cents", "cost_failed_cents"),
    ),
    "planning": (*WEIGHTS, "co2_kg_cents", "parking_m", "goods_apart", "dials"),
    "speeds": PERIODS,
    "close": ("day_close_at", "auto_close", "after_failure", "max_attempts"),
    "retention": ("keep_positions_days", "keep_proofs_days", "keep_people_days"),
}
FIELDS = tuple(name for names in SECTIONS.values() for name in names)

# field -> least, most
NUMBERS: dict[str, tuple[int, int]] = {
    "target_on_time_pct": (0, 100),
    "target_first_attempt_pct": (0, 100),
    "target_delivered_pct": (0, 100),
    "target_stops_per_route": (1, 1000),
    "late_after_min": (0, 240),
    "silent_after_min": (1, 240),
    "stopped_after_min": (1, 480),
    "stop_radius_m": (10, 2000),
    "service_time_s": (0, 7200),
    "setup_time_s": (0, 7200),
    "loading_time_s": (0, 14_400),
    "plan_limit_s": (1, 120),
    "cost_order_cents": (0, 1_000_000),
    "cost_failed_cents": (0, 1_000_000),
    "max_attempts": (1, 20),
    **dict.fromkeys((*WEIGHTS, "co2_kg_cents"), (0, 1_000_000)),
    "parking_m": (0, 300),
    "keep_positions_days": (1, 3650),
    # A claim is argued, and an order tried again, over some days: less would erase what is still needed.
    "keep_proofs_days": (14, 3650),
    "keep_people_days": (7, 3650),
}
CHOICES: dict[str, type[Any]] = {
    "units": Units,
    "after_failure": AfterFailure,
    "photo_proof": Demand,
    "signature_proof": Demand,
}
SPEED_PERCENT = (10, 200)
MAY_BE_EMPTY = ("target_stops_per_route",)


def checked(name: str, value: Any, time_zone: str) -> Any:
    """One setting as the row keeps it, or `Bad`."""
    if name in NUMBERS:
        return None if value is None and name in MAY_BE_EMPTY else order_fields.integer(value, *NUMBERS[name])
    if name in CHOICES:
        return order_fields.choice(value, CHOICES[name].values)
    if name == "phone":
        return order_fields.phone(value, region_of(time_zone)) if value else ""
    return OTHERS[name](value)


def _name(value: Any) -> str:
    found = order_fields.text(value, 80)
    if not found:
        raise Bad("missing", "The station needs a name.")
    return found


def _email(value: Any) -> str:
    return order_fields.email(value) if value else ""


def _zone(value: Any) -> str:
    if value not in available_timezones():
        raise Bad("bad_time_zone", f"{order_fields.shown(value)} is no time zone; write Europe/Helsinki.")
    return str(value)


@cache
def currencies() -> frozenset[str]:
    """ISO 4217 codes of the money that some country uses now."""
    lands = get_global("territory_currencies")
    return frozenset(code for land in lands for code in get_territory_currencies(land, tender=True))


def _currency(value: Any) -> str:
    found = order_fields.text(value, 10).upper()
    if found not in currencies():
        raise Bad(
            "bad_currency", f"{order_fields.shown(value)} is no currency; write its three letters, EUR."
        )
    return found


def _language(value: Any) -> str:
    found = order_fields.text(value, 8)
    try:
        Locale.parse(found, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise Bad("bad_language", f"{order_fields.shown(value)} is no language; write en or de.") from error
    return found


def _days(value: Any) -> list[int]:
    if not isinstance(value, list | tuple) or not value:
        raise Bad("no_open_day", "At least one weekday must be open.")
    return sorted({order_fields.integer(each, 0, 6) for each in value})


def _clock(value: Any) -> time:
    if isinstance(value, time):
        return value.replace(tzinfo=None)
    try:
        return time.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Bad("bad_time", f"{order_fields.shown(value)} is no time; write HH:MM.") from error


def _period(value: Any) -> list[Any] | None:
    """From, until, three percents, whether on working days only; None where roads are then as free as ever."""
    if not value:
        return None
    if not isinstance(value, list | tuple) or len(value) != 6:
        raise Bad("bad_period", "A time of day has a beginning, an end and three speeds.")
    start, end = (_clock(clock).replace(second=0, microsecond=0) for clock in value[:2])
    if start == end:
        raise Bad("bad_period", "The time of day would end when it begins.")
    speeds = [order_fields.integer(percent, *SPEED_PERCENT) for percent in value[2:5]]
    return [f"{start:%H:%M}", f"{end:%H:%M}", *speeds, _flag(value[5])]


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Bad("bad_choice", "It must be yes or no.")
    return value


OTHERS: dict[str, Callable[[Any], Any]] = {
    "name": _name,
    "address": lambda value: order_fields.text(value, 200),
    "email": _email,
    "lat": lambda value: order_fields.coordinate(value, 90),
    "lng": lambda value: order_fields.coordinate(value, 180),
    "time_zone": _zone,
    "currency": _currency,
    "language": _language,
    "open_days": _days,
    "opens_at": _clock,
    "closes_at": _clock,
    "day_close_at": _clock,
    "auto_close": _flag,
    "dials": checked_dials,
    "goods_apart": checked_apart,
    **dict.fromkeys(PERIODS, _period),
}


def check_together(values: Mapping[str, Any]) -> tuple[str, str] | None:
    """(field, cause) of what settings contradict each other in, else None."""
    if values["closes_at"] <= values["opens_at"]:
        return "closes_at", "The station would close before it opens; the end must be later on the same day."
    if values["day_close_at"] < values["closes_at"]:
        return "day_close_at", "The day would be closed while the station is still open."
    if both := overlap([(name, values[name]) for name in PERIODS]):
        return both[0], "Two times of day overlap: each minute has one speed."
    return None
