"""Reading single values of an order as people and programs write them; pure.

Each reader returns the value in the row's own units or raises `Bad` with a code and a cause in words.
"""

import math
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers

INTEGER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,]0{1,6})?")
DECIMAL = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,12})?")
QUANTITY = re.compile(r"([+-]?[0-9.,]+)\s*([a-zA-Z0-9³]+)")
PHONE = re.compile(r"[0-9+()\s./\u00a0-]{4,30}")
EMAIL = re.compile(r"[^\s@<>\"',;]{1,64}@[^\s@<>\"',;]{1,180}\.[^\s@<>\"',;]{2,}")
SKILL = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}")
CLOCK = re.compile(r"([0-9]{1,2})[:.]([0-9]{2})(?::00)?")
DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?")
DOTTED_DAY = re.compile(r"([0-9]{1,2})\.\s?([0-9]{1,2})\.\s?([0-9]{4})")
INVISIBLE = {
    *"\u200b\u200e\u200f\u2060\ufeff",
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2066, 0x206A)),
}
MAX_SKILLS = 10
PER_UNIT = {
    "g": 1.0,
    "kg": 1000.0,
    "cm3": 1.0,
    "cm³": 1.0,
    "l": 1000.0,
    "m3": 1_000_000.0,
    "m³": 1_000_000.0,
}


class Bad(ValueError):
    """A value that cannot be taken: `code` for programs, `cause` for people."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code
        self.cause = cause


def clean(value: str) -> str:
    """Text without control characters, invisible direction marks and half characters; spaces single."""
    if value.isprintable():
        return " ".join(unicodedata.normalize("NFC", value).split())
    kept = (" " if c in "\t\n\r\v\f\x85\u2028\u2029" else c for c in value if not _hidden(c))
    return " ".join(unicodedata.normalize("NFC", "".join(kept)).split())


def _hidden(char: str) -> bool:
    if char in "\t\n\r\v\f\x85":
        return False
    return char in INVISIBLE or unicodedata.category(char) in ("Cc", "Cs")


def shown(value: object) -> str:
    """A value as an error message quotes it: short and harmless."""
    text = clean(value) if isinstance(value, str) else type(value).__name__ if _huge(value) else str(value)
    return f"“{text[:40]}…”" if len(text) > 40 else f"“{text}”"


def _huge(value: object) -> bool:
    # Thousands of digits raise when turned into text; a list or object may be as long as the request.
    return (isinstance(value, int) and abs(value) >= 10**18) or not isinstance(
        value, int | float | bool | None
    )


def text(value: object, limit: int) -> str:
    """Cleaned text of at most `limit` characters; whole numbers count as their digits."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        value = str(value)
    if not isinstance(value, str):
        raise Bad("not_text", f"It must be text; it is {shown(value)}.")
    found = clean(value)
    if "\ufffd" in found:
        raise Bad("unreadable", "It holds characters that could not be read; check the encoding of the file.")
    if len(found) > limit:
        raise Bad("too_long", f"It has {len(found)} characters; {limit} is the limit.")
    return found


