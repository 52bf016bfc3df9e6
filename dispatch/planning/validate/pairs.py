"""Shipments, groups of alternatives, and goods that do not go together."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..model import Problem, Shipment
from .jobs import loads

MAX_CLASSES = 62
"""Of goods that are incompatible with another: each is a bit of an int64."""


def shipments(problem: Problem) -> Iterator[InputError]:
    """Both ends exist, differ, carry nothing of their own and belong to one shipment."""
    jobs, holder = {job.id: job for job in problem.jobs}, dict[str, str]()
    for shipment in problem.shipments:
        yield from loads(problem, shipment.pickup, load=shipment.load)
        if shipment.pickup == shipment.delivery:
            cause = f"A shipment goes from {shipment.pickup!r} to itself."
            yield InputError("shipment_same_job", cause, "Give it two jobs.", shipment.pickup)
            continue
        for name in (shipment.pickup, shipment.delivery):
            if name not in jobs:
                cause = f"A shipment names {name!r}, which is no job of this problem."
                yield InputError("shipment_job_unknown", cause, "Add the job, or drop the shipment.", name)
                continue
            if any(jobs[name].delivery) or any(jobs[name].pickup):
                cause = f"Job {name!r} belongs to a shipment and carries a load of its own."
                action = "Put the load on the shipment, or make two jobs."
                yield InputError("shipment_job_loaded", cause, action, name)
            yield from _held_once(shipment, name, holder)
    yield from _incompatible(problem)


def _held_once(shipment: Shipment, name: str, holder: dict[str, str]) -> Iterator[InputError]:
    if name in holder:
        cause = f"Job {name!r} belongs to two shipments."
        yield InputError("shipment_twice", cause, "Make a job for each shipment.", name)
    holder.setdefault(name, shipment.pickup)


def groups(problem: Problem) -> Iterator[InputError]:
    """Members exist, belong to one group and to no shipment, each with its price or none at all."""
    jobs = {job.id for job in problem.jobs}
    shipped = {name for s in problem.shipments for name in (s.pickup, s.delivery)}
    holder: dict[str, str] = {}
    for group in problem.groups:
        if not group.jobs:
            cause = f"Group {group.id!r} has no jobs."
            yield InputError("group_empty", cause, "Add some, or drop it.", group.id)
        if group.prices and len(group.prices) != len(group.jobs):
            cause = f"Group {group.id!r} has {len(group.jobs)} jobs and {len(group.prices)} prices."
            yield InputError("group_prices", cause, "Give one price per job, or none.", group.id)
        for name in group.jobs:
            if name not in jobs:
                cause = f"Group {group.id!r} names {name!r}, which is no job of this problem."
                yield InputError("group_job_unknown", cause, "Add the job, or take it out.", group.id)
            elif name in holder:
                cause = f"Job {name!r} is in {holder[name]!r} and again in {group.id!r}."
                yield InputError("group_twice", cause, "Keep it in one of them, once.", group.id)
            elif name in shipped:
                cause = f"Job {name!r} of group {group.id!r} belongs to a shipment."
                yield InputError("group_in_shipment", cause, "Make it a plain delivery.", group.id)
            holder.setdefault(name, group.id)


def _incompatible(problem: Problem) -> Iterator[InputError]:
    """Classes that no job has today are fine: such rules stand for years."""
    for pair in problem.incompatible:
        if not pair.one or not pair.other or pair.one == pair.other:
            cause = f"The goods {pair.one!r} and {pair.other!r} are no two classes."
            yield InputError("goods_not_two", cause, "Name two classes of goods.", pair.one)
    classes = {name for pair in problem.incompatible for name in (pair.one, pair.other)}
    if len(classes) > MAX_CLASSES:
        cause = f"{len(classes)} classes of goods are incompatible with others, {MAX_CLASSES} are possible."
        yield InputError("too_many_classes", cause, "Merge some of them.", "incompatible")
