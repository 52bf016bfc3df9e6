"""Roads as the planner takes them where a day is planned in parts: a block at a time, never the whole table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dispatch.planning import model
from dispatch.planning.parts import Places
from dispatch.roads.base import Floats, Roads
from dispatch.roads.shares import Speeds
from dispatch.services.mapping import Frame
from dispatch.services.travel import DaySpeeds, kind_of, travel_key, travel_matrix


@dataclass(frozen=True)
class Travel:
    """How a day's vehicles travel, apart from where to: the names of their ways, and speeds from second to second."""

    keys: Sequence[str]
    speeds: DaySpeeds

    def packed(self) -> dict[str, Any]:
        """As JSON."""
        speeds = [[start, each.main, each.through, each.local] for start, each in self.speeds]
        return {"keys": list(self.keys), "speeds": speeds}

    @classmethod
    def unpacked(cls, said: Mapping[str, Any]) -> "Travel":
        speeds = [(start, Speeds(*percents)) for start, *percents in said["speeds"]]
        return cls(said["keys"], speeds)


@dataclass(frozen=True, eq=False)
class TravelBlocks:
    """The planner's `Ways` between these points."""

    travel: Travel
    roads: Roads
    points: Floats

    def block(
        self, origins: Places, destinations: Places, keys: Sequence[str] | None = None
    ) -> Mapping[str, model.Matrix]:
        """The same seconds and metres as in the table of all points, by all ways of travelling or only by ``keys``."""
        keys = self.travel.keys if keys is None else keys
        own, at = np.unique(np.concatenate((origins, destinations)), return_inverse=True)
        if len(own) == len(origins) == len(destinations) and (origins == destinations).all():
            return {key: self._matrix(key, self.points[origins], {}) for key in keys}
        asked = {"sources": at[: len(origins)], "destinations": at[len(origins) :]}
        return {key: self._matrix(key, self.points[own], asked) for key in keys}

    def _matrix(self, key: str, points: Floats, asked: Mapping[str, Places]) -> model.Matrix:
        return travel_matrix(kind_of(key), self.roads, points, self.travel.speeds, **asked)


def travel_of(frame: Frame) -> Travel:
    """How the frame's vehicles travel."""
    keys = sorted({travel_key(shift.vehicle.type) for shift in frame.shifts})
    return Travel(keys, frame.speeds)
