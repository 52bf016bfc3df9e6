"""Freeze levels when replanning: the times only, the order, the assignment, or nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ..errors import PlanningError
from ..model import Job, Plan, Problem, Relation, Vehicle
from .rule import Rule

RULE = Rule(
    name="freeze",
    number=46,
    kind="function",
    meaning=(
        "``freeze`` turns a plan into a problem in which so much of it holds: every route as it is (only times may "
        "change), the order on each route (new jobs may come between), the driver of each job, or nothing; "
        "``replan.freeze`` also fixes what has been driven by now."
    ),
    see=("locked_changed", "frozen_moved", "out_of_sequence", "pinned_elsewhere"),
    fields=("Vehicle.locked", "Vehicle.first", "Relation.kind", "Job.pinned_to"),
    api=("rules.freeze.freeze", "replan.freeze"),
    pyvrp="locked vehicles are left out, pins go by the profile; an order is repaired",
    search="locked routes stay, pins and orders are kept by the kernel",
)

type Level = Literal["times", "order", "assignment", "free"]


def freeze(problem: Problem, plan: Plan, level: Level) -> Problem:
    """The problem in which ``plan`` holds up to ``level``: what may still change is the level's name and more.

    ``times``: every vehicle is locked to its items, vehicles without any stay at home. ``order``: jobs stay on
    their vehicle in their order, others may come between. ``assignment``: jobs stay on their vehicle. ``free``:
    the problem as it is. Order and assignment are as hard as the dials of their codes.
    Raises ``PlanningError`` ``unknown_vehicle`` or ``unknown_job``.
    """
    _known(problem, plan)
    if level == "free":
        return problem
    if level == "times":
        return replace(problem, vehicles=tuple(_locked(v, plan) for v in problem.vehicles))
    jobs = {job.id for job in problem.jobs}
    on = {item: vehicle for vehicle, items in plan.items() for item in items if item in jobs}
    pinned = replace(problem, jobs=tuple(_pinned(job, on) for job in problem.jobs))
    if level == "assignment":
        return pinned
    routes = [tuple(item for item in items if item in jobs) for items in plan.values()]
    orders = tuple(Relation("sequence", route) for route in routes if len(route) > 1)
    return replace(pinned, relations=problem.relations + orders)


def _locked(vehicle: Vehicle, plan: Plan) -> Vehicle:
    return replace(vehicle, first=tuple(plan.get(vehicle.id, ())), locked=True)


def _pinned(job: Job, on: dict[str, str]) -> Job:
    return replace(job, pinned_to=on[job.id]) if job.id in on else job


def _known(problem: Problem, plan: Plan) -> None:
    vehicles = {vehicle.id for vehicle in problem.vehicles}
    items = {thing.id for things in (problem.jobs, problem.depots, problem.chargers) for thing in things}
    for vehicle, route in plan.items():
        if vehicle not in vehicles:
            raise PlanningError(
                "unknown_vehicle", f"There is no vehicle {vehicle!r}.", "Name one that is there."
            )
        for item in route:
            if item not in items:
                raise PlanningError("unknown_job", f"There is no job {item!r}.", "Name one that is there.")
