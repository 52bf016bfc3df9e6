"""Units, everywhere in this package: **seconds** since the start of the station's day (a shift over midnight
simply runs past 86,400), **metres**, **cents**, **watt-hours**. Ids are strings. A *place* is a row number of
the matrices.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

UNREACHABLE = int(np.iinfo(np.int32).max)
"""The matrix entry that says: there is no way from here to there."""

NEVER = 10**9
"""A time after every possible time, for "no limit"."""

type IntMatrix = NDArray[np.int32]


class Window(NamedTuple):
    """A closed span of time: both ends belong to it. Seconds."""

    start: int
    end: int


ALWAYS = Window(0, NEVER)
