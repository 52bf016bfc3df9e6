"""Vehicles of a VROOM problem, with their breaks, prices and given steps."""

from __future__ import annotations

from typing import cast

from ...model import NEVER
from ..errors import FormatError
from .fields import MAX_NUMBER, Fields, missing, wrong
from .places import Atlas
from .request import TASK_KINDS, Costs, Driver, Pause, PlanStep, StepKind, Task
from .tasks import window_of, windows_of

MAX_VEHICLES = 1000
STEP_KINDS = ("start", *TASK_KINDS, "break", "end")


def read_drivers(root: Fields, atlas: Atlas) -> list[Driver]:
    """All vehicles, their steps not yet held against the tasks."""
    vehicles = root.objects("vehicles")
    if not vehicles:
        raise FormatError("no_vehicle", "There is no vehicle.", "Send at least one.")
    if len(vehicles) > MAX_VEHICLES:
        cause = f"There are {len(vehicles)} vehicles."
        raise FormatError("too_many_vehicles", cause, f"Send at most {MAX_VEHICLES}.")
    drivers = [_driver(fields, atlas) for fields in vehicles]
    seen: set[int] = set()
    for driver in drivers:
        if driver.id in seen:
            raise FormatError("duplicate_id", f"Two vehicles have the id {driver.id}.", "Renumber one.")
        seen.add(driver.id)
    return drivers


def check_steps(drivers: list[Driver], tasks: dict[str, Task]) -> None:
    """Every step names something that is there, and nothing is done twice."""
    done: set[str] = set()
    for driver in drivers:
        pauses = {str(pause.id) for pause in driver.breaks}
        for step in driver.steps or ():
            known = tasks if step.kind in TASK_KINDS else pauses
            label = f"The steps of vehicle {driver.id}"
            if step.key and step.key not in known:
                cause = f"{label} name {step.kind} {step.key.rpartition(':')[2]}, which is not there."
                raise FormatError("step_unknown", cause, "Correct the id.")
            mark = step.key if step.kind != "break" else f"{driver.id} break {step.key}"
            if step.key and mark in done:
                cause = f"{label} do {step.kind} {step.key.rpartition(':')[2]} a second time."
                raise FormatError("step_twice", cause, "Take it out once.")
            done.add(mark)


def _driver(fields: Fields, atlas: Atlas) -> Driver:
    start = atlas.spot(fields, "start", "start_index")
    end = atlas.spot(fields, "end", "end_index")
    if start is None and end is None:
        raise FormatError(
            "no_start_or_end", f"{fields.path} has neither start nor end.", "Give it at least one of them."
        )
    return Driver(
        id=fields.whole("id", high=MAX_NUMBER),
        profile=fields.text("profile") or "car",
        start=start,
        end=end,
        description=fields.text("description"),
        type=fields.text("type"),
        capacity=fields.wholes("capacity"),
        skills=frozenset(map(str, fields.wholes("skills", high=MAX_NUMBER))),
        window=window_of(fields.data["time_window"], fields.at("time_window"))
        if fields.has("time_window")
        else None,
        breaks=_breaks(fields),
        travel_percent=_travel_percent(fields),
        costs=_costs(fields),
        max_tasks=fields.optional("max_tasks"),
        max_travel_time=fields.optional("max_travel_time"),
        max_distance=fields.optional("max_distance"),
        steps=tuple(_step(step) for step in fields.objects("steps")) if fields.has("steps") else None,
    )


def _travel_percent(fields: Fields) -> int:
    factor = fields.number("speed_factor", 1.0)
    if not 0.1 <= factor <= 5:
        path = fields.at("speed_factor")
        raise wrong(path, f"is {factor}, not within 0.1 and 5", "Correct it.", "out_of_range")
    return round(100 / factor)


def _costs(fields: Fields) -> Costs:
    costs = fields.child("costs")
    return Costs(
        fixed=costs.whole("fixed", 0),
        per_hour=costs.whole("per_hour", 3600, high=10**6),
        per_km=costs.whole("per_km", 0, high=10**6),
        per_task_hour=costs.whole("per_task_hour", 0, high=10**6),
    )


def _breaks(fields: Fields) -> tuple[Pause, ...]:
    pauses = []
    for pause in fields.objects("breaks"):
        pauses.append(
            Pause(
                id=pause.whole("id", high=MAX_NUMBER),
                service=pause.whole("service", 0),
                windows=windows_of(pause),
                description=pause.text("description"),
                max_load=pause.wholes("max_load") if pause.has("max_load") else None,
            )
        )
    ids = [pause.id for pause in pauses]
    if len(set(ids)) < len(ids):
        raise wrong(fields.at("breaks"), "have an id twice", "Renumber one.", "duplicate_id")
    return tuple(pauses)


def _step(fields: Fields) -> PlanStep:
    kind = fields.text("type")
    if kind not in STEP_KINDS:
        known = ", ".join(STEP_KINDS)
        raise wrong(fields.at("type"), f"is {ascii(kind)[:40]}", f"Use one of {known}.", "step_type_unknown")
    key = ""
    if kind not in ("start", "end"):
        if not fields.has("id"):
            raise missing(fields.at("id"))
        number = fields.whole("id", high=MAX_NUMBER)
        key = str(number) if kind == "break" else f"{kind}:{number}"
    return PlanStep(
        cast(StepKind, kind),
        key,
        at=fields.optional("service_at", high=NEVER * 100),
        after=fields.optional("service_after", high=NEVER * 100),
        before=fields.optional("service_before", high=NEVER * 100),
    )
