"""A planned route step by step in VROOM's sense: cumulated time on the road, load after each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ...model import UNREACHABLE
from ...solution import Route, Solution
from ...solution import Step as Walked
from .request import Driver, Pause, Request, Spot, StepKind, Tables, Task

type Violation = dict[str, Any]
"""``cause``, and ``duration`` in seconds where it is about time."""

PAUSE_KEY = "break:"
"""How a break is called where it stands in a route as a stop."""


@dataclass(slots=True)
class Line:
    """One step as it goes out; times in the planner's seconds."""

    kind: StepKind
    task: Task | None
    pause: Pause | None
    spot: Spot | None
    arrival: int
    start: int
    setup: int
    service: int
    waiting: int
    load: tuple[int, ...]
    travel: int
    metres: int
    violations: list[Violation] = field(default_factory=list)


@dataclass(slots=True)
class Tour:
    """One vehicle's lines. ``travel`` and ``metres`` are those of its last line; ``cost`` is VROOM's."""

    driver: Driver
    lines: list[Line]
    travel: int
    metres: int
    cost: int
    violations: list[Violation] = field(default_factory=list)


@dataclass(slots=True)
class Answer:
    """What goes out. ``left``: tasks in no route, each with the reason in words where one is known."""

    tours: list[Tour]
    left: list[tuple[Task, str]]
    judged: bool = False


def answer(request: Request, solution: Solution) -> Answer:
    """A search's plan."""
    drivers = {driver.key: driver for driver in request.drivers}
    tours = [tour(request, drivers[route.vehicle], route) for route in solution.routes if route.jobs]
    left = [(request.tasks[item.job], item.words) for item in solution.unassigned]
    return Answer(tours, left)


def tour(request: Request, driver: Driver, route: Route) -> Tour:
    """A route of the planner in VROOM's words."""
    tables, lines = request.tables[driver.profile], list[Line]()
    travel = metres = costs = 0
    place: int | None = None
    left_at, breaks = 0, list[Walked]()
    for step in route.steps:
        if step.kind == "break":
            breaks.append(step)
            continue
        waited = 0
        for line in _breaks(driver, breaks, step, left_at, travel, metres):
            lines.append(line)
            waited += line.waiting if line.start >= step.arrival else 0
        travel += step.travel_s
        if place is not None and step.place is not None:
            metres += _entry(tables, "distances", place, step.place)
            costs += _entry(tables, "costs", place, step.place)
        place = step.place if step.place is not None else place
        left_at, breaks = step.departure, []
        if (step.kind != "start" or driver.start) and (step.kind != "end" or driver.end):
            lines.append(_stop(request, driver, step, waited, travel, metres))
    return Tour(
        driver,
        lines,
        travel,
        metres,
        _cost(driver, lines, travel, metres, costs, priced=tables.costs is not None),
    )


def _breaks(
    driver: Driver, breaks: Sequence[Walked], stop: Walked, left_at: int, travel: int, metres: int
) -> list[Line]:
    """The breaks on the way to a stop and at its door. Who waits for one at the door waits for the break."""
    pauses = {str(pause.id): pause for pause in driver.breaks}
    lines, driven, clock = list[Line](), 0, stop.arrival + stop.setup_s
    for step in breaks:
        at_door = step.start >= stop.arrival
        driven = stop.travel_s if at_door else min(stop.travel_s, driven + max(0, step.arrival - left_at))
        waiting = max(0, step.start - clock) if at_door else step.start - step.arrival
        lines.append(
            Line(
                kind="break",
                task=None,
                pause=pauses[step.id],
                spot=None,
                arrival=step.start - waiting,
                start=step.start,
                setup=0,
                service=step.departure - step.start,
                waiting=waiting,
                load=step.load,
                travel=travel + driven,
                metres=metres,
            )
        )
        left_at, clock = step.departure, max(clock, step.departure)
    return lines


def _stop(request: Request, driver: Driver, step: Walked, waited: int, travel: int, metres: int) -> Line:
    """A step at a place. ``waited``: for breaks at its door, who count as theirs."""
    task = request.tasks.get(step.id) if step.kind == "job" else None
    pause = None
    if step.kind == "job" and task is None:
        pause = next(p for p in driver.breaks if step.id == f"{PAUSE_KEY}{p.id}")
    kind: StepKind = "break" if pause else task.kind if task else "start" if step.kind == "start" else "end"
    at_door = kind not in ("start", "end")
    waiting = max(0, step.waiting_s - waited) if at_door else 0
    spot = task.spot if task else {"start": driver.start, "end": driver.end}.get(kind)
    start = step.departure if kind == "start" else step.start
    return Line(
        kind=kind,
        task=task,
        pause=pause,
        spot=spot,
        arrival=start - waiting - step.setup_s if at_door else start,
        start=start,
        setup=step.setup_s if at_door else 0,
        service=step.departure - step.start if at_door else 0,
        waiting=waiting,
        load=step.load,
        travel=travel,
        metres=metres,
    )


def _entry(tables: Tables, name: str, start: int, end: int) -> int:
    """Metres or costs of one leg; none where there is no way, or nobody said."""
    table = getattr(tables, name)
    if table is None or int(tables.durations[start, end]) == UNREACHABLE:
        return 0
    return int(table[start, end])


def _cost(
    driver: Driver, lines: Sequence[Line], travel: int, metres: int, costs: int, *, priced: bool
) -> int:
    """VROOM's cost of a route. ``priced``: a matrix of costs stands for the price of the road."""
    prices = driver.costs
    tasks = sum(line.setup + line.service for line in lines if line.task)
    road = 0 if priced else travel * prices.per_hour
    hourly = (2 * (road + tasks * prices.per_task_hour) + 3600) // 7200
    return prices.fixed + costs + hourly + (2 * metres * prices.per_km + 1000) // 2000
