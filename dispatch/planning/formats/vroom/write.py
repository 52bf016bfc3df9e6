"""An answer as VROOM's JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .request import Request, Spot, Streets, Task
from .timeline import Answer, Line, Tour, Violation

INTERNAL, INPUT, ROUTING = 1, 2, 3
"""VROOM's codes for what went wrong; 0 is success."""


def failure(code: int, error: str) -> dict[str, Any]:
    """The answer that says no; nothing of the caller's that cannot be printed or stored gets into it."""
    return {"code": code, "error": error.replace("\0", "").encode("utf-8", "replace").decode()}


def write(
    request: Request, answer: Answer, *, solving_ms: int = 0, streets: Streets | None = None
) -> dict[str, Any]:
    """Summary, routes and what is left. ``streets`` draw the way where a geometry was asked for."""
    routes = [_route(request, tour, streets) for tour in answer.tours]
    summary: dict[str, Any] = {
        "cost": sum(tour.cost for tour in answer.tours),
        "routes": len(answer.tours),
        "unassigned": len(answer.left),
        **_sums(request, [line for tour in answer.tours for line in tour.lines]),
        "duration": sum(tour.travel for tour in answer.tours),
        "violations": _together(v for tour in answer.tours for v in tour.violations),
        "computing_times": {"loading": request.loading_ms, "solving": solving_ms, "routing": 0},
    }
    if _measured(request):
        summary["distance"] = sum(tour.metres for tour in answer.tours)
    left = [_left(task, words) for task, words in answer.left]
    return {"code": 0, "summary": summary, "unassigned": left, "routes": routes}


def _route(request: Request, tour: Tour, streets: Streets | None) -> dict[str, Any]:
    route: dict[str, Any] = {
        "vehicle": tour.driver.id,
        "cost": tour.cost,
        **_sums(request, tour.lines),
        "duration": tour.travel,
        "steps": [_step(request, line) for line in tour.lines],
        "violations": tour.violations,
    }
    if tour.driver.description:
        route["description"] = tour.driver.description
    if _measured(request):
        route["distance"] = tour.metres
    spots = [line.spot.location for line in tour.lines if line.spot and line.spot.location]
    if request.options.geometry and streets is not None and len(spots) > 1:
        points = np.array(spots, dtype=np.float64)[:, ::-1]
        route["geometry"] = polyline(streets.line(points, tour.driver.profile))
    return route


def _step(request: Request, line: Line) -> dict[str, Any]:
    named = line.task or line.pause
    step: dict[str, Any] = {"type": line.kind}
    if named is not None:
        step["id"] = named.id
        if named.description:
            step["description"] = named.description
    if line.task is not None:
        step["job"] = line.task.id
    step |= _place(line.spot)
    step |= {
        "setup": line.setup,
        "service": line.service,
        "waiting_time": line.waiting,
        "load": _padded(line.load, request.dimensions),
        "arrival": line.arrival + request.offset,
        "duration": line.travel,
        "violations": line.violations,
    }
    if _measured(request):
        step["distance"] = line.metres
    return step


def _place(spot: Spot | None) -> dict[str, Any]:
    place: dict[str, Any] = {}
    if spot is not None and spot.location is not None:
        place["location"] = list(spot.location)
    if spot is not None and spot.index is not None:
        place["location_index"] = spot.index
    return place


def _left(task: Task, words: str) -> dict[str, Any]:
    left = {"id": task.id, "type": task.kind, **_place(task.spot)}
    if task.description:
        left["description"] = task.description
    if words:
        left["reason"] = words
    return left


def _sums(request: Request, lines: list[Line]) -> dict[str, Any]:
    tasks = [line.task for line in lines if line.task is not None]
    delivery = _added((task.delivery for task in tasks), request.dimensions)
    return {
        "delivery": delivery,
        "amount": delivery,
        "pickup": _added((task.pickup for task in tasks), request.dimensions),
        "setup": sum(line.setup for line in lines),
        "service": sum(line.service for line in lines),
        "waiting_time": sum(line.waiting for line in lines),
        "priority": sum(task.priority for task in tasks),
    }


def _added(amounts: Iterable[tuple[int, ...]], dimensions: int) -> list[int]:
    sums = [0] * dimensions
    for amount in amounts:
        for dimension, number in enumerate(amount):
            sums[dimension] += number
    return sums


def _padded(load: tuple[int, ...], dimensions: int) -> list[int]:
    return [*load, *[0] * (dimensions - len(load))]


def _measured(request: Request) -> bool:
    """Whether metres are known at all."""
    return all(tables.distances is not None for tables in request.tables.values())


def _together(violations: Iterable[Violation]) -> list[Violation]:
    sums: dict[str, Violation] = {}
    for violation in violations:
        kept = sums.setdefault(violation["cause"], {"cause": violation["cause"]})
        if "duration" in violation:
            kept["duration"] = kept.get("duration", 0) + violation["duration"]
    return list(sums.values())


def polyline(points: Any) -> str:
    """Points (latitude, longitude) in the encoded polyline format with five decimals."""
    text, before = [], (0, 0)
    for lat, lng in points:
        here = (round(float(lat) * 1e5), round(float(lng) * 1e5))
        text += [_encoded(now - then) for now, then in zip(here, before, strict=True)]
        before = here
    return "".join(text)


def _encoded(number: int) -> str:
    rest, text = (number << 1) ^ (number >> 63), ""
    while rest >= 0x20:
        text += chr((0x20 | (rest & 0x1F)) + 63)
        rest >>= 5
    return text + chr(rest + 63)
