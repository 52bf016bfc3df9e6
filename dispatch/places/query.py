"""Take one written address apart: which words may be street, house number, postcode, place."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from dispatch.places import names, numbers
from dispatch.places.numbers import HouseNumber

LONGEST_TEXT = 300
_TOKEN = re.compile(r"[^\s,]+")
_NUMBER = re.compile(r"^\d{1,5}[^\W\d_]{0,2}([-–—/]\d{1,5}[^\W\d_]{0,2})?$", re.UNICODE)
_LETTER = re.compile(r"^[^\W\d_]$", re.UNICODE)
_POSTCODES = (
    re.compile(r"\b\d{3} \d{2}\b"),
    re.compile(r"\b\d{4} [A-Z]{2}\b"),
    re.compile(r"\b\d{4}-\d{3}\b"),
    re.compile(r"\b\d{2}-\d{3}\b"),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b"),
    re.compile(r"\b\d{4,6}\b"),
)


@dataclass(frozen=True)
class Reading:
    """One way to read the text. street: as written; number: None where none is given."""

    street: str
    number: HouseNumber | None
    rest: str


@dataclass(frozen=True)
class Query:
    """A text taken apart. postcode: "" where none is given; place: what follows street and number."""

    readings: tuple[Reading, ...]
    postcode: str
    place: str


def parse(text: str, postcodes: Container[str] = ()) -> Query:
    """Every plausible reading of the text, likeliest first; no readings where it holds no letters.

    postcodes: those known in the city (without spaces); a known one is recognised in any form.
    """
    clean = " ".join(text[:LONGEST_TEXT].replace(";", ",").replace("\n", ",").split())
    if not any(letter.isalpha() for letter in clean):
        return Query((), "", "")
    parts = [part.strip() for part in clean.split(",") if part.strip()]
    parts, postcode, after = _take_postcode(parts, postcodes)
    if not parts:
        return Query((), postcode, after)
    head, tail = _join_lone_number(parts)
    readings = tuple(_readings(head, tail))
    return Query(readings, postcode, after or _place(tail))


def _take_postcode(parts: list[str], postcodes: Container[str]) -> tuple[list[str], str, str]:
    """Cut the postcode and the words behind it off; it is never the first word of the text."""
    for number in range(len(parts) - 1, -1, -1):
        found = _find_postcode(parts[number], postcodes, first_part=number == 0)
        if found:
            before, code, after = found
            kept = parts[:number] + ([before] if before else [])
            return kept, code, " ".join([after, *parts[number + 1 :]]).strip()
    return parts, "", ""


def _find_postcode(part: str, postcodes: Container[str], *, first_part: bool) -> tuple[str, str, str] | None:
    for pattern in _POSTCODES:
        for match in reversed(list(pattern.finditer(part))):
            before, code, after = part[: match.start()].strip(), match[0], part[match.end() :].strip()
            if first_part and not _can_precede_postcode(before, code, postcodes):
                continue
            return before, squeeze(code), after
    return None


def _can_precede_postcode(before: str, code: str, postcodes: Container[str]) -> bool:
    """In the part with the street a bare number is a postcode only behind a house number, or when known."""
    words = before.split()
    if not words:
        return False
    has_number = any(_NUMBER.match(word) for word in words)
    return has_number or squeeze(code) in postcodes


def squeeze(postcode: str) -> str:
    """A postcode without spaces, in capitals."""
    return postcode.replace(" ", "").upper()


def _join_lone_number(parts: list[str]) -> tuple[str, list[str]]:
    """Put ``Storgatan, 12`` and ``12, rue de la Paix`` together; else the first part stands alone."""
    if len(parts) > 1 and _is_number(parts[0]):
        return f"{parts[0]} {parts[1]}", parts[2:]
    if len(parts) > 1 and _is_number(parts[1]) and not any(map(_is_number, parts[0].split())):
        return f"{parts[0]} {parts[1]}", parts[2:]
    return parts[0], parts[1:]


def _is_number(word: str) -> bool:
    return bool(_NUMBER.match(word))


def _place(tail: list[str]) -> str:
    """The parts that are names; ``3. tv`` and ``Apt 5`` are doors, not places."""
    return " ".join(
        part for part in tail if not any(letter.isdigit() for letter in part) and len(names.key(part)) > 2
    )


def _readings(head: str, tail: list[str]) -> list[Reading]:
    words = _TOKEN.findall(head)
    found: list[Reading] = []
    for spot in reversed(range(len(words))):
        if _is_number(words[spot]):
            found += _around(words, spot)
    found.append(Reading(head, None, ""))
    if tail and any(map(_is_number, tail[0].split())):
        found += [reading for reading in _readings(tail[0], []) if reading.number is not None]
    return [reading for reading in found if names.key(reading.street)]


def _around(words: list[str], spot: int) -> list[Reading]:
    """The number behind its street, and at the front of the text before its street."""
    number = numbers.parse(words[spot])
    behind = spot + 1
    if number and not number.letter and behind < len(words) and _LETTER.match(words[behind]):
        number = HouseNumber(number.low, number.high, words[behind].casefold())
        behind += 1
    found = []
    if spot > 0:
        found.append(Reading(" ".join(words[:spot]), number, " ".join(words[behind:])))
    elif behind < len(words):
        found.append(Reading(" ".join(words[behind:]), number, ""))
        found.append(Reading(" ".join(words[1:]), numbers.parse(words[0]), ""))
    return found
