"""How much of a way lies on main roads, on through roads, on local streets: what a speed by time of day acts upon.

A profile's dataset has two companions with the same ways and preferences, in which one class of road takes `SLOWED`
times as long. The seconds of a way in such a companion, less the plain ones, are `SLOWED - 1` times its seconds on
that class. So three tables answer every period and every factor, and a factor that is changed needs no dataset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from dispatch.roads.base import UNREACHABLE, Float32s, Int32s

SLOWED: Final = 4
"""As in motor.lua."""

TYPICAL_MAIN: Final = 0.15
TYPICAL_THROUGH: Final = 0.4
"""Shares of a city's way in seconds where no companion tells them: a remote server, or a city built earlier."""


@dataclass(frozen=True, slots=True)
class Speeds:
    """Percent of the free speed by class of road, 100 as on free roads: main (motorway, trunk, primary), through
    (secondary, tertiary), local (the rest, and all turns and crossings)."""

    main: int = 100
    through: int = 100
    local: int = 100


FREE: Final = Speeds()


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """Seconds of each pair on main and on through roads at free speed, float32, zero where unreachable."""

    main: Float32s
    through: Float32s

    def at(self, durations: Int32s, speeds: Speeds) -> Int32s:
        """Seconds at these speeds, int32: `UNREACHABLE` where `durations` are, at least 1 where they are not 0."""
        if speeds == FREE:
            return durations
        local = np.float32(100 / speeds.local)
        seconds = durations.astype(np.float32)
        seconds *= local
        seconds += self.main * np.float32(100 / speeds.main - local)
        seconds += self.through * np.float32(100 / speeds.through - local)
        whole = np.rint(seconds).astype(np.int32)
        np.clip(whole, np.minimum(durations, 1), UNREACHABLE - 1, out=whole)
        return np.where(durations >= UNREACHABLE, np.int32(UNREACHABLE), whole)


def read_shares(plain: Float32s, usual: Float32s, slowed: Sequence[Float32s]) -> Shares:
    """Shares out of seconds with fractions: the table they are for (`UNREACHABLE` as there), the usual one, and the
    usual one with main and with through roads slowed.

    Where a street is closed, plain and usual differ: the way around counts as of the same kind as the usual way. Ways
    of equal liking may differ between the tables; what then does not add up is cut to what is possible.
    """
    scale = np.divide(plain, usual, out=np.zeros_like(plain), where=(plain < UNREACHABLE) & (usual > 0))
    scale /= SLOWED - 1
    main = np.clip((slowed[0] - usual) * scale, 0.0, np.where(scale > 0, plain, 0.0))
    through = np.clip((slowed[1] - usual) * scale, 0.0, np.where(scale > 0, plain - main, 0.0))
    return Shares(main, through)


def seconds_from(leave: int, free: int, pieces: Sequence[tuple[int, int]]) -> int:
    """Seconds of a way that is left for at second `leave`: `free` before the first of the pieces, each of which is a
    second and how long the whole way takes from then on. What share is left at a change takes as long as it does then.
    """
    now, left, whole = leave, 1.0, free
    for start, seconds in pieces:
        if start > now:
            need = left * whole
            if now + need <= start:
                break
            left -= (start - now) / whole if whole else left
            now = start
        whole = seconds
    return round(now + left * whole) - leave


def typical_shares(durations: Int32s) -> Shares:
    """Shares where no dataset tells them: everywhere those of a typical city."""
    reachable = np.where(durations < UNREACHABLE, durations, 0).astype(np.float32)
    return Shares(reachable * np.float32(TYPICAL_MAIN), reachable * np.float32(TYPICAL_THROUGH))
