"""VROOM's JSON as a problem.

Costs are VROOM's: what counts is the time on the road (and the metres where they are priced), never waiting.
Leaving a task out is dearer than any way to it, by priority first.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NoReturn

import numpy as np

from ...model import NEVER, UNREACHABLE, Break, Job, Matrix, Problem, Shipment, Vehicle, Window
from ...validate.ranges import MAX_CENTS
from ..errors import FormatError
from .drivers import check_steps, read_drivers
from .fields import Fields
from .places import Atlas
from .request import Driver, Options, Request, Streets, Tables, Task
from .tasks import read_tasks

FAR_FUTURE = 10**8
"""Times from here on are clock times (years), and are counted from shortly before the first of them."""

MARGIN_S = 10**7
"""How long before the first stated time a vehicle without working hours may leave."""


def parse(text: str | bytes) -> Any:
    """JSON without its loopholes: no NaN, no bytes that are no text. Raises ``FormatError`` ``not_json``."""
    try:
        return json.loads(
            text.decode("utf-8-sig") if isinstance(text, bytes) else text, parse_constant=_refuse
        )
    except json.JSONDecodeError as error:
        cause = f"This is no JSON: {error.msg}, column {error.colno}."
        raise FormatError("not_json", cause, "Send one JSON object.", line=error.lineno) from error
    except UnicodeDecodeError as error:
        raise FormatError("not_text", "This is no text in UTF-8.", "Send JSON.") from error
    except RecursionError as error:
        raise FormatError("not_json", "The JSON is nested too deeply.", "Send VROOM's format.") from error
    except ValueError as error:  # numbers of more digits than Python reads
        raise FormatError("not_json", "The JSON holds a number that is too long.", "Shorten it.") from error


def _refuse(name: str) -> NoReturn:
    raise FormatError("not_a_number", f"The JSON holds {name}.", "Send finite numbers only.")


def read_options(data: object) -> Options:
    """The ``options`` of a request: geometry, plan mode and the time limit."""
    fields = Fields.of(data, "").child("options")
    limit = fields.number("l", 0)
    if limit < 0:
        raise FormatError("out_of_range", f"options.l is {limit}.", "Give seconds, more than 0.")
    return Options(
        geometry=fields.data.get("g") in (True, "true", 1),
        plan=fields.data.get("c") in (True, "true", 1),
        limit_s=limit or None,
    )


def read(data: object, streets: Streets) -> Request:
    """A parsed VROOM input as a problem. Raises ``FormatError``."""
    began = time.perf_counter()
    root = Fields.of(data, "")
    atlas, options = Atlas(root), read_options(data)
    drivers = read_drivers(root, atlas)
    tasks = read_tasks(root, atlas, frozenset(driver.type for driver in drivers))
    check_steps(drivers, {task.key: task for task in tasks})
    dimensions = _dimensions(tasks, drivers)
    _no_load_limits(drivers, options)
    if options.geometry and any(task.spot.location is None for task in tasks):
        cause = "A geometry is asked for, and places have no coordinates."
        raise FormatError("location_missing", cause, "Add locations, or leave options.g out.")
    tables = atlas.tables((driver.profile for driver in drivers), streets)
    offset = _offset(tasks, drivers)
    problem = _problem(tasks, drivers, tables, offset)
    return Request(
        problem=problem,
        tasks={task.key: task for task in tasks},
        drivers=tuple(drivers),
        tables=tables,
        dimensions=dimensions,
        offset=offset,
        options=options,
        points=None if atlas.given else atlas.points(),
        loading_ms=round((time.perf_counter() - began) * 1000),
    )


def _dimensions(tasks: Iterable[Task], drivers: Iterable[Driver]) -> int:
    """One length for all amounts and capacities."""
    stated = {
        len(amounts)
        for amounts in (
            *(amounts for task in tasks for amounts in (task.delivery, task.pickup)),
            *(driver.capacity for driver in drivers),
        )
        if amounts
    }
    if len(stated) > 1:
        cause = f"Amounts and capacities have different lengths: {', '.join(map(str, sorted(stated)))}."
        raise FormatError("amount_lengths_differ", cause, "Give every list the same length.")
    return stated.pop() if stated else 0


def _no_load_limits(drivers: Iterable[Driver], options: Options) -> None:
    for driver in drivers:
        for pause in driver.breaks:
            limits = pause.max_load
            if limits is None or options.plan:
                continue
            if len(limits) != len(driver.capacity) or any(
                most < room for most, room in zip(limits, driver.capacity, strict=True)
            ):
                raise FormatError(
                    "break_max_load",
                    f"Break {pause.id} of vehicle {driver.id} limits the load (max_load).",
                    "Leave max_load out: it is looked at where steps are judged (options.c), not in a search.",
                )


def _offset(tasks: Iterable[Task], drivers: Iterable[Driver]) -> int:
    """What is taken off every time, so that clock times of any century fit."""
    windows = [window for task in tasks for window in task.windows]
    windows += [window for driver in drivers for pause in driver.breaks for window in pause.windows]
    windows += [driver.window for driver in drivers if driver.window is not None]
    starts = [window.start for window in windows]
    if not starts or max(starts) < FAR_FUTURE:
        return 0
    first = min(starts)
    offset = max(0, first - MARGIN_S)
    if max(starts) - offset >= NEVER:
        cause = f"The time windows begin {max(starts) - first} s apart."
        raise FormatError("times_too_far_apart", cause, "Give all times from the same origin.")
    return offset


def _problem(tasks: list[Task], drivers: list[Driver], tables: Mapping[str, Tables], offset: int) -> Problem:
    prices = _leave_prices(tasks, drivers, tables)
    jobs = tuple(replace(_job(task, offset), leave_price=prices[task.priority]) for task in tasks)
    shipments = tuple(
        Shipment(pickup.key, delivery.key, pickup.pickup)
        for pickup, delivery in itertools.pairwise(tasks)
        if pickup.kind == "pickup"
    )
    mean_s = sum(task.service + task.setup for task in tasks) // len(tasks)
    alike = len({driver.costs.per_task_hour for driver in drivers}) == 1
    vehicles = tuple(
        _vehicle(driver, tables[driver.profile], offset, 0 if alike else mean_s) for driver in drivers
    )
    return Problem(
        jobs=jobs,
        vehicles=vehicles,
        matrices={profile: _matrix(table) for profile, table in tables.items()},
        shipments=shipments,
    )


def _matrix(tables: Tables) -> Matrix:
    """Where ``costs`` are given they stand in for the metres, and a thousand of them cost a thousand."""
    distances = tables.costs if tables.costs is not None else tables.distances
    if distances is None:
        distances = np.zeros_like(tables.durations)
    return Matrix(tables.durations, distances)


def _job(task: Task, offset: int) -> Job:
    ships = task.kind != "job"
    return Job(
        id=task.key,
        place=task.spot.place,
        windows=shifted(task.windows, offset),
        service_s=task.service,
        service_by_type=task.service_by_type,
        setup_s=task.setup,
        delivery=() if ships else task.delivery,
        pickup=() if ships else task.pickup,
        skills=task.skills,
        priority=task.priority,
    )


def _vehicle(driver: Driver, tables: Tables, offset: int, mean_task_s: int) -> Vehicle:
    costs = _prices(driver, tables)
    return Vehicle(
        id=driver.key,
        start=None if driver.start is None else driver.start.place,
        end=None if driver.end is None else driver.end.place,
        shift=shifted((driver.window,), offset)[0] if driver.window else Window(0, NEVER),
        capacity=driver.capacity,
        profile=driver.profile,
        type=driver.type,
        skills=driver.skills,
        travel_percent=driver.travel_percent,
        fixed_cost=driver.costs.fixed,
        cost_per_driving_hour=costs[0],
        cost_per_km=costs[1],
        cost_per_stop=driver.costs.per_task_hour * mean_task_s // 3600,
        max_stops=driver.max_tasks,
        max_driving_s=driver.max_travel_time,
        max_distance_m=driver.max_distance,
        breaks=tuple(
            Break(str(pause.id), pause.service, shifted(pause.windows, offset) or (Window(0, NEVER),))
            for pause in driver.breaks
        ),
    )


def _prices(driver: Driver, tables: Tables) -> tuple[int, int]:
    """(per driving hour, per kilometre of what stands in the distance table)."""
    costs = driver.costs
    if tables.costs is not None:
        if costs.per_km or costs.per_hour != 3600:
            cause = f"Vehicle {driver.id} has prices of its own beside the matrix of costs."
            raise FormatError("costs_twice", cause, "Leave per_hour and per_km out, or the matrix.")
        if driver.max_distance is not None:
            cause = f"Vehicle {driver.id} has max_distance beside a matrix of costs."
            raise FormatError("distance_beside_costs", cause, "Leave one of the two out.")
        return 0, 1000
    if tables.distances is None and (costs.per_km or driver.max_distance is not None):
        cause = f"Vehicle {driver.id} counts metres, and profile {driver.profile!a} has no distances."
        raise FormatError("distances_missing", cause, "Add distances to its matrices.")
    return costs.per_hour, costs.per_km


def _leave_prices(tasks: list[Task], drivers: list[Driver], tables: Mapping[str, Tables]) -> dict[int, int]:
    """Cents by priority. One step of priority outweighs all lower ones together, as far as numbers reach."""
    way = max(_dearest_leg(driver, tables[driver.profile]) for driver in drivers)
    base = min(MAX_CENTS, 1 + 4 * way + max(driver.costs.fixed for driver in drivers))
    highest = max(task.priority for task in tasks)
    step = max(1, min(len(tasks) + 1, (MAX_CENTS // base - 1) // max(1, highest)))
    return {task.priority: min(MAX_CENTS, base * (1 + step * task.priority)) for task in tasks}


def _dearest_leg(driver: Driver, tables: Tables) -> int:
    per_hour, per_km = _prices(driver, tables)
    ways = tables.durations[tables.durations != UNREACHABLE]
    seconds = int(ways.max(initial=0)) * driver.travel_percent // 100
    costly = tables.costs if tables.costs is not None else tables.distances
    metres = 0 if costly is None else int(costly[tables.durations != UNREACHABLE].max(initial=0))
    return seconds * per_hour // 3600 + metres * per_km // 1000


def shifted(windows: Iterable[Window], offset: int) -> tuple[Window, ...]:
    """Windows in the planner's time."""
    return tuple(Window(min(NEVER, start - offset), min(NEVER, end - offset)) for start, end in windows)
