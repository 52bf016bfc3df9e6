"""The way along the streets, cut into legs and driven. Pure. Metres, seconds, degrees."""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

from lastmile.kernel.geo import distance_m

type Point = tuple[float, float]
OFF_COURSE = 0.2
"""How many metres beside the stop one metre of deviation from the planned distance is worth."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a vehicle is at a moment, how fast, and to where it points (degrees from north)."""

    at: datetime
    lat: float
    lng: float
    speed_mps: float
    heading: float


class Path:
    """A line of at least one point, by the metres along it."""

    def __init__(self, points: Sequence[Point]) -> None:
        self.points = list(points)
        hops = (distance_m(*here, *there) for here, there in pairwise(self.points))
        self.along = [0.0, *accumulate(hops)]

    @property
    def length(self) -> float:
        """Metres from end to end."""
        return self.along[-1]

    def spot(self, metres: float) -> tuple[Point, float]:
        """The point after so many metres, and the heading there; the ends where it is less or more."""
        if len(self.points) == 1:
            return self.points[0], 0.0
        metres = min(max(metres, 0.0), self.length)
        index = min(bisect_right(self.along, metres), len(self.points) - 1)
        before, after = self.points[index - 1], self.points[index]
        hop = self.along[index] - self.along[index - 1]
        share = (metres - self.along[index - 1]) / hop if hop else 0.0
        lat = before[0] + (after[0] - before[0]) * share
        lng = before[1] + (after[1] - before[1]) * share
        return (lat, lng), heading(before, after)


def heading(here: Point, there: Point) -> float:
    """Degrees from north, 0 up to 360, good for short hops."""
    east = (there[1] - here[1]) * math.cos(math.radians(here[0]))
    return math.degrees(math.atan2(east, there[0] - here[0])) % 360


def cut(line: Sequence[Point], stops: Sequence[tuple[Point, float]]) -> list[Path]:
    """One path to each stop (place, planned metres from the one before), and a last one home.

    A round passes near a later stop early on, so the nearest point alone would cut wrongly: the planned distance
    says about where on the line the stop must be.
    """
    whole = Path(line)
    planned = list(accumulate(metres for _, metres in stops))
    paths, start = [], 0
    for (place, _), expected in zip(stops, planned, strict=True):
        end = min(
            range(start, len(whole.points)),
            key=lambda i: distance_m(*whole.points[i], *place) + OFF_COURSE * abs(whole.along[i] - expected),
        )
        paths.append(Path([*whole.points[start : end + 1], place]))
        start = end
    return [*paths, Path(whole.points[start:])]


def drive(path: Path, begin: datetime, seconds: float, every_s: float) -> list[Spot]:
    """Spots every `every_s` seconds on the way and one at its end."""
    speed = path.length / seconds if seconds > 0 else 0.0
    moments = [every_s * n for n in range(1, int(max(seconds, 0) // every_s) + 1)]
    if not moments or moments[-1] < seconds:
        moments.append(max(seconds, 0.0))
    spots = []
    for passed in moments:
        (lat, lng), course = path.spot(speed * passed)
        spots.append(Spot(begin + timedelta(seconds=passed), lat, lng, speed, course))
    return spots


def stand(place: Point, begin: datetime, seconds: float, every_s: float) -> list[Spot]:
    """Spots of a vehicle that stands."""
    count = int(seconds // every_s)
    return [Spot(begin + timedelta(seconds=every_s * n), *place, 0.0, 0.0) for n in range(1, count + 1)]
