"""Which stop still to come the vehicle is at."""

from dataclasses import replace

from lastmile.kernel.geo import distance_m
from tracking.engine.model import Event, Fix, Limits, Neared, State


def progress(state: State, fix: Fix, limits: Limits) -> tuple[State, tuple[Event, ...]]:
    """The nearest stop within `near_m`, told once; leaving needs half as much again (no flapping)."""
    distances = {place.id: distance_m(place.lat, place.lng, fix.lat, fix.lng) for place in limits.places}
    if state.near is not None and distances.get(state.near, float("inf")) <= limits.near_m * 1.5:
        return state, ()
    nearest = min(distances, key=lambda place: (distances[place], place), default=None)
    if nearest is None or distances[nearest] > limits.near_m:
        return replace(state, near=None), ()
    return replace(state, near=nearest), (Neared(nearest, fix.at),)
