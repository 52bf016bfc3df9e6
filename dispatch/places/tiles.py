"""Read single vector tiles out of a file of tiles (MBTiles), as they were stored: compressed with gzip."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from dispatch.places.errors import PlacesError
from dispatch.places.index import ReadOnlyDatabase


class TileStore:
    """The tiles of one build of a city; threads may share it. Raises PlacesError ``no_tiles_file``."""

    def __init__(self, path: Path) -> None:
        self._database = ReadOnlyDatabase(path)
        try:
            self._read(0, 0, 0)
        except sqlite3.Error as problem:
            raise PlacesError("no_tiles_file", f"{path} holds no tiles.", "Add the city again.") from problem

    def tile(self, z: int, x: int, y: int) -> bytes | None:
        """The gzip bytes of a tile in the usual scheme (y grows to the south); None where it is empty."""
        if not (0 <= z <= 30 and 0 <= x < 1 << z and 0 <= y < 1 << z):
            return None
        return self._read(z, x, (1 << z) - 1 - y)

    def _read(self, z: int, x: int, row: int) -> bytes | None:
        found = self._database.connection().execute(
            "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            (z, x, row),
        )
        first = found.fetchone()
        return bytes(first[0]) if first else None
