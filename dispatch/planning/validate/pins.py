"""A job pinned to a vehicle that may not have it: an error with the two names, never a silent drop.

Only where the dials of both, the pin and the rule, are hard: otherwise one of them gives way, at its price.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..model import Job, Problem, Vehicle
from .dials import is_hard

_ALLOW = "Unpin it, or allow the vehicle."


def pins(problem: Problem) -> Iterator[InputError]:
    """Every pinned job."""
    known = {vehicle.id: vehicle for vehicle in problem.vehicles}
    for job in problem.jobs:
        if job.pinned_to is None:
            continue
        if job.pinned_to not in known:
            yield InputError(
                "pinned_vehicle_unknown",
                f"Job {job.id!r} is pinned to {job.pinned_to!r}, which is no vehicle of this problem.",
                "Pin it to a vehicle that is there, or unpin it.",
                job.id,
            )
        elif is_hard(problem, "pinned_elsewhere"):
            for rule, code, what, action in _refused(job, known[job.pinned_to]):
                if is_hard(problem, rule):
                    cause = f"Job {job.id!r} is pinned to {job.pinned_to!r}, {what}."
                    yield InputError(code, cause, action, job.id)


def _refused(job: Job, v: Vehicle) -> Iterator[tuple[str, str, str, str]]:
    """(code of the rule, code of the error, words, action) of each reason against this vehicle."""
    lacking = sorted(job.skills - v.skills)
    if lacking:
        words = f"which lacks {', '.join(map(repr, lacking))}"
        yield "skill", "pinned_skill_missing", words, "Unpin it, or give the vehicle the skill."
    if job.vehicles is not None and v.id not in job.vehicles:
        words = "which is not among its allowed vehicles"
        yield "vehicle_not_allowed", "pinned_vehicle_not_allowed", words, _ALLOW
    if v.id in job.forbidden:
        yield "vehicle_forbidden", "pinned_vehicle_forbidden", "which must never do it", _ALLOW
    if v.type and v.type in job.refused_types:
        words = f"whose type {v.type!r} is refused there"
        yield "type_refused", "pinned_type_refused", words, "Unpin it, or take another type."
    outside = v.zones is not None and not job.zones & v.zones
    if outside or job.zones & v.forbidden_zones:
        words = "which may not serve its zone"
        yield "outside_zone", "pinned_outside_zone", words, "Unpin it, or open the zone to the vehicle."
    if job.depot and job.depot != v.depot and job.depot not in v.reloads:
        words = f"which never loads at {job.depot!r}"
        yield "wrong_depot", "pinned_wrong_depot", words, "Unpin it, or let the vehicle load there."
