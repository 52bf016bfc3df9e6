"""Read the SQLite index of a city: read-only, immutable, one connection a thread."""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from dispatch.places.addresses import SCHEMA_VERSION
from dispatch.places.errors import PlacesError
from dispatch.places.streets import StreetName

STREETS_KEPT = 2048
_HOUSES = "SELECT street, label, low, high, letter, postcode, place, lat, lng, rank FROM addresses"


@dataclass(frozen=True)
class House:
    """One numbered place; low is None where the number could not be read as one."""

    street: int
    label: str
    low: int | None
    high: int | None
    letter: str
    postcode: str
    place: str
    lat: float
    lng: float
    rank: int


@dataclass(frozen=True)
class Street:
    """A street with the place that stands for it, in degrees."""

    id: int
    name: str
    lat: float
    lng: float


class ReadOnlyDatabase:
    """An SQLite file that nobody writes; a connection for each thread that asks."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        self._local = threading.local()

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; it closes with the thread."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._uri, uri=True)
            self._local.connection = found
        return found


class AddressIndex:
    """The addresses of one city; raises PlacesError ``no_index`` where the file is not one."""

    def __init__(self, path: Path) -> None:
        self._database = ReadOnlyDatabase(path)
        try:
            version = self._rows("SELECT value FROM meta WHERE key = 'schema'")
        except sqlite3.Error as problem:
            raise PlacesError("no_index", f"{path} is no address index.", "Add the city again.") from problem
        if version != [(str(SCHEMA_VERSION),)]:
            raise PlacesError("old_index", f"{path} has another version.", "Add the city again.")
        self.houses = lru_cache(maxsize=STREETS_KEPT)(self._houses)
        self.streets = {row[0]: Street(*row) for row in self._rows("SELECT id, name, lat, lng FROM streets")}
        self.postcodes = self._words("SELECT DISTINCT postcode FROM addresses WHERE postcode != ''")
        self.places = self._words("SELECT key FROM places")

    def spellings(self) -> list[StreetName]:
        """Every name of every street."""
        rows = self._rows("SELECT street, key, name FROM street_names ORDER BY key, street")
        return [StreetName(*row) for row in rows]

    def _houses(self, street: int) -> tuple[House, ...]:
        """All numbered places of a street, by number, the most trustworthy source of each number first."""
        rows = self._rows(
            _HOUSES + " WHERE street = ? ORDER BY low, letter, rank, id",
            street,
        )
        return tuple(House(*row) for row in rows)

    def in_cells(self, south: int, north: int, west: int, east: int) -> list[House]:
        """Numbered places in a rectangle of cells, edges included."""
        rows = self._rows(
            _HOUSES + " WHERE cell_y BETWEEN ? AND ? AND cell_x BETWEEN ? AND ? ORDER BY rank, id",
            *(south, north, west, east),
        )
        return [House(*row) for row in rows]

    def _words(self, sql: str) -> frozenset[str]:
        return frozenset(str(row[0]) for row in self._rows(sql))

    def _rows(self, sql: str, *values: object) -> list[Any]:
        return self._database.connection().execute(sql, values).fetchall()
