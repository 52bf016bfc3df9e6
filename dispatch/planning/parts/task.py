"""A part as a problem of its own, ready to be solved anywhere, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..engines.base import Cancelled
from ..model import Depot, Plan, Problem, Relation
from ..program import SolverProgram
from ..solution import Route, Solution
from .cut import Part
from .ways import Places, Ways


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One part and how long to search it.

    ``problem`` has no matrices yet and numbers its own places; ``places`` are their numbers in the whole. ``start``:
    the plan to go on from. One of ``time_s`` and ``iterations`` is given.
    """

    problem: Problem
    places: Places
    start: Plan | None
    time_s: float | None
    iterations: int | None
    seed: int

    def whole(self, ways: Ways) -> Problem:
        """With its square of the ways; a part without vehicles keeps one of them, for a problem has some."""
        blocks = ways.block(self.places, self.places)
        used = {v.profile for v in self.problem.vehicles} | {self.problem.walk_profile}
        kept = {name: m for name, m in blocks.items() if name in used}
        return replace(self.problem, matrices=kept or dict([*blocks.items()][:1]))

    def solve(self, program: SolverProgram, problem: Problem, stop: Cancelled) -> Solution:
        """``problem`` (``whole``) on one core of a solver program; its errors are those of ``SolverProgram.solve``."""
        return program.solve(
            problem,
            time_limit_s=self.time_s,
            iterations=self.iterations,
            seed=self.seed,
            warm_start=self.start,
            cores=1,
            should_cancel=stop,
        )

    def placed(self, solution: Solution) -> tuple[Route, ...]:
        """The routes of a solution, at the places of the whole problem."""
        return tuple(
            replace(
                route,
                steps=tuple(
                    step if step.place is None else replace(step, place=int(self.places[step.place]))
                    for step in route.steps
                ),
            )
            for route in solution.routes
        )


type RunAll = Callable[[Sequence[Task], Cancelled], Iterator[tuple[int, Solution]]]
"""Solves tasks side by side: yields (number of the task, its verified solution) as they come. A task that fails or
is cancelled is left out, or comes with the best plan that it had. ``Cancelled`` is asked often.
"""


def task_of(
    problem: Problem,
    part: Part,
    *,
    docks: int,
    share: int,
    plan: Plan | None,
    time_s: float | None,
    iterations: int | None,
    seed: int,
) -> Task:
    """The problem of one part. Of the docks of each depot it has the share of part number ``share`` of ``docks``
    parts. Jobs need leave prices of their own (``priced``).
    """
    names = {problem.jobs[j].id for j in part.jobs}
    fleet = [problem.vehicles[v] for v in part.vehicles]
    narrow = replace(
        problem,
        jobs=tuple(problem.jobs[j] for j in part.jobs),
        vehicles=tuple(fleet),
        matrices={},
        load_names=tuple(map(problem.load_name, range(problem.dimensions))),
        shipments=tuple(s for s in problem.shipments if s.pickup in names),
        groups=tuple(g for g in problem.groups if names.issuperset(g.jobs)),
        relations=tuple(_within(problem.relations, names)),
        depots=tuple(_dealt(depot, docks, share) for depot in problem.depots),
    )
    places = _places(narrow)
    start = {v.id: plan[v.id] for v in fleet if v.id in plan} if plan else None
    return Task(_renumbered(narrow, places), places, start or None, time_s, iterations, seed)


def _within(relations: Sequence[Relation], names: set[str]) -> Iterator[Relation]:
    for relation in relations:
        here = tuple(job for job in relation.jobs if job in names)
        if len(here) > 1:
            yield replace(relation, jobs=here)


def _dealt(depot: Depot, parts: int, share: int) -> Depot:
    if depot.docks is None:
        return depot
    return replace(depot, docks=max(1, (depot.docks * (share + 1)) // parts - (depot.docks * share) // parts))


def _places(problem: Problem) -> Places:
    used = {job.place for job in problem.jobs}
    used |= {depot.place for depot in problem.depots} | {charger.place for charger in problem.chargers}
    for v in problem.vehicles:
        used |= {place for place in (v.start, v.end, *(b.place for b in v.breaks)) if place is not None}
    return np.array(sorted(used), dtype=np.intp)


def _renumbered(problem: Problem, places: Places) -> Problem:
    at: dict[int | None, int | None] = {place: number for number, place in enumerate(places.tolist())}
    new = {place: number for number, place in enumerate(places.tolist())}
    at[None] = None
    return replace(
        problem,
        jobs=tuple(replace(job, place=new[job.place]) for job in problem.jobs),
        vehicles=tuple(
            replace(
                v,
                start=at[v.start],
                end=at[v.end],
                breaks=tuple(replace(pause, place=at[pause.place]) for pause in v.breaks),
            )
            for v in problem.vehicles
        ),
        depots=tuple(replace(depot, place=new[depot.place]) for depot in problem.depots),
        chargers=tuple(replace(charger, place=new[charger.place]) for charger in problem.chargers),
        points=None if problem.points is None else problem.points[places],
    )
