"""What a search answers: matches, and a verdict in words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CONFIDENT = 0.7
"""From this confidence on a single match may be taken without asking."""


class Kind(StrEnum):
    """How much of the address was found."""

    EXACT = "exact"
    NEAREST_NUMBER = "nearest_number"
    STREET = "street"


class Verdict(StrEnum):
    """What the search came to: doubtful is a best match below `CONFIDENT`, for a person to confirm."""

    FOUND = "found"
    DOUBTFUL = "doubtful"
    AMBIGUOUS = "ambiguous"
    NOT_IN_CITY = "not_in_city"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Match:
    """One place for an address. lat, lng in degrees; confidence 0..1; metres only from a reverse search."""

    label: str
    street: str
    number: str
    postcode: str
    place: str
    lat: float
    lng: float
    confidence: float
    kind: Kind
    metres: float | None = None


@dataclass(frozen=True)
class Answer:
    """A verdict, the matches best first, and the reason in one sentence."""

    verdict: Verdict
    matches: tuple[Match, ...]
    reason: str

    @property
    def best(self) -> Match | None:
        """The first match, or None."""
        return self.matches[0] if self.matches else None


def label(street: str, number: str, postcode: str, place: str) -> str:
    """``Street 12, 00100 Helsinki``, with what is known."""
    first = f"{street} {number}".strip()
    second = f"{postcode} {place}".strip()
    return f"{first}, {second}" if second else first