def number(value: object) -> float:
    """A finite number; text may use a decimal comma or point, without thousands separators."""
    if isinstance(value, str):
        found = clean(value)
        if not DECIMAL.fullmatch(found):
            raise Bad("not_a_number", f"{shown(value)} is not a plain number like 12.5 or 12,5.")
        return float(found.replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Bad("not_a_number", f"It must be a number; it is {shown(value)}.")
    if abs(value) > 1e15 or not math.isfinite(value):
        raise Bad("not_a_number", "It is not a finite number of a reasonable size.")
    return float(value)


def integer(value: object, low: int, high: int) -> int:
    """A whole number between the limits."""
    if isinstance(value, str) and not INTEGER.fullmatch(clean(value)):
        raise Bad("not_a_number", f"{shown(value)} is not a whole number.")
    found = number(value)
    if not found.is_integer():
        raise Bad("not_a_number", f"{shown(value)} is not a whole number.")
    if not low <= found <= high:
        raise Bad("out_of_range", f"It must be between {low} and {high}; it is {shown(value)}.")
    return int(found)


def scaled(value: object, factor: float, high: int) -> int:
    """A number times `factor`, rounded to a whole number from 0 to `high`."""
    found = round(number(value) * factor)
    if not 0 <= found <= high:
        raise Bad("out_of_range", f"It must be between 0 and {high / factor:g}; it is {shown(value)}.")
    return found


def quantity(value: object, units: Iterable[str], high: int) -> int:
    """Text with its unit, like "1,5 kg": a bare number could mean anything and is refused."""
    match = QUANTITY.fullmatch(clean(value)) if isinstance(value, str) else None
    unit = match[2].lower() if match else ""
    if match is None or unit not in units:
        raise Bad("unit_missing", f"{shown(value)} needs one of the units {', '.join(units)} behind it.")
    return scaled(match[1], PER_UNIT[unit], high)


def coordinate(value: object, limit: float) -> float:
    """Degrees, at most `limit` either way."""
    found = number(value)
    if abs(found) > limit:
        raise Bad("bad_place", f"It must be between -{limit:g} and {limit:g} degrees; it is {shown(value)}.")
    return found


def phone(value: object, region: str | None) -> str:
    """E.164. National numbers are read as the station's country writes them; `region` None refuses them."""
    found = text(value, 60)
    if not PHONE.fullmatch(found):
        raise Bad("bad_phone", f"{shown(found)} is no phone number; digits, spaces and + are allowed.")
    try:
        parsed = phonenumbers.parse(found, region)
    except phonenumbers.NumberParseException as error:
        if region:
            raise Bad("bad_phone", f"{shown(found)} is no phone number.") from error
        words = f"{shown(found)} is no phone number. Write it with + and the country code."
        raise Bad("bad_phone", words) from error
    if not phonenumbers.is_possible_number(parsed):
        raise Bad("bad_phone", f"{shown(found)} is too short or too long for a phone number.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def email(value: object) -> str:
    found = text(value, 254)
    if not EMAIL.fullmatch(found):
        raise Bad("bad_email", f"{shown(found)} is no e-mail address.")
    return found


def skills(value: object) -> tuple[str, ...]:
    """Words like chilled or lift: a list, or text with commas, semicolons, bars or spaces between."""
    words = re.split(r"[,;|\s]+", clean(value)) if isinstance(value, str) else value
    if not isinstance(words, list | tuple):
        raise Bad("bad_skill", "Skills must be a list of words.")
    found = {word.strip().lower() if isinstance(word, str) else "?" for word in words if word != ""}
    wrong = sorted(word for word in found if not SKILL.fullmatch(word))
    if wrong:
        raise Bad("bad_skill", f"{shown(wrong[0])} is no skill: use letters, digits, - and _, at most 30.")
    if len(found) > MAX_SKILLS:
        raise Bad("bad_skill", f"An order may need at most {MAX_SKILLS} skills.")
    return tuple(sorted(found))


def choice(value: object, choices: Iterable[str]) -> str:
    found = text(value, 40).lower()
    if found not in choices:
        raise Bad("bad_choice", f"{shown(value)} is none of {', '.join(choices)}.")
    return found


def day(value: object) -> date:
    """YYYY-MM-DD or DD.MM.YYYY; slashes are refused, for half the world reads them the other way."""
    found = clean(value) if isinstance(value, str) else ""
    iso, dotted = DAY.fullmatch(found), DOTTED_DAY.fullmatch(found)
    parts = (
        [int(p) for p in iso.groups()] if iso else [int(p) for p in dotted.groups()[::-1]] if dotted else []
    )
    try:
        year, month, number = parts
        read = date(year, month, number)
    except ValueError as error:
        raise Bad("bad_day", f"{shown(value)} is no day; write YYYY-MM-DD or DD.MM.YYYY.") from error
    if not 2000 <= read.year <= 2100:
        raise Bad("bad_day", f"{shown(value)} is not between the years 2000 and 2100.")
    return read


def moment(value: object, on: date, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """HH:MM on a day of the station's zone, or ISO 8601 (without offset: in that zone), in UTC.

    A time that the clocks skip is refused; one that comes twice is the first, or the last where `last`.
    """
    found = clean(value) if isinstance(value, str) else ""
    clock = CLOCK.fullmatch(found)
    try:
        local = _clock(clock, on) if clock else datetime.fromisoformat(found)
        if local.tzinfo is not None:
            return local.astimezone(UTC)
        aware = local.replace(tzinfo=zone, fold=int(last))
        at = aware.astimezone(UTC)
        back = at.astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise Bad("bad_time", f"{shown(value)} is no time; write HH:MM or 2026-05-04T09:30.") from error
    if back != local:
        raise Bad("no_such_time", f"{shown(value)} does not exist on that day: the clocks skip it.")
    return at


def _clock(match: re.Match[str], on: date) -> datetime:
    hour, minute = int(match[1]), int(match[2])
    if (hour, minute) == (24, 0):
        return datetime.combine(on, time()) + timedelta(days=1)
    return datetime.combine(on, time(hour, minute))
