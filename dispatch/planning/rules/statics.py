"""Who may serve whom: everything that job and vehicle alone decide, whatever the route."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Job, Vehicle

CODES = (
    "skill", "vehicle_not_allowed", "vehicle_forbidden", "type_refused", "pinned_elsewhere", "wrong_depot",
    "outside_zone", "not_preferred", "away_from_home",
)  # fmt: skip


def static_breaches(job: Job, vehicle: Vehicle) -> Iterator[tuple[str, int]]:
    """(code, amount) of each such rule that this vehicle would break with this job."""
    lacking = len(job.skills - vehicle.skills)
    if lacking:
        yield "skill", lacking
    if job.vehicles is not None and vehicle.id not in job.vehicles:
        yield "vehicle_not_allowed", 1
    if vehicle.id in job.forbidden:
        yield "vehicle_forbidden", 1
    if vehicle.type and vehicle.type in job.refused_types:
        yield "type_refused", 1
    if job.pinned_to not in (None, vehicle.id):
        yield "pinned_elsewhere", 1
    if job.depot and job.depot != vehicle.depot and job.depot not in vehicle.reloads:
        yield "wrong_depot", 1
    if (vehicle.zones is not None and not job.zones & vehicle.zones) or job.zones & vehicle.forbidden_zones:
        yield "outside_zone", 1
    if job.preferred_vehicles and vehicle.id not in job.preferred_vehicles:
        yield "not_preferred", 1
    if vehicle.home_zones and not job.zones & vehicle.home_zones:
        yield "away_from_home", 1


def words(code: str, job: Job, vehicle: Vehicle) -> str:
    """The sentence for a dispatcher."""
    name = vehicle.id
    sentences = {
        "skill": f"{name} lacks {', '.join(sorted(job.skills - vehicle.skills))}.",
        "vehicle_not_allowed": f"{name} is not among its allowed vehicles.",
        "vehicle_forbidden": f"{name} is not to serve it.",
        "type_refused": f"A vehicle of type {vehicle.type} cannot get there.",
        "pinned_elsewhere": f"It is pinned to {job.pinned_to}.",
        "wrong_depot": f"Its goods lie at {job.depot}, where {name} does not load.",
        "outside_zone": f"It lies outside the zones of {name}.",
        "not_preferred": f"{name} is none of its preferred drivers.",
        "away_from_home": f"It lies outside the home zones of {name}.",
    }
    return sentences[code]


def signature(job: Job) -> tuple[object, ...]:
    """Jobs of one signature break the same static rules."""
    return (
        job.skills, job.vehicles, job.forbidden, job.refused_types, job.pinned_to, job.depot, job.zones,
        job.preferred_vehicles,
    )  # fmt: skip
