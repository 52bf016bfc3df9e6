"""Plane geometry on (lng, lat) pairs in degrees: boxes, rings, distances. Small areas, so no projection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, hypot, radians

type Point = tuple[float, float]
"""(lng, lat) in degrees, the order of GeoJSON."""

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Box:
    """A rectangle of degrees, west < east and south < north."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> Point:
        """The middle as (lng, lat)."""
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    def contains(self, point: Point) -> bool:
        """True where the point lies inside or on the edge."""
        return self.west <= point[0] <= self.east and self.south <= point[1] <= self.north

    def ring(self) -> list[Point]:
        """The outline as a closed ring, counter-clockwise from the south-west corner."""
        w, s, e, n = self.west, self.south, self.east, self.north
        return [(w, s), (e, s), (e, n), (w, n), (w, s)]


def box_of(points: Sequence[Point]) -> Box:
    """The smallest box around one or more points."""
    lngs = [point[0] for point in points]
    lats = [point[1] for point in points]
    return Box(min(lngs), min(lats), max(lngs), max(lats))


def metres(a: Point, b: Point) -> float:
    """Distance in metres on a local plane; the error is below 0.1 % across a city."""
    scale = cos(radians((a[1] + b[1]) / 2))
    return hypot((a[0] - b[0]) * scale, a[1] - b[1]) * METRES_PER_DEGREE


def signed_area(ring: Sequence[Point]) -> float:
    """Area of a closed ring in square degrees, positive when counter-clockwise (the shoelace formula)."""
    pairs = pairwise(ring)
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in pairs) / 2


def area_m2(ring: Sequence[Point]) -> float:
    """Unsigned area of a closed ring in square metres."""
    shrink = cos(radians(ring[0][1])) if ring else 1.0
    return abs(signed_area(ring)) * shrink * METRES_PER_DEGREE**2


def inside(point: Point, ring: Sequence[Point]) -> bool:
    """True where the point lies inside a closed ring (even-odd rule)."""
    x, y = point
    odd = False
    for (ax, ay), (bx, by) in pairwise(ring):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            odd = not odd
    return odd


def middle(ring: Sequence[Point]) -> Point:
    """A label point of a closed ring: its centre of area, or the mean of its points where it has no area."""
    total = signed_area(ring)
    if abs(total) < 1e-15:
        points = ring[:-1] if len(ring) > 1 and ring[0] == ring[-1] else ring
        return sum(p[0] for p in points) / len(points), sum(p[1] for p in points) / len(points)
    x = y = 0.0
    ox, oy = ring[0]
    for (ax, ay), (bx, by) in pairwise(ring):
        ax, ay, bx, by = ax - ox, ay - oy, bx - ox, by - oy
        cross = ax * by - bx * ay
        x += (ax + bx) * cross
        y += (ay + by) * cross
    return ox + x / (6 * total), oy + y / (6 * total)
