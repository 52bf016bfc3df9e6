"""Choose the house on a street for a number: itself, inside a range, else the nearest on the same side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.places.index import House
from dispatch.places.match import Kind
from dispatch.places.numbers import HouseNumber

SAME_NUMBER = 0.92
IN_RANGE = 0.97
NEAREST = 0.85
PER_NUMBER = 0.01
OTHER_SIDE = 0.1
LEAST = 0.5


@dataclass(frozen=True)
class Choice:
    """A house that may be meant; share is what its number is worth of a full match, 0..1."""

    house: House
    kind: Kind
    share: float


def choose(houses: Sequence[House], wanted: HouseNumber) -> list[Choice]:
    """The houses for a number, best first: all exact ones, else all of that number, else the nearest one."""
    numbered = [house for house in houses if house.low is not None]
    there = [choice for house in numbered if (choice := _same(house, wanted))]
    if there:
        best = max(choice.share for choice in there)
        return [choice for choice in there if choice.share == best]
    return _nearest(numbered, wanted)


def _same(house: House, wanted: HouseNumber) -> Choice | None:
    own = HouseNumber(house.low or 0, house.high or house.low or 0, house.letter)
    if own == wanted:
        return Choice(house, Kind.EXACT, 1.0)
    if own.low == wanted.low and own.letter == wanted.letter:
        return Choice(house, Kind.EXACT, IN_RANGE)
    if own.low == wanted.low:
        return Choice(house, Kind.NEAREST_NUMBER, SAME_NUMBER)
    if own.covers(wanted.low) or wanted.covers(own.low):
        return Choice(house, Kind.EXACT, IN_RANGE - 0.01)
    return None


def _nearest(houses: Iterable[House], wanted: HouseNumber) -> list[Choice]:
    """The closest number, even with even and odd with odd where the street has both."""
    choices = [Choice(house, Kind.NEAREST_NUMBER, _worth(house, wanted.low)) for house in houses]
    return (
        [max(choices, key=lambda choice: (choice.share, -_gap(choice.house, wanted.low)))] if choices else []
    )


def _gap(house: House, number: int) -> int:
    low, high = house.low or 0, house.high or house.low or 0
    return max(low - number, number - high, 0)


def _worth(house: House, number: int) -> float:
    other_side = ((house.low or 0) - number) % 2 == 1
    worth = NEAREST - PER_NUMBER * _gap(house, number) - (OTHER_SIDE if other_side else 0.0)
    return max(LEAST - (OTHER_SIDE if other_side else 0.0), worth)
