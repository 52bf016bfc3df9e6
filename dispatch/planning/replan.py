"""Planning again in the middle of the day: what has been driven stays, and of the rest as much as is asked for.

``rules.freeze`` knows plans and no clock; here the clock comes in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from .evaluate import evaluate
from .model import Job, Plan, Problem, Vehicle, Window
from .rules import freeze as rule
from .solution import Route

type Level = Literal["nothing", "departed stops", "next stop", "routes", "order", "times"]

_BELOW: dict[Level, rule.Level] = {"routes": "assignment", "order": "order", "times": "times"}


@dataclass(frozen=True, slots=True)
class _Way:
    """How far a route has come. ``fixed``: its head; ``aboard``: deliveries that left with it and are still to do."""

    route: Route
    fixed: tuple[str, ...]
    aboard: frozenset[str]


def freeze(
    problem: Problem, plan: Plan, level: Level, now: int, departures: Mapping[str, int] | None = None
) -> Problem:
    """The problem in which so much of ``plan`` is fixed at second ``now``.

    ``nothing``: the problem as it is. ``departed stops``: stops that the van has left stay at the head of its route.
    ``next stop``: so does the stop that it is at, or on its way to. ``routes``: besides, every stop stays on its
    route, in any order. ``order``: besides, in its order; what is new may come between. ``times``: besides, nothing
    is added, only times change (levels of rule 46, which go on from there).

    ``departures``: when vehicles have really left or will, by id; others leave when ``evaluate`` has them leave.
    A van under way left then and not earlier or later; what left the depot with it and is not delivered stays on
    board, so on its route. Deliveries that no departed van has, new ones above all, are released at ``now`` at the
    earliest. A van at home does not leave before ``now``, nor at all where its shift or its latest start is over.
    As hard as the dials of ``late_start``, ``not_released``, ``pinned_elsewhere`` and ``out_of_sequence``.
    Raises ``PlanningError`` for names that are unknown.
    """
    below = _BELOW.get(level, "free")
    if level == "nothing":
        return rule.freeze(problem, plan, "free")
    ways = {
        route.vehicle: _way(problem, route, level, now)
        for route in evaluate(problem, plan, departures=departures).routes
        if route.begin <= now
    }
    held = rule.freeze(problem, plan, below)
    return replace(
        held,
        vehicles=tuple(_under_way(v, ways.get(v.id), now) for v in held.vehicles),
        jobs=_settled(held.jobs, ways, now),
    )


def _way(problem: Problem, route: Route, level: Level, now: int) -> _Way:
    """The head of a route that has begun, by what of it is behind the van."""
    steps = [step for step in route.steps if step.kind in ("job", "reload", "charge")]
    left = sum(1 for step in steps if step.departure <= now)
    fixed = left + (1 if level != "departed stops" and left < len(steps) else 0)
    reload = next((i for i, step in enumerate(steps) if i >= left and step.kind == "reload"), len(steps))
    loads = {job.id: job.delivery for job in problem.jobs}
    picked = {s.delivery for s in problem.shipments if s.pickup in {step.id for step in steps[:fixed]}}
    aboard = {s.id for s in steps[left:reload] if any(loads.get(s.id, ()))} | picked
    ids = tuple(step.id for step in steps)
    return _Way(route, ids[:fixed], frozenset(aboard.intersection(ids)))


def _under_way(vehicle: Vehicle, way: _Way | None, now: int) -> Vehicle:
    """The vehicle as it left, or as it can leave from now on; one that no longer may leave stays at home."""
    shift = vehicle.shift
    if way is None:
        last = shift.end if vehicle.latest_start is None else min(shift.end, vehicle.latest_start)
        if now > last:
            return replace(vehicle, locked=True, first=())
        return replace(vehicle, shift=Window(max(shift.start, now), shift.end))
    begin = max(0, min(way.route.begin, shift.end))
    first = vehicle.first if vehicle.locked else _longer(vehicle.first, way.fixed)
    latest = max(way.route.departure, begin)
    return replace(vehicle, shift=Window(begin, shift.end), latest_start=latest, first=first)


def _longer(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    """Of two heads of one route the one that fixes more."""
    return one if len(one) >= len(other) else other


def _settled(jobs: tuple[Job, ...], ways: Mapping[str, _Way], now: int) -> tuple[Job, ...]:
    on = {job: vehicle for vehicle, way in ways.items() for job in (*way.aboard, *way.fixed)}
    return tuple(_settle(job, on.get(job.id), now) for job in jobs)


def _settle(job: Job, vehicle: str | None, now: int) -> Job:
    if vehicle is not None:
        return replace(job, pinned_to=vehicle)
    if any(job.delivery):
        return replace(job, release_s=max(job.release_s, now))
    return job
