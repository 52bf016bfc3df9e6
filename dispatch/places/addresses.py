"""Collect addresses and street names from an extract and write them as one read-only SQLite index."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from dispatch.places import names, numbers
from dispatch.places.extract import ROAD_CLASSES, Progress, Ring, Tags
from dispatch.places.geometry import Point, middle

SCHEMA_VERSION = 1
CELLS_PER_DEGREE = 500
"""The reverse search looks things up by square cells of 1/500 degree (222 m from south to north)."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE streets (id INTEGER PRIMARY KEY, name TEXT NOT NULL, lat REAL NOT NULL, lng REAL NOT NULL,
    addresses INTEGER NOT NULL);
CREATE TABLE places (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE street_names (key TEXT NOT NULL, name TEXT NOT NULL, street INTEGER NOT NULL REFERENCES streets);
CREATE TABLE addresses (id INTEGER PRIMARY KEY, street INTEGER NOT NULL REFERENCES streets,
    label TEXT NOT NULL, low INTEGER, high INTEGER, letter TEXT NOT NULL, postcode TEXT NOT NULL,
    place TEXT NOT NULL, lat REAL NOT NULL, lng REAL NOT NULL, rank INTEGER NOT NULL,
    cell_y INTEGER NOT NULL, cell_x INTEGER NOT NULL);
"""
INDEXES = """
CREATE INDEX addresses_street ON addresses (street, low);
CREATE INDEX addresses_cell ON addresses (cell_y, cell_x);
"""
_PLACES = "city town village hamlet suburb quarter neighbourhood borough municipality island "
PLACES = frozenset(_PLACES.split())
ALIAS_KEYS = ("alt_name", "old_name", "official_name", "short_name", "loc_name")


@dataclass(frozen=True)
class Address:
    """One numbered thing of the extract. rank: 0 an address point, 1 a building, 2 a shop or the like."""

    street: str
    number: str
    postcode: str
    place: str
    point: Point
    rank: int


@dataclass
class AddressCollector:
    """A consumer of `extract.read` that keeps addresses and the names of streets."""

    addresses: list[Address] = field(default_factory=list)
    nameless: int = 0
    aliases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    street_points: dict[str, Point] = field(default_factory=dict)
    places: set[str] = field(default_factory=set)

    def node(self, tags: Tags, point: Point) -> None:
        """Keep an address node, and the names of a place."""
        if tags.get("place") in PLACES:
            self.places |= {
                value for tag, value in tags.items() if tag.split(":")[0] == "name" or tag in ALIAS_KEYS
            }
        if "addr:housenumber" in tags:
            plain = all(key.startswith(("addr:", "entrance", "source", "osak:")) for key in tags)
            self._keep(tags, point, 0 if plain else 2)

    def way(self, tags: Tags, refs: list[int], points: list[Point], closed: bool) -> None:
        """Keep a numbered building at its centre, and the names of a street."""
        if "addr:housenumber" in tags:
            self._keep(tags, middle(points) if closed and len(points) > 3 else points[len(points) // 2], 1)
        if tags.get("highway") in ROAD_CLASSES and "name" in tags:
            self._street(tags, points[len(points) // 2])

    def area(self, tags: Tags, rings: list[Ring], from_relation: bool) -> None:
        """Keep a numbered multipolygon; closed ways have come as ways already."""
        if from_relation and "addr:housenumber" in tags:
            self._keep(tags, middle(rings[0].outer), 1)

    def _keep(self, tags: Tags, point: Point, rank: int) -> None:
        street = tags.get("addr:street") or tags.get("addr:place") or tags.get("addr:hamlet") or ""
        if not names.key(street):
            self.nameless += 1
            return
        place = tags.get("addr:city") or tags.get("addr:suburb") or ""
        number = tags["addr:housenumber"].strip()
        self.addresses.append(
            Address(street.strip(), number, tags.get("addr:postcode", "").strip(), place, point, rank)
        )

    def _street(self, tags: Tags, point: Point) -> None:
        name = tags["name"]
        self.street_points.setdefault(name, point)
        for tag, value in tags.items():
            if tag in ALIAS_KEYS or tag.startswith("name:"):
                self.aliases[name].update(part.strip() for part in value.split(";"))


@dataclass(frozen=True)
class IndexSummary:
    """addresses and streets written; nameless: numbered things left out because no street is given."""

    addresses: int
    streets: int
    nameless: int


def write_index(
    found: AddressCollector, target: Path, progress: Progress = lambda share: None
) -> IndexSummary:
    """Write the SQLite index of a city; the file must not exist yet."""
    streets = _group(found)
    connection = sqlite3.connect(target)
    try:
        connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;" + SCHEMA)
        written = 0
        for done, (street_id, street) in enumerate(enumerate(streets.values(), start=1), start=1):
            written += _write_street(connection, street_id, street)
            if done % 100 == 0:
                progress(done / len(streets))
        connection.executemany(
            "INSERT INTO places VALUES (?)", [(folded,) for folded in sorted(_places(found))]
        )
        connection.execute("INSERT INTO meta VALUES ('schema', ?)", (str(SCHEMA_VERSION),))
        connection.executescript(INDEXES + "ANALYZE;")
        connection.commit()
    finally:
        connection.close()
    progress(1.0)
    return IndexSummary(written, len(streets), found.nameless)


def _places(found: AddressCollector) -> set[str]:
    written = {address.place for address in found.addresses}
    return {folded for place in written | found.places if len(folded := names.key(place)) > 2}


@dataclass
class _Street:
    names: Counter[str] = field(default_factory=Counter)
    aliases: set[str] = field(default_factory=set)
    addresses: list[Address] = field(default_factory=list)
    point: Point | None = None


def _group(found: AddressCollector) -> dict[str, _Street]:
    """Streets by folded name: spelling differences of one street fall together."""
    streets: dict[str, _Street] = defaultdict(_Street)
    for address in found.addresses:
        street = streets[names.key(address.street)]
        street.names[address.street] += 1
        street.addresses.append(address)
    for name, point in found.street_points.items():
        if folded := names.key(name):
            street = streets[folded]
            street.names[name] += 1
            street.point = street.point or point
            street.aliases |= found.aliases.get(name, set())
    return streets


def _write_street(connection: sqlite3.Connection, street_id: int, street: _Street) -> int:
    name = street.names.most_common(1)[0][0]
    lng, lat = _street_point(street)
    connection.execute(
        "INSERT INTO streets VALUES (?, ?, ?, ?, ?)", (street_id, name, lat, lng, len(street.addresses))
    )
    by_key = {names.key(spelling): spelling for spelling in (*sorted(street.aliases), name)}
    connection.executemany(
        "INSERT INTO street_names VALUES (?, ?, ?)",
        [(folded, spelling, street_id) for folded, spelling in by_key.items() if folded],
    )
    rows = [row for address in street.addresses for row in _rows(street_id, address)]
    connection.executemany(
        "INSERT INTO addresses"
        " (street, label, low, high, letter, postcode, place, lat, lng, rank, cell_y, cell_x)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    return len(street.addresses)


def _street_point(street: _Street) -> Point:
    """The address in the middle, else the point of the street's own way."""
    points = sorted(address.point for address in street.addresses) or [street.point or (0.0, 0.0)]
    return points[len(points) // 2]


def _rows(street_id: int, address: Address) -> Iterable[tuple[object, ...]]:
    """One row a house; a number that cannot be read keeps its label and is found by reverse search only."""
    lng, lat = address.point
    tail = (address.postcode, address.place, lat, lng, address.rank, *cell(lat, lng))
    houses = numbers.parse_tag(address.number)
    if not houses:
        return [(street_id, address.number, None, None, "", *tail)]
    return [(street_id, address.number, house.low, house.high, house.letter, *tail) for house in houses]


def cell(lat: float, lng: float) -> tuple[int, int]:
    """The (y, x) cell of a place for the reverse search."""
    return int(lat * CELLS_PER_DEGREE // 1), int(lng * CELLS_PER_DEGREE // 1)
