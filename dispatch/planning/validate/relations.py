"""Relations: members that exist, and no two hard rules that no plan could keep at once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from ..errors import InputError
from ..model import Problem, Relation
from .dials import is_hard
from .jobs import twice

_DROP = "Drop one of the two, or turn the dial of one to soft."
_APART = ("different_routes", "together")


def relations(problem: Problem) -> Iterator[InputError]:
    """Each by itself; contradictions only where each makes sense."""
    known = {job.id for job in problem.jobs}
    wrong = [error for relation in problem.relations for error in _members(relation, known)]
    yield from wrong
    if not wrong:
        yield from _routes(problem)
        yield from _drivers(problem)
        yield from _order(problem)


def _members(relation: Relation, known: set[str]) -> Iterator[InputError]:
    subject = relation.jobs[0] if relation.jobs else ""
    if len(relation.jobs) < 2:
        cause = f"A relation {relation.kind!r} has {len(relation.jobs)} jobs."
        yield InputError("relation_too_small", cause, "Name two at least.", subject)
    for name in twice(list(relation.jobs)):
        cause = f"A relation {relation.kind!r} names {name!r} twice."
        yield InputError("relation_job_twice", cause, "Name it once.", name)
    for name in dict.fromkeys(relation.jobs):
        if name not in known:
            cause = f"A relation {relation.kind!r} names {name!r}, which is no job of this problem."
            yield InputError("relation_job_unknown", cause, "Add the job, or take it out.", name)


def _routes(problem: Problem) -> Iterator[InputError]:
    """Two jobs that must share a route and must not."""
    if not is_hard(problem, "not_apart"):
        return
    joined: list[tuple[str, ...]] = [(s.pickup, s.delivery) for s in problem.shipments]
    if is_hard(problem, "not_same_route"):
        joined += [relation.jobs for relation in problem.relations if relation.kind not in _APART]
    held: dict[str, list[int]] = defaultdict(list)
    for number, names in enumerate(joined):
        for name in names:
            held[name].append(number)
    for relation in problem.relations:
        if relation.kind not in _APART:
            continue
        shared = Counter(number for name in relation.jobs for number in held[name])
        for number in (number for number, count in shared.items() if count > 1):
            one, other = [name for name in relation.jobs if name in joined[number]][:2]
            cause = f"{one!r} and {other!r} must be on one route, and by {relation.kind!r} must not."
            yield InputError("relations_contradict", cause, _DROP, one)


def _drivers(problem: Problem) -> Iterator[InputError]:
    """Jobs that must share a route, pinned to two vehicles; jobs that must not, pinned to one."""
    if not is_hard(problem, "pinned_elsewhere"):
        return
    pins = {job.id: job.pinned_to for job in problem.jobs if job.pinned_to is not None}
    bound: list[tuple[str, tuple[str, ...], bool]] = [
        ("a shipment", (s.pickup, s.delivery), True) for s in problem.shipments
    ]
    for relation in problem.relations:
        apart = relation.kind in _APART
        if is_hard(problem, "not_apart" if apart else "not_same_route"):
            bound.append((repr(relation.kind), relation.jobs, not apart))
    for what, names, one_route in bound:
        held: dict[str, str] = {}
        for name in (name for name in names if name in pins):
            vehicle = pins[name]
            other = next((held[v] for v in held if (v != vehicle) is one_route), None)
            if other is not None:
                must = "be on one route" if one_route else "not be on one route"
                cause = f"By {what} {other!r} and {name!r} must {must}, but they are pinned to "
                cause += f"{pins[other]!r} and {vehicle!r}." if one_route else f"{vehicle!r} both."
                yield InputError(
                    "pins_contradict", cause, "Unpin one of the two, or drop the relation.", other
                )
                break
            held[vehicle] = name


def _steps(problem: Problem) -> list[tuple[str, str]]:
    """(earlier, later) wherever the order is hard."""
    steps = [(s.pickup, s.delivery) for s in problem.shipments if s.pickup != s.delivery]
    for relation in problem.relations:
        if relation.kind in ("sequence", "direct") and is_hard(problem, "out_of_sequence"):
            steps += pairwise(relation.jobs)
    return steps


def _order(problem: Problem) -> Iterator[InputError]:
    steps = _steps(problem)
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for earlier, later in steps:
        sorter.add(later, earlier)
    try:
        sorter.prepare()
    except CycleError as found:
        ring = found.args[1]
        cause = f"The sequences lead in a circle: {' before '.join(map(repr, ring))}."
        yield InputError("sequence_cycle", cause, "Drop one of them.", ring[0])
    yield from _ends(problem, steps)
    if is_hard(problem, "not_direct"):
        yield from _neighbours(problem)


def _ends(problem: Problem, steps: list[tuple[str, str]]) -> Iterator[InputError]:
    """A first job that another precedes, a last one that another follows."""
    before, after = ({later: earlier for earlier, later in steps}, dict(steps))
    for job in problem.jobs:
        others = {"first": before, "last": after}.get(job.position, {})
        if job.id in others and is_hard(problem, f"not_{job.position}"):
            side = "after" if job.position == "first" else "before"
            cause = f"Job {job.id!r} must be the {job.position} of its route, and {side} {others[job.id]!r}."
            yield InputError("position_contradicts", cause, _DROP, job.id)


def _neighbours(problem: Problem) -> Iterator[InputError]:
    """Two jobs that must both directly follow, or both directly precede, a third."""
    after, before = dict[str, str](), dict[str, str]()
    for relation in problem.relations:
        if relation.kind != "direct":
            continue
        for earlier, later in pairwise(relation.jobs):
            if after.setdefault(earlier, later) != later:
                cause = f"{after[earlier]!r} and {later!r} must both come directly after {earlier!r}."
                yield InputError("relations_contradict", cause, _DROP, earlier)
            if before.setdefault(later, earlier) != earlier:
                cause = f"{before[later]!r} and {earlier!r} must both come directly before {later!r}."
                yield InputError("relations_contradict", cause, _DROP, later)
