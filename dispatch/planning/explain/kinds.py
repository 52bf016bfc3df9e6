"""The changes that may be told, each as a problem in which it is made.

``overtime``, ``duration``, ``driving`` and ``leave_later`` (minutes), ``distance`` (km), ``stops`` and ``capacity``
raise a limit of the vehicle. ``window_later`` and ``window_earlier`` widen a window of the job, ``other_window`` that
of another stop on the route (minutes). ``skill`` grants it to the vehicle, ``zone``, ``type``, ``allow``, ``unpin``
let this vehicle have the job. ``reload`` is one more trip, ``charge`` a stop at a charger. ``worth`` is no change of a
rule: it fits, and costs so many cents more than leaving it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..model import Job, Plan, Problem, Vehicle, Window
from ..rules.words import span
from ..solution import Change

MINUTE = 60


@dataclass(frozen=True, slots=True)
class Draft:
    """A change to be tried: ``plan`` has the job where it would go. ``guess``: about how many cents."""

    kind: str
    vehicle: str
    amount: int
    unit: str
    plan: Plan
    guess: int
    job: str
    thing: str = ""
    dimension: int = 0
    window: int = 0

    def about(self, thing: str, window: int = 0) -> Draft:
        """The same, about a skill, a stop, or one of the windows."""
        return replace(self, thing=thing, window=window)

    def dearer(self, cents: int) -> Draft:
        """The same, likely so much dearer."""
        return replace(self, guess=self.guess + cents)

    def sized(self, amount: int, unit: str, dimension: int) -> Draft:
        """The same for so much of one load dimension."""
        return replace(self, amount=amount, unit=unit, dimension=dimension)


def made(problem: Problem, draft: Draft) -> Problem:
    """The problem in which the change is made."""
    if draft.kind in _ON_VEHICLE:
        change = _ON_VEHICLE[draft.kind]
        vehicles = tuple(change(v, draft) if v.id == draft.vehicle else v for v in problem.vehicles)
        return replace(problem, vehicles=vehicles)
    if draft.kind in _ON_JOB:
        name = draft.thing if draft.kind == "other_window" else draft.job
        change_job = _ON_JOB[draft.kind]
        return replace(problem, jobs=tuple(change_job(j, draft) if j.id == name else j for j in problem.jobs))
    return problem


def told(draft: Draft, cents: int) -> Change:
    """The change with its price and its sentence."""
    words = f"{_SENTENCES[draft.kind](draft)}: it then costs {cents / 100:.2f}."
    return Change(draft.kind, draft.vehicle, draft.amount, draft.unit, cents, words, draft.thing)


def _wider(v: Vehicle, d: Draft) -> Vehicle:
    limits = list(v.capacity)
    limits[d.dimension] += d.amount
    return replace(v, capacity=tuple(limits))


def _one_trip_more(v: Vehicle, d: Draft) -> Vehicle:
    reloads = v.reloads if d.thing in v.reloads else (*v.reloads, d.thing)
    return replace(v, reloads=reloads, max_trips=max(v.max_trips, d.dimension))


def _widened(job: Job, d: Draft, earlier: int, later: int) -> Job:
    old = job.windows[d.window]
    windows = [*job.windows]
    windows[d.window] = Window(max(0, old.start - earlier), old.end + later)
    joined: list[Window] = []
    for window in sorted(windows):
        if joined and window.start <= joined[-1].end:
            joined[-1] = Window(joined[-1].start, max(joined[-1].end, window.end))
        else:
            joined.append(window)
    return replace(job, windows=tuple(joined))


def _unrefused(job: Job, d: Draft) -> Job:
    return replace(job, refused_types=job.refused_types - {d.thing})


def _allowed(job: Job, d: Draft) -> Job:
    vehicles = None if job.vehicles is None else job.vehicles | {d.vehicle}
    return replace(job, vehicles=vehicles, forbidden=job.forbidden - {d.vehicle})


_ON_VEHICLE: dict[str, Callable[[Vehicle, Draft], Vehicle]] = {
    "overtime": lambda v, d: replace(v, max_overtime_s=v.max_overtime_s + d.amount * MINUTE),
    "duration": lambda v, d: replace(v, max_duration_s=(v.max_duration_s or 0) + d.amount * MINUTE),
    "driving": lambda v, d: replace(v, max_driving_s=(v.max_driving_s or 0) + d.amount * MINUTE),
    "leave_later": lambda v, d: replace(v, latest_start=(v.latest_start or 0) + d.amount * MINUTE),
    "distance": lambda v, d: replace(v, max_distance_m=(v.max_distance_m or 0) + d.amount * 1000),
    "stops": lambda v, d: replace(v, max_stops=(v.max_stops or 0) + d.amount),
    "capacity": _wider,
    "skill": lambda v, d: replace(v, skills=v.skills | {d.thing}),
    "zone": lambda v, d: replace(v, zones=None, forbidden_zones=frozenset()),
    "reload": _one_trip_more,
}

_ON_JOB: dict[str, Callable[[Job, Draft], Job]] = {
    "window_later": lambda job, d: _widened(job, d, 0, d.amount * MINUTE),
    "window_earlier": lambda job, d: _widened(job, d, d.amount * MINUTE, 0),
    "other_window": lambda job, d: _widened(job, d, 0, d.amount * MINUTE),
    "type": _unrefused,
    "allow": _allowed,
    "unpin": lambda job, d: replace(job, pinned_to=None),
}


def _time(d: Draft) -> str:
    return span(d.amount * MINUTE)


_SENTENCES: dict[str, Callable[[Draft], str]] = {
    "overtime": lambda d: f"Let {d.vehicle} work {_time(d)} longer",
    "duration": lambda d: f"Let {d.vehicle} be out {_time(d)} longer",
    "driving": lambda d: f"Let {d.vehicle} be at the wheel {_time(d)} longer",
    "leave_later": lambda d: f"Let {d.vehicle} leave {_time(d)} later",
    "distance": lambda d: f"Let {d.vehicle} drive {d.amount} km more",
    "stops": lambda d: (
        f"Let {d.vehicle} make 1 stop more"
        if d.amount == 1
        else f"Let {d.vehicle} make {d.amount} stops more"
    ),
    "capacity": lambda d: f"Let {d.vehicle} take {d.amount} {d.unit} more",
    "skill": lambda d: f"Give {d.vehicle} the skill {d.thing!r}",
    "zone": lambda d: f"Let {d.vehicle} leave its zones",
    "reload": lambda d: f"Let {d.vehicle} load once more at {d.thing} on the way",
    "charge": lambda d: f"Let {d.vehicle} charge at {d.thing} on the way",
    "window_later": lambda d: f"Let its window end {_time(d)} later, with {d.vehicle}",
    "window_earlier": lambda d: f"Let its window begin {_time(d)} earlier, with {d.vehicle}",
    "other_window": lambda d: f"Let the window of {d.thing} end {_time(d)} later, with {d.vehicle}",
    "type": lambda d: f"Let vehicles of type {d.thing} go there, with {d.vehicle}",
    "allow": lambda d: f"Allow {d.vehicle} to serve it",
    "unpin": lambda d: f"Free it from {d.thing} and give it to {d.vehicle}",
    "worth": lambda d: f"Let {d.vehicle} serve it for {d.amount / 100:.2f} more than leaving it costs",
}
