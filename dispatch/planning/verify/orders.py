"""Who may serve whom, and in which order jobs stand on one route."""

from __future__ import annotations

from itertools import pairwise

from ..model import Job, Vehicle
from .claims import Claims
from .findings import Findings


def allowed(claims: Claims, out: Findings) -> None:
    """Skills, names, types, depots and zones."""
    v = claims.vehicle
    for _, job in claims.jobs:
        lacking = job.skills - v.skills
        words = f"{v.id} lacks {', '.join(sorted(lacking))}."
        out.breach("skill", job.id, len(lacking), words)
        for code, broken, words in _refusals(job, v):
            out.breach(code, job.id, int(broken), words)


def _refusals(job: Job, v: Vehicle) -> list[tuple[str, bool, str]]:
    named = job.vehicles is None or v.id in job.vehicles
    loads = job.depot in ("", v.depot, *v.reloads)
    inside = v.zones is None or bool(job.zones & v.zones)
    familiar = not job.preferred_vehicles or v.id in job.preferred_vehicles
    return [
        ("vehicle_not_allowed", not named, f"May not be done by {v.id}."),
        ("vehicle_forbidden", v.id in job.forbidden, f"{v.id} is forbidden here."),
        ("type_refused", v.type != "" and v.type in job.refused_types, f"{v.type} is refused here."),
        ("pinned_elsewhere", job.pinned_to not in (None, v.id), f"Is pinned to {job.pinned_to}."),
        ("wrong_depot", not loads, f"{v.id} does not load at {job.depot}."),
        ("outside_zone", not inside or bool(job.zones & v.forbidden_zones), f"Is no zone of {v.id}."),
        ("not_preferred", not familiar, f"{v.id} is not preferred."),
        ("away_from_home", bool(v.home_zones) and not job.zones & v.home_zones, "Is away from home."),
    ]


def order(claims: Claims, out: Findings) -> None:
    """First and last jobs, sequences, and jobs that follow each other directly."""
    jobs = [job for _, job in claims.jobs]
    for job in jobs:
        out.breach("not_first", job.id, int(job.position == "first" and job != jobs[0]), "Is not the first.")
        out.breach("not_last", job.id, int(job.position == "last" and job != jobs[-1]), "Is not the last.")
    at = {job.id: number for number, job in enumerate(jobs)}
    for relation in claims.problem.relations:
        here = [job for job in relation.jobs if job in at]
        for one, other in pairwise(here):
            if relation.kind == "sequence":
                out.breach("out_of_sequence", other, int(at[other] < at[one]), f"Comes before {one}.")
            if relation.kind == "direct":
                apart = at[other] != at[one] + 1
                out.breach("not_direct", other, int(apart), f"Does not directly follow {one}.")
