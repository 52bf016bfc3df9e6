"""One job at a time: place, windows, loads, and the names it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..errors import InputError
from ..model import Job, Problem
from .places import place
from .times import windows


def loads(problem: Problem, subject: str, **given: tuple[int, ...]) -> Iterator[InputError]:
    """One number per load dimension, or none."""
    for name, load in given.items():
        if load and len(load) != problem.dimensions:
            yield InputError(
                "load_dimensions",
                f"{name} of {subject!r} has {len(load)} numbers, the problem has {problem.dimensions} loads.",
                "Give one number per load, or none at all.",
                subject,
            )


def twice(names: list[str]) -> list[str]:
    """Names that come more than once."""
    return [name for name, count in Counter(names).items() if count > 1]


def jobs(problem: Problem) -> Iterator[InputError]:
    """Every job by itself."""
    depots = {depot.id for depot in problem.depots}
    carriers = {carrier.id for carrier in problem.carriers}
    for job in problem.jobs:
        yield from place(problem, job.id, job.place)
        yield from windows(job.id, job.windows)
        yield from _preferred(job)
        yield from loads(problem, job.id, delivery=job.delivery, pickup=job.pickup)
        yield from depot_known(depots, job.id, job.depot)
        yield from _offers(job, carriers)
        for name in twice([kind for kind, _ in job.service_by_type]):
            cause = f"The service time of {job.id!r} for vehicles of type {name!r} is given twice."
            yield InputError("type_twice", cause, "Keep one of the two.", job.id)


def depot_known(known: set[str], subject: str, name: str) -> Iterator[InputError]:
    """A depot that somebody names must be there."""
    if name and name not in known:
        cause = f"{subject!r} names the depot {name!r}, which is no depot of this problem."
        yield InputError("depot_unknown", cause, "Add the depot, or name another.", subject)


def _preferred(job: Job) -> Iterator[InputError]:
    if job.preferred is None:
        return
    wrong = list(windows(job.id, (job.preferred,)))
    yield from wrong
    start, end = job.preferred
    if not wrong and job.windows and not any(w.start <= start and end <= w.end for w in job.windows):
        cause = f"The preferred window of {job.id!r}, {start} to {end}, lies in none of its windows."
        yield InputError("preferred_outside_windows", cause, "Move it, or widen a window.", job.id)


def _offers(job: Job, carriers: set[str]) -> Iterator[InputError]:
    names = [offer.carrier for offer in job.offers]
    for name in dict.fromkeys(names):
        if name not in carriers:
            cause = f"An offer for {job.id!r} is from {name!r}, which is no carrier of this problem."
            yield InputError("carrier_unknown", cause, "Add the carrier, or drop the offer.", job.id)
    for name in twice(names):
        cause = f"Carrier {name!r} offers twice for {job.id!r}."
        yield InputError("offer_twice", cause, "Keep the cheaper of the two.", job.id)
