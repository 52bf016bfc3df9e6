"""Doors near each other as groups that share one parking spot: from the first of them the others are walked to."""

import numpy as np

from dispatch.planning.model import IntMatrix
from dispatch.roads.base import Floats

METRES_A_DEGREE = 111_195.0
"""Along a meridian, on a sphere of the earth's mean radius."""


def metres_around(points: Floats) -> IntMatrix:
    """``(n, 2)`` int32 metres east and north of the first of some points (degrees latitude, longitude)."""
    if not len(points):
        return np.zeros((0, 2), dtype=np.int32)
    north = (points[:, 0] - points[0, 0]) * METRES_A_DEGREE
    east = (points[:, 1] - points[0, 1]) * METRES_A_DEGREE * np.cos(np.radians(points[0, 0]))
    return np.rint(np.column_stack([east, north])).astype(np.int32)


def parking_groups(metres: IntMatrix, within: int, *, first: int = 0) -> dict[int, str]:
    """Place -> its parking group, for places from ``first`` on that have company within ``within`` metres.

    From the south: whoever has no group yet gathers those near that have none, so nobody walks farther than twice
    the distance. The same places give the same groups in whatever order they come.
    """
    groups: dict[int, str] = {}
    if within <= 0:
        return groups
    rows = np.arange(first, len(metres))
    order = rows[np.lexsort((metres[first:, 0], metres[first:, 1]))]
    for place in order.tolist():
        if place in groups:
            continue
        away = np.hypot(*(metres[order] - metres[place]).T.astype(np.float64))
        near = [other for other in order[away <= within].tolist() if other not in groups]
        if len(near) > 1:
            east, north = metres[place].tolist()
            groups |= dict.fromkeys(near, f"parking {east} {north}")
    return groups
