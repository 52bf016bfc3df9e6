"""One leg, second by second: on foot, driving, setting up, and what interrupts it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .roads import WHOLE, Road

type Piece = tuple[Literal["drive", "work", "rest"], int]


@dataclass(slots=True)
class Way:
    """Where a van is on its leg. ``leg``: (from, to) of what is driven. ``pieces``: what the driver did."""

    road: Road
    now: int
    foot: int
    leg: tuple[int, int] | None
    setup: int
    share: int = 0
    drove: int = 0
    arrived: int | None = None
    idle: int = 0
    pieces: list[Piece] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.share = 0 if self.leg is None else WHOLE

    def go(self, until: int | None = None) -> None:
        """On to ``until``, or as far as there is anything to do."""
        walked = self._spend(self.foot, until)
        self.foot -= walked
        if self.foot == 0 and self.share and self.leg is not None:
            self._drive(*self.leg, until)
        if self.foot == 0 and self.share == 0:
            if self.arrived is None:
                self.arrived = self.now
            self.setup -= self._spend(self.setup, until)

    def _spend(self, most: int, until: int | None) -> int:
        """Up to ``most`` seconds of work."""
        spent = most if until is None else min(most, max(0, until - self.now))
        self.now += spent
        self.pieces.append(("work", spent))
        return spent

    def _drive(self, here: int, there: int, until: int | None) -> None:
        need = self.road.seconds(here, there, self.now, self.share)
        if until is not None and self.now + need > until:
            need = max(0, until - self.now)
            self.share = self.road.rest(here, there, self.now, self.now + need, self.share)
        else:
            self.share = 0
        self.now += need
        self.drove += need
        self.pieces.append(("drive", need))

    def rest(self, start: int, end: int) -> int:
        """Wait until ``start`` and rest until ``end``: the seconds waited."""
        waited = max(0, start - self.now)
        self.idle += waited
        self.pieces += [("work", waited), ("rest", end - start)]
        self.now = end
        return waited
