"""House numbers: ``12``, ``12 A``, ``12-14``, ``25;27``."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PART = re.compile(r"^\s*(\d{1,5})\s*([^\W\d_]{0,2})\b", re.UNICODE)
_RANGE = re.compile(r"^\s*(\d{1,5})\s*([^\W\d_]{0,2})\s*[-–—/]\s*(\d{1,5})\s*([^\W\d_]{0,2})", re.UNICODE)
_WHOLE = re.compile(r"\s*\d{1,5}\s*[^\W\d_]{0,2}(?:\s*[-–—/]\s*\d{1,5}\s*[^\W\d_]{0,2})?\s*", re.UNICODE)
_WIDEST_RANGE = 100


@dataclass(frozen=True)
class HouseNumber:
    """low..high with a letter on the low end; high == low where it is one house."""

    low: int
    high: int
    letter: str

    def covers(self, number: int) -> bool:
        """True where the number is inside the range, on the same side of the street."""
        return self.low <= number <= self.high and (number - self.low) % 2 in (0, (self.high - self.low) % 2)


def parse(text: str) -> HouseNumber | None:
    """The first number in the text, or None where it does not begin with one."""
    span = _RANGE.match(text)
    if span and 0 < int(span[3]) - int(span[1]) <= _WIDEST_RANGE:
        return HouseNumber(int(span[1]), int(span[3]), span[2].casefold())
    part = _PART.match(text)
    if part is None:
        return None
    number = int(part[1])
    return HouseNumber(number, number, part[2].casefold())


def parse_tag(text: str) -> list[HouseNumber]:
    """Every number in an ``addr:housenumber`` tag; ``25;27`` and ``25,27`` are two houses, ``8, 2nd floor`` is one."""
    first, *more = re.split(r"[;,]", text)
    found = [parse(first), *(parse(part) for part in more if _WHOLE.fullmatch(part))]
    return [number for number in found if number is not None]
