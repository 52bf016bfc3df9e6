"""Jobs and shipments of a VROOM problem."""

from __future__ import annotations

import itertools

from ...model import NEVER, Window
from ..errors import FormatError
from .fields import MAX_NUMBER, Fields, missing, whole, wrong
from .places import Atlas
from .request import Task, TaskKind

MAX_TASKS = 5000


def read_tasks(root: Fields, atlas: Atlas, types: frozenset[str]) -> list[Task]:
    """All tasks in order; a shipment is a pickup directly followed by its delivery."""
    jobs, shipments = root.objects("jobs"), root.objects("shipments")
    if not jobs and not shipments:
        raise FormatError("nothing_to_do", "There is neither a job nor a shipment.", "Send at least one.")
    if len(jobs) + 2 * len(shipments) > MAX_TASKS:
        raise FormatError(
            "too_many_jobs", f"There are more than {MAX_TASKS} tasks.", "Send fewer jobs at once."
        )
    tasks = [_job(fields, atlas, types) for fields in jobs]
    for fields in shipments:
        tasks += _shipment(fields, atlas, types)
    seen: set[str] = set()
    for task in tasks:
        if task.key in seen:
            raise FormatError(
                "duplicate_id", f"Two {_plural(task.kind)} have the id {task.id}.", "Renumber one."
            )
        seen.add(task.key)
    return tasks


def windows_of(fields: Fields, key: str = "time_windows") -> tuple[Window, ...]:
    """Windows in order; none means any time. Overlapping ones are refused, as they are by VROOM."""
    path, found = fields.at(key), list[Window]()
    for i, pair in enumerate(fields.items(key)):
        found.append(window_of(pair, f"{path}[{i}]"))
    found.sort()
    for before, after in itertools.pairwise(found):
        if after.start <= before.end:
            cause = f"overlap: {list(before)} and {list(after)}"
            raise wrong(path, cause, "Merge them.", "windows_overlap")
    return tuple(found)


def window_of(pair: object, path: str) -> Window:
    """One [start, end]."""
    if not isinstance(pair, (list, tuple)) or len(pair) != 2:
        raise wrong(path, "is no pair", "Give [start, end].", "window_invalid")
    start = whole(pair[0], f"{path}[0]", high=MAX_NUMBER)
    end = whole(pair[1], f"{path}[1]", high=MAX_NUMBER)
    if end < start:
        raise wrong(path, f"ends before it starts: [{start}, {end}]", "Swap them.", "window_invalid")
    return Window(start, end)


def _job(fields: Fields, atlas: Atlas, types: frozenset[str]) -> Task:
    delivery = "delivery" if fields.has("delivery") else "amount"
    return _task("job", fields, atlas, types, fields, fields.wholes(delivery), fields.wholes("pickup"))


def _shipment(fields: Fields, atlas: Atlas, types: frozenset[str]) -> list[Task]:
    load = fields.wholes("amount")
    ends = []
    for kind in ("pickup", "delivery"):
        if not fields.has(kind):
            raise missing(fields.at(kind))
        loads = ((), load) if kind == "pickup" else (load, ())
        ends.append(_task(kind, fields.child(kind), atlas, types, fields, *loads))
    return ends


def _task(
    kind: TaskKind,
    fields: Fields,
    atlas: Atlas,
    types: frozenset[str],
    shared: Fields,
    delivery: tuple[int, ...],
    pickup: tuple[int, ...],
) -> Task:
    spot = atlas.spot(fields, "location", "location_index")
    if spot is None:
        raise missing(fields.at("location"))
    service = fields.whole("service", 0)
    return Task(
        kind=kind,
        id=fields.whole("id", high=MAX_NUMBER),
        spot=spot,
        description=fields.text("description"),
        setup=_setup(fields, types),
        service=service,
        service_by_type=tuple(sorted(_by_type(fields, "service_per_type").items())),
        delivery=delivery,
        pickup=pickup,
        skills=frozenset(map(str, shared.wholes("skills", high=MAX_NUMBER))),
        priority=shared.whole("priority", 0, high=100),
        windows=windows_of(fields),
    )


def _by_type(fields: Fields, key: str) -> dict[str, int]:
    table = fields.child(key)
    return {name: table.whole(name) for name in table.data}


def _setup(fields: Fields, types: frozenset[str]) -> int:
    """One setup for all: what differs by vehicle type cannot be said to the planner."""
    usual, by_type = fields.whole("setup", 0, high=NEVER), _by_type(fields, "setup_per_type")
    setups = {by_type.get(name, usual) for name in types}
    if len(setups) > 1:
        cause = f"differs between the vehicle types: {', '.join(map(str, sorted(setups)))} s"
        action = "Give one setup for all types; service_per_type may differ."
        raise wrong(fields.at("setup_per_type"), cause, action, "setup_per_type_differs")
    return setups.pop() if setups else usual


def _plural(kind: str) -> str:
    return "deliveries" if kind == "delivery" else f"{kind}s"
