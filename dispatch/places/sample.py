"""Draw addresses out of a city's index: where a made-up day of deliveries goes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dispatch.places.errors import PlacesError
from dispatch.places.index import ReadOnlyDatabase

# The most trustworthy source of each number of a street comes first and stands for it.
DOORS = """
SELECT s.name, a.label, a.postcode, a.place, a.lat, a.lng, a.street FROM addresses a
JOIN streets s ON s.id = a.street WHERE a.low IS NOT NULL ORDER BY a.street, a.label, a.rank, a.id
"""


@dataclass(frozen=True, slots=True)
class Door:
    """One numbered address in degrees; a missing postcode or place is taken from the number before it."""

    street: str
    number: str
    postcode: str
    place: str
    lat: float
    lng: float

    @property
    def address(self) -> str:
        """Street and number."""
        return f"{self.street} {self.number}"


def doors(path: Path) -> list[Door]:
    """Every numbered address of the index once, always in the same order.

    Raises PlacesError ``no_index`` where the file is not one, ``no_addresses`` where it is empty.
    """
    try:
        rows = ReadOnlyDatabase(path).connection().execute(DOORS).fetchall()
    except sqlite3.Error as problem:
        raise PlacesError("no_index", f"{path} is no address index.", "Add the city again.") from problem
    if not rows:
        action = "Use an extract of a place with addresses."
        raise PlacesError("no_addresses", "The city has no numbered addresses.", action)
    found: list[Door] = []
    seen: set[tuple[int, str]] = set()
    near: dict[int, tuple[str, str]] = {}  # postcode and town of the number before, for one that has none
    for name, label, postcode, place, lat, lng, street_id in rows:
        before = near.get(street_id, ("", ""))
        town = place if not place.isdigit() else ""  # some mappers write the number twice
        near[street_id] = (postcode or before[0], town or before[1])
        if (street_id, label) not in seen:
            seen.add((street_id, label))
            found.append(Door(name, label, *near[street_id], lat, lng))
    return found


def draw(every: list[Door], seed: str) -> Iterator[Door]:
    """The doors in an order given by the seed, each once before any comes again; endless."""
    dice = random.Random(seed)  # noqa: S311 - a made-up day, not a secret
    while True:
        yield from dice.sample(every, len(every))
