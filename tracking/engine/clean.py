"""Whether a fix is believed. A doubted one is kept by the caller and moves nothing."""

from dataclasses import replace

from lastmile.kernel.geo import distance_m
from tracking.engine.model import Event, Fix, Flagged, Limits, State


def clean(state: State, fix: Fix, limits: Limits) -> tuple[State, tuple[Event, ...]]:
    """Flag what is late, from the future, imprecise, or too far to have been driven.

    A jump is believed once `limits.agreeing` of them in a row agree with each other: then it was the pin that
    stood in the wrong place.
    """
    flags = _plain_flags(state, fix, limits)
    if flags:
        return state, (Flagged(flags),)
    if state.pin is None or _drivable(state.pin, fix, limits):
        return (replace(state, doubted=()) if state.doubted else state), ()
    row = state.doubted if state.doubted and _drivable(state.doubted[-1], fix, limits) else ()
    row = (*row, fix)
    if len(row) >= limits.agreeing:
        return State(), ()
    return replace(state, doubted=row), (Flagged(("jump",)),)


def _plain_flags(state: State, fix: Fix, limits: Limits) -> tuple[str, ...]:
    newest = max((known.rank for known in (state.pin, *state.doubted) if known is not None), default=None)
    checks = {
        "late": newest is not None and fix.rank <= newest,
        "future": (fix.at - fix.received).total_seconds() > limits.future_s,
        "imprecise": fix.accuracy_m is not None and fix.accuracy_m > limits.max_accuracy_m,
    }
    return tuple(name for name, true in checks.items() if true)


def _drivable(before: Fix, after: Fix, limits: Limits) -> bool:
    """Whether one can get from one fix to the other; a second's grace for clocks of whole seconds."""
    seconds = max((after.at - before.at).total_seconds(), 0.0) + 1.0
    metres = distance_m(before.lat, before.lng, after.lat, after.lng)
    return metres <= limits.max_speed_mps * seconds
