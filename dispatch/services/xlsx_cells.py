"""What a number in a workbook's cell says as text: days, times, percentages and plain numbers; pure."""

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook's days have no zone
EPOCH_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
LEAP_BUG = 60  # 1900 had no 29 February, but day 60 of the 1900 system is it
DAY_S = 86_400
MAX_DAYS = 73_050  # the year 2100
ZEROS = re.compile(r"0{2,20}")
NO_DAY_FORMATS = range(27, 37)  # of East Asian Excel: dates, though openpyxl does not list them


class As(StrEnum):
    """How a style shows a number."""

    NUMBER = "number"
    MOMENT = "moment"
    DURATION = "duration"
    PERCENT = "percent"
    PADDED = "padded"


@dataclass(frozen=True, slots=True)
class Kind:
    """How a style shows a number; `digits` for those padded with zeros, like postcodes."""

    shown: As = As.NUMBER
    digits: int = 0


PLAIN = Kind()


class BadCell(ValueError):
    """A number that cannot be shown: no such day, no number."""


def kind_of(format_id: str, formats: dict[str | None, str]) -> Kind:
    """The kind of a number format, given by its id and the workbook's own formats."""
    number = int(format_id) if format_id.isdecimal() and len(format_id) < 6 else 0
    code = formats.get(format_id) or BUILTIN_FORMATS.get(number, "General")
    if code.strip().lower() == "general":
        return Kind(As.MOMENT) if number in NO_DAY_FORMATS else PLAIN
    if is_timedelta_format(code):
        return Kind(As.DURATION)
    if is_date_format(code):
        return Kind(As.MOMENT)
    if "%" in code:
        return Kind(As.PERCENT)
    return Kind(As.PADDED, len(code)) if ZEROS.fullmatch(code) else PLAIN


def number_text(raw: str, kind: Kind, *, epoch_1904: bool) -> str:
    """A number as a person would type it: 40123 without ".0", 0.375 as 09:00 where its style shows a time.

    Raises BadCell for what is no finite number or no day of the calendar.
    """
    try:
        value = float(raw)
    except ValueError as error:
        raise BadCell("no number") from error
    if not math.isfinite(value):
        raise BadCell("no finite number")
    if kind.shown == As.MOMENT:
        return _moment(value, epoch_1904)
    if kind.shown == As.DURATION:
        return _clock(round(value * DAY_S))
    if kind.shown == As.PERCENT:
        return f"{plain(value * 100)} %"
    return plain(value).zfill(kind.digits) if kind.shown == As.PADDED else plain(value)


def plain(value: float) -> str:
    """The 15 digits that Excel keeps, without exponent: 0.1 + 0.2 is 0.3, a phone number has all its digits."""
    if abs(value) > 1e30:
        return repr(value)
    text = format(Decimal(format(value, ".15g")), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _moment(value: float, epoch_1904: bool) -> str:
    seconds = round(value * DAY_S)
    days, rest = divmod(seconds, DAY_S)
    if not 0 <= days <= MAX_DAYS or (days == LEAP_BUG and not epoch_1904):
        raise BadCell("no such day")
    if days == 0:
        return _clock(rest)
    if days < LEAP_BUG and not epoch_1904:
        days += 1
    at = (EPOCH_1904 if epoch_1904 else EPOCH_1900) + timedelta(days=days, seconds=rest)
    if not rest:
        return at.date().isoformat()
    return at.isoformat(timespec="seconds" if rest % 60 else "minutes")


def _clock(seconds: int) -> str:
    if not 0 <= seconds < 1000 * 3600:
        raise BadCell("no time of a day")
    minutes, second = divmod(seconds, 60)
    text = f"{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{second:02}" if second else text
