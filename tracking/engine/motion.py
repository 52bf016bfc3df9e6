"""Driving or standing, and since when."""

from dataclasses import replace

from lastmile.kernel.geo import distance_m
from tracking.engine.model import Event, Fix, Limits, Started, State, Stopped


def motion(state: State, fix: Fix, limits: Limits) -> tuple[State, tuple[Event, ...]]:
    """Standing ends on leaving the circle around its anchor; driving ends after `settle_s` within one circle.

    Measured against an anchor and not against the fix before, so that noise is not driving and creeping is.
    """
    if state.anchor is None or state.anchor_at is None:
        rest = replace(state, anchor=(fix.lat, fix.lng), anchor_at=fix.at, still_since=fix.at)
        return rest, (Stopped(fix.at),)
    if distance_m(*state.anchor, fix.lat, fix.lng) > limits.still_radius_m:
        return _left(state, fix)
    rested = (fix.at - state.anchor_at).total_seconds() >= limits.settle_s
    if state.still_since is None and rested:
        return replace(state, still_since=state.anchor_at, moving_since=None), (Stopped(state.anchor_at),)
    return state, ()


def _left(state: State, fix: Fix) -> tuple[State, tuple[Event, ...]]:
    """While it drives the anchor travels along: it is where standing would begin."""
    moved = replace(state, anchor=(fix.lat, fix.lng), anchor_at=fix.at, still_since=None)
    if state.moving_since is not None:
        return moved, ()
    since = state.pin.at if state.pin else fix.at
    return replace(moved, moving_since=since), (Started(since),)
