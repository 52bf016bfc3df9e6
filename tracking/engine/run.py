"""The chain of steps, and what it does with a batch."""

from collections.abc import Iterable
from dataclasses import replace

from tracking.engine.clean import clean
from tracking.engine.model import Event, Fix, Flagged, Limits, Moved, State, Step
from tracking.engine.motion import motion
from tracking.engine.progress import progress


def advance(state: State, fix: Fix, limits: Limits) -> tuple[State, tuple[Event, ...]]:
    """The believed fix becomes the pin."""
    return replace(state, pin=fix), (Moved(fix),)


STEPS: tuple[Step, ...] = (clean, motion, progress, advance)


def run(state: State, fix: Fix, limits: Limits) -> tuple[State, tuple[Event, ...]]:
    """One fix through all steps; a flagged one goes no further."""
    told: list[Event] = []
    for step in STEPS:
        state, events = step(state, fix, limits)
        told.extend(events)
        if any(isinstance(event, Flagged) for event in events):
            break
    return state, tuple(told)


def run_batch(
    state: State, fixes: Iterable[Fix], limits: Limits
) -> tuple[State, list[tuple[Fix, tuple[Event, ...]]]]:
    """A batch in order of measurement, however it arrived; the same sequence number twice is one fix."""
    by_seq: dict[int, Fix] = {}
    for fix in fixes:
        by_seq.setdefault(fix.seq, fix)
    told = []
    for fix in sorted(by_seq.values(), key=lambda each: each.rank):
        state, events = run(state, fix, limits)
        told.append((fix, events))
    return state, told
