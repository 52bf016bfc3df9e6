"""Where a route's van really drove: the fixes that were believed, as a line."""

import numpy as np

from dispatch.models import Route
from lastmile.kernel.geo import encode_polyline
from tracking.models import Position

MOST = 1500  # points of a line on a screen


def track_of(route: Route) -> str:
    """An encoded polyline, five decimals, in order of time; empty where nothing was heard."""
    fixes = Position.objects.filter(route=route, flags="").order_by("fix_at", "id")
    points = np.array(fixes.values_list("lat", "lng"), dtype=np.float64).reshape(-1, 2)
    if not len(points):
        return ""
    moved = np.ones(len(points), dtype=bool)
    moved[1:] = (np.abs(np.diff(points, axis=0)) > 1e-5).any(axis=1)  # a van that stands is one point
    points = points[moved]
    if len(points) > MOST:
        points = points[np.linspace(0, len(points) - 1, MOST).astype(int)]
    return encode_polyline(points.tolist())
