"""Roads as the crow flies: the fallback where no dataset is loaded, always marked approximate.

Distance is the great circle times a circuity (streets are longer than the straight line by a fairly steady
factor: Ballou, Rahardja and Sakai 2002 report 1.2 to 1.5 for most countries); time is distance over a mean
speed including stops at junctions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from dispatch.roads.base import (
    AS_IT_COMES,
    Floats,
    Indexes,
    Leg,
    Line,
    Manners,
    Matrix,
    Profile,
    Snap,
    Turn,
    require_indexes,
    require_points,
)
from dispatch.roads.phrases import phrase
from lastmile.kernel.geo import EARTH_RADIUS_M


@dataclass(frozen=True, slots=True)
class Pace:
    """How a profile covers ground: road metres per straight metre, and metres per second along the road."""

    circuity: float
    speed_mps: float


PACES: Final = MappingProxyType(
    {
        Profile.VAN: Pace(1.40, 25 / 3.6),
        Profile.TRUCK: Pace(1.45, 22 / 3.6),
        Profile.CARGO_BIKE: Pace(1.30, 15 / 3.6),
        Profile.FOOT: Pace(1.25, 4.8 / 3.6),
    }
)


def great_circle_m(start: Floats, end: Floats) -> Floats:
    """Haversine metres between broadcast (..., 2) arrays of latitude, longitude."""
    start, end = np.radians(start), np.radians(end)
    half = (end - start) / 2
    cosines = np.cos(start[..., 0]) * np.cos(end[..., 0])
    square = np.sin(half[..., 0]) ** 2 + cosines * np.sin(half[..., 1]) ** 2
    metres: Floats = 2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.minimum(1.0, square)))
    return metres


class CrowFly:
    """Straight lines for every profile; never fails, never exact."""

    kind = "crowfly"
    approximate = True
    approximate_profiles = frozenset(Profile)

    def matrix(
        self,
        points: Floats,
        profile: Profile,
        *,
        sources: Sequence[int] | Indexes | None = None,
        destinations: Sequence[int] | Indexes | None = None,
        manners: Manners = AS_IT_COMES,
        shares: bool = False,
    ) -> Matrix:
        """See `Roads.matrix`. Symmetric; everything is reachable; no street has a side and none a rush hour."""
        points = require_points(points)
        rows = require_indexes(sources, len(points))
        columns = require_indexes(destinations, len(points))
        pace = PACES[profile]
        metres = great_circle_m(points[rows][:, None], points[columns][None, :]) * pace.circuity
        return Matrix(
            durations=np.rint(metres / pace.speed_mps).astype(np.int32),
            distances=np.rint(metres).astype(np.int32),
            source_snaps=np.zeros(len(rows)),
            destination_snaps=np.zeros(len(columns)),
            approximate=True,
        )

    def line(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> Line:
        """See `Roads.line`. The line's points are the given points."""
        points = require_points(points)
        pace = PACES[profile]
        metres = great_circle_m(points[:-1], points[1:]) * pace.circuity
        legs = tuple(
            Leg(round(float(m) / pace.speed_mps), round(float(m)), index, index + 1)
            for index, m in enumerate(metres)
        )
        return Line(points.copy(), legs, approximate=True)

    def nearest(self, point: Floats | Sequence[float], profile: Profile) -> Snap:
        """See `Roads.nearest`. There are no roads: the point itself, street unknown."""
        (lat, lng) = require_points(np.reshape(np.asarray(point, dtype=np.float64), (1, -1)))[0]
        return Snap(float(lat), float(lng), 0.0, "")

    def turns(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> list[Turn]:
        """See `Roads.turns`. Per hop a departure and an arrival, nothing between."""
        line = self.line(points, profile)
        turns: list[Turn] = []
        for number, leg in enumerate(line.legs):
            (lat, lng), (end_lat, end_lng) = line.points[leg.first].tolist(), line.points[leg.last].tolist()
            start = phrase("depart", "", "")
            turns.append(
                Turn(start, "", leg.distance_m, leg.duration_s, lat, lng, number, kind="depart", modifier="")
            )
            end = phrase("arrive", "", "")
            turns.append(Turn(end, "", 0, 0, end_lat, end_lng, number, kind="arrive", modifier=""))
        return turns
