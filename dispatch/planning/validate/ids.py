"""Every id is there, and once. Jobs, depots and chargers share one namespace: that of the items of a plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..errors import InputError
from ..model import Problem

_OWN = "Give each its own id."


def ids(problem: Problem) -> Iterator[InputError]:
    """Empty ids, ids that two things have."""
    items = {
        "job": [job.id for job in problem.jobs],
        "depot": [depot.id for depot in problem.depots],
        "charger": [charger.id for charger in problem.chargers],
    }
    rest = {
        "vehicle": [vehicle.id for vehicle in problem.vehicles],
        "group": [group.id for group in problem.groups],
        "carrier": [carrier.id for carrier in problem.carriers],
    }
    for noun, names in (items | rest).items():
        yield from _once(noun, names)
    yield from _shared(items)
    for vehicle in problem.vehicles:
        for name, count in Counter(pause.id for pause in vehicle.breaks).items():
            if count > 1:
                cause = f"{count} breaks of {vehicle.id!r} have the id {name!r}."
                yield InputError("duplicate_id", cause, _OWN, vehicle.id)


def _once(noun: str, names: list[str]) -> Iterator[InputError]:
    for name, count in Counter(names).items():
        if count > 1:
            yield InputError("duplicate_id", f"{count} {noun}s have the id {name!r}.", _OWN, name)
        if not name:
            yield InputError("empty_id", f"A {noun} has an empty id.", "Give it an id.", name)


def _shared(items: dict[str, list[str]]) -> Iterator[InputError]:
    holder: dict[str, str] = {}
    for noun, names in items.items():
        for name in dict.fromkeys(names):
            if name in holder:
                cause = f"A {holder[name]} and a {noun} both have the id {name!r}."
                yield InputError("duplicate_id", cause, _OWN, name)
            holder.setdefault(name, noun)
