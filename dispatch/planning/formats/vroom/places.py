"""Locations, indexes and matrices: which row of the tables a place is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...model import NEVER, UNREACHABLE, IntMatrix
from ..errors import FormatError
from .fields import Fields, finite, whole, wrong
from .request import Spot, Streets, Tables

MAX_PLACES = 5000
MAX_ENTRY = 2**32 - 1
ANY = ""
"""The profile whose matrix is everybody's: the old ``matrix`` key."""


class Atlas:
    """Hands out rows to places: the stated indexes where a matrix is given, else one per coordinates."""

    def __init__(self, root: Fields) -> None:
        self.given = given_tables(root)
        self.size = next((len(t.durations) for t in self.given.values()), 0)
        self.coordinates: dict[tuple[float, float], int] = {}

    def spot(self, fields: Fields, location_key: str, index_key: str) -> Spot | None:
        """The place stated by these keys; ``None`` where neither is there."""
        location = _location(fields, location_key)
        if self.given:
            if not fields.has(index_key):
                if location is None:
                    return None
                path = fields.at(index_key)
                raise wrong(
                    path, "is missing, and a matrix is given", "Give its row.", "location_index_missing"
                )
            index = whole(fields.data[index_key], fields.at(index_key), high=MAX_ENTRY)
            if index >= self.size:
                cause = f"is {index}, the matrices have {self.size} rows"
                raise wrong(fields.at(index_key), cause, "Give a row from 0 on.", "location_index_unknown")
            return Spot(index, location, index)
        if location is None:
            if fields.has(index_key):
                cause = "is missing, and no matrix is given"
                raise wrong(
                    fields.at(location_key), cause, "Give [lon, lat], or matrices.", "location_missing"
                )
            return None
        row = self.coordinates.setdefault(location, len(self.coordinates))
        if row >= MAX_PLACES:
            raise FormatError(
                "too_many_places",
                f"There are more than {MAX_PLACES} different places.",
                "Send fewer at once.",
            )
        return Spot(row, location)

    def tables(self, profiles: Iterable[str], streets: Streets) -> dict[str, Tables]:
        """The tables of every profile in use. Raises ``matrix_missing``."""
        found: dict[str, Tables] = {}
        for profile in sorted(set(profiles)):
            if not self.given:
                found[profile] = Tables(*streets.matrix(self.points(), profile))
            elif profile in self.given or ANY in self.given:
                found[profile] = self.given.get(profile) or self.given[ANY]
            else:
                names = ", ".join(repr(name) for name in sorted(self.given))
                raise FormatError(
                    "matrix_missing",
                    f"There is no matrix for profile {profile!a}, only for {names}.",
                    "Add one, or change the vehicle's profile.",
                )
        return found

    def points(self) -> NDArray[np.float64]:
        """Latitude and longitude of every row; only where places came as coordinates."""
        lonlat = np.array(list(self.coordinates), dtype=np.float64).reshape(-1, 2)
        return lonlat[:, ::-1].copy()


def _location(fields: Fields, key: str) -> tuple[float, float] | None:
    if not fields.has(key):
        return None
    pair, path = fields.items(key), fields.at(key)
    if len(pair) != 2:
        raise wrong(path, "is no pair", "Give [longitude, latitude].", "location_invalid")
    lon, lat = finite(pair[0], f"{path}[0]"), finite(pair[1], f"{path}[1]")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        cause = f"is {lon}, {lat}, which is nowhere on earth"
        raise wrong(path, cause, "Give [longitude, latitude] in degrees.", "location_invalid")
    return lon, lat


def given_tables(root: Fields) -> dict[str, Tables]:
    """The matrices of a request, all of one size."""
    tables: dict[str, Tables] = {}
    if root.has("matrix"):
        tables[ANY] = Tables(table(root.data["matrix"], "matrix", roads=True))
    matrices = root.child("matrices")
    for profile in matrices.data:
        fields = matrices.child(profile)
        if not fields.has("durations"):
            raise wrong(fields.at("durations"), "is missing", "Add it.", "missing")
        names = ("durations", "distances", "costs")
        read = {
            name: table(fields.data[name], fields.at(name), roads=name != "costs")
            for name in names
            if fields.has(name)
        }
        tables[profile] = Tables(read["durations"], read.get("distances"), read.get("costs"))
    sizes = {
        len(t)
        for tables_ in tables.values()
        for t in (tables_.durations, tables_.distances, tables_.costs)
        if t is not None
    }
    if len(sizes) > 1:
        raise FormatError(
            "matrix_sizes_differ",
            f"The matrices have different sizes: {', '.join(map(str, sorted(sizes)))}.",
            "Compute all of them for the same list of places.",
        )
    return tables


def table(value: Any, path: str, *, roads: bool) -> IntMatrix:
    """A square int32 table. Entries of 10^9 and more mean that there is no way."""
    rows = value if isinstance(value, list) else None
    size = len(rows) if rows else 0
    if not rows or any(not isinstance(row, list) or len(row) != size for row in rows):
        raise wrong(path, "is no square list of lists", "Give n rows of n numbers.", "matrix_shape")
    if size > MAX_PLACES:
        raise wrong(path, f"has {size} rows", f"Send at most {MAX_PLACES}.", "too_many_places")
    try:
        numbers = np.array(rows)
    except (ValueError, OverflowError):
        numbers = np.array(rows, dtype=object)
    if numbers.dtype.kind == "f" and bool(np.isfinite(numbers).all()) and bool((numbers % 1 == 0).all()):
        numbers = np.clip(numbers, -1, 2.0**33).astype(np.int64)
    mixed = any(isinstance(cell, bool) for row in rows for cell in row)
    if numbers.dtype.kind not in "iu" or numbers.ndim != 2 or mixed:
        raise _entry(rows, path)
    if int(numbers.min()) < 0 or int(numbers.max()) > MAX_ENTRY:
        raise _entry(rows, path)
    no_way = UNREACHABLE if roads else NEVER
    return np.where(numbers >= NEVER, no_way, numbers).astype(np.int32)


def _entry(rows: list[list[Any]], path: str) -> FormatError:
    """The first entry that is no good."""
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            try:
                whole(cell, f"{path}[{i}][{j}]", high=MAX_ENTRY)
            except FormatError as error:
                return error
    return wrong(path, "holds something that is no number", "Give whole numbers.", "not_a_whole_number")
