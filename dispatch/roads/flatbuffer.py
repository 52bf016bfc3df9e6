"""Just enough of the FlatBuffers format to read OSRM's table answer straight into numpy.

Format: https://flatbuffers.dev/internals/. Schema: `FBResult`, `Table` and `Waypoint` of osrm-backend
(field numbers below). Offsets are checked by the slices' lengths; damage raises `ValueError`.
"""

import struct
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from dispatch.roads.base import Floats

RESULT_ERROR: Final = 0
RESULT_CODE: Final = 1
RESULT_WAYPOINTS: Final = 3
RESULT_TABLE: Final = 5
TABLE_DURATIONS: Final = 0
TABLE_DISTANCES: Final = 3
TABLE_DESTINATIONS: Final = 4
TABLE_FALLBACK_CELLS: Final = 5
WAYPOINT_DISTANCE: Final = 1
ERROR_MESSAGE: Final = 1


class Table:
    """A FlatBuffers table: fields by number."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position
        self._fields = position - self._read("<i", position)
        self._fields_size = self._read("<H", self._fields)

    @classmethod
    def root(cls, data: bytes) -> Self:
        """The table that the whole buffer holds."""
        if len(data) < 8:
            raise ValueError("not a FlatBuffers answer: too short")
        return cls(data, struct.unpack_from("<I", data, 0)[0])

    def flag(self, field: int) -> bool:
        """A boolean; false where absent."""
        place = self._place(field)
        return bool(place and self._data[place])

    def number(self, field: int) -> float:
        """A float32; 0 where absent."""
        place = self._place(field)
        return float(self._read("<f", place)) if place else 0.0

    def table(self, field: int) -> "Table | None":
        """A table within this one."""
        place = self._place(field)
        return Table(self._data, self._follow(place)) if place else None

    def text(self, field: int) -> str:
        """A string; "" where absent."""
        return self.vector(field, np.dtype(np.uint8)).tobytes().decode("utf-8", "replace")

    def vector[T: np.generic](self, field: int, dtype: np.dtype[T]) -> npt.NDArray[T]:
        """A vector of numbers, as a view of the buffer; empty where absent."""
        place = self._place(field)
        if not place:
            return np.empty(0, dtype)
        start = self._follow(place)
        return np.frombuffer(self._data, dtype, self._read("<I", start), start + 4)

    def tables(self, field: int) -> "list[Table]":
        """A vector of tables; empty where absent."""
        offsets = self.vector(field, np.dtype("<u4"))
        place = self._place(field)
        start = self._follow(place) + 4 if place else 0
        return [Table(self._data, start + 4 * at + int(offset)) for at, offset in enumerate(offsets)]

    def _place(self, field: int) -> int:
        entry = 4 + 2 * field
        if entry >= self._fields_size:
            return 0
        offset = self._read("<H", self._fields + entry)
        return self._position + offset if offset else 0

    def _follow(self, place: int) -> int:
        return place + int(self._read("<I", place))

    def _read(self, form: str, place: int) -> int:
        try:
            value: int = struct.unpack_from(form, self._data, place)[0]
        except struct.error as error:
            raise ValueError(f"damaged FlatBuffers answer: {error}") from error
        return value


def snaps(waypoints: list[Table]) -> Floats:
    """Metres from each asked point to the road used for it."""
    return np.array([waypoint.number(WAYPOINT_DISTANCE) for waypoint in waypoints], np.float64)
