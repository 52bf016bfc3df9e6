"""Zones as the planner's: in which of a station's areas each place lies, and who may serve which."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dispatch.models import Station, Zone
from dispatch.roads.base import Floats


def zone_key(zone_id: int) -> str:
    """A zone's id in the planner's problems."""
    return f"zone-{zone_id}"


class Zones:
    """A station's drawn areas. One without corners is no area."""

    def __init__(self, station: Station) -> None:
        rows = Zone.objects.filter(station=station).values_list("pk", "polygon")
        self.rings = {pk: np.array(ring, dtype=np.float64) for pk, ring in rows if len(ring) > 2}

    def of(self, points: Floats) -> list[frozenset[str]]:
        """For each of ``(n, 2)`` places (degrees latitude, longitude) the zones that it lies in."""
        found: list[set[str]] = [set() for _ in points]
        for pk, ring in self.rings.items():
            for place in np.flatnonzero(within(points, ring)).tolist():
                found[place].add(zone_key(pk))
        return [frozenset(zones) for zones in found]

    def known(self, ids: Sequence[int]) -> frozenset[str]:
        """Those of these zones that there still are."""
        return frozenset(zone_key(pk) for pk in ids if pk in self.rings)


def within(points: Floats, ring: Floats) -> NDArray[np.bool_]:
    """Which points lie inside a ring of corners, by how often a line to the east crosses it (even-odd)."""
    odd = np.zeros(len(points), dtype=bool)
    north, east = points[:, 0], points[:, 1]
    for (a_north, a_east), (b_north, b_east) in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        crosses = (a_north > north) != (b_north > north)
        if a_north != b_north:
            at = (b_east - a_east) * (north - a_north) / (b_north - a_north) + a_east
            odd ^= crosses & (east < at)
    return odd
