"""Routes on the road: what their vans still have to visit, from where they are."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from dispatch.models import LivePosition, Route
from dispatch.services.mapping import Frame, frame_of, orders_of, spot
from dispatch.services.route_times import RouteTimes
from dispatch.services.travel import manners_of, way_from


def walk_rest(
    frame: Frame, shift_id: int, order_ids: Sequence[int], route: Route, *, now: datetime
) -> RouteTimes:
    """What is left of a running route, from where its van was last seen (else from the station)."""
    left = route.departed_at or now
    seen = LivePosition.objects.filter(vehicle_id=route.vehicle_id, fix_at__gte=left).first()
    at = (seen.lat, seen.lng) if seen else (frame.station.lat, frame.station.lng)
    first = spot(frame.order_by_id[order_ids[0]])
    leg = frame.roads.matrix(
        np.array([at, first]),
        frame.profile(shift_id),
        sources=[0],
        destinations=[1],
        manners=manners_of(frame.shift_by_id[shift_id].vehicle.type),
        shares=bool(frame.speeds),
    )
    way = way_from(leg, frame.seconds(now), frame.speeds)
    return frame.rest(shift_id, order_ids, now=now, leg=way)


def walk_route(route: Route, *, now: datetime) -> RouteTimes | None:
    """The newest timetable of what a running route still has to visit; None when nothing is left."""
    order_ids = orders_of(route)
    if not order_ids:
        return None
    frame = frame_of(route.station, route.day, {route.shift_id: order_ids})
    return walk_rest(frame, route.shift_id, order_ids, route, now=now)
