"""Which vehicle could do which job at all, looked at alone: the sieve before any search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .kernel.world import HARD
from .model import NEVER, UNREACHABLE, Vehicle
from .rules.codes import NUMBER
from .rules.statics import static_breaches, words
from .rules.windows import earliest_start
from .rules.words import clock, span, window_words
from .solution import VehicleReason

if TYPE_CHECKING:
    from .compiled import Compiled


def refusal(c: Compiled, vehicle: Vehicle, number: int) -> VehicleReason | None:
    """Why this vehicle could not do this job even as its only one; ``None`` if it could."""
    return (
        _by_name(c, vehicle, number)
        or _by_load(c, vehicle, number)
        or _by_way(c, vehicle, number)
        or _by_time(c, vehicle, number)
    )


def may(c: Compiled, vehicle: Vehicle, number: int) -> bool:
    """Could this vehicle do this job as its only one?"""
    return refusal(c, vehicle, number) is None


def able_table(c: Compiled) -> NDArray[np.bool_]:
    """``may`` for all, ``(jobs, vehicles)``: the same answers, a hundred times quicker (``Compiled.able``)."""
    table = np.zeros((len(c.jobs), len(c.vehicles)), dtype=bool)
    kinds: dict[tuple[object, ...], list[bool]] = {}
    for k, v in enumerate(c.vehicles):
        if v.locked:
            continue
        kind = (v.start, v.end, v.shift, v.latest_start, v.capacity, v.max_stops == 0, v.max_distance_m,
                v.max_duration_s, v.max_overtime_s, v.profile, v.travel_percent, v.service_percent)  # fmt: skip
        if kind not in kinds:
            kinds[kind] = _fitting(c, v)
        table[:, k] = c.walker.world.able[:, k] & np.array(kinds[kind], dtype=bool)
    return table


def _hard(c: Compiled, code: str) -> bool:
    return bool(c.walker.world.dials[NUMBER[code], 0] == HARD)


def _latest_end(c: Compiled, v: Vehicle) -> int:
    return v.shift.end + v.max_overtime_s if _hard(c, "shift_end") else NEVER


def _fitting(c: Compiled, v: Vehicle) -> list[bool]:
    """By job: load, way and time of this kind of vehicle, as ``_by_load``, ``_by_way`` and ``_by_time``."""
    if (v.max_stops == 0 and _hard(c, "too_many_stops")) or not c.jobs:
        return [False] * len(c.jobs)
    place, nowhere = np.array(c.place), np.zeros(len(c.jobs), dtype=np.int64)
    seconds, metres = c.quickest(v), c.distances(v)
    out = nowhere if v.start is None else seconds[v.start, place].astype(np.int64)
    back = nowhere if v.end is None else seconds[place, v.end].astype(np.int64)
    far = (nowhere if v.start is None else metres[v.start, place].astype(np.int64)) + (
        nowhere if v.end is None else metres[place, v.end]
    )
    service, setup = (np.array(part, dtype=np.int64) for part in c.service_and_setup(v))
    leaves = np.array([max(v.shift.start, job.release_s) for job in c.jobs], dtype=np.int64)
    ready = (leaves + out + setup).tolist()
    starts = [earliest_start(job.windows, at) for job, at in zip(c.jobs, ready, strict=True)]
    must = _hard(c, "late")
    late = [
        must and bool(s[2]) and job.late_price_per_min is None for s, job in zip(starts, c.jobs, strict=True)
    ]
    ends = np.array([s[0] for s in starts], dtype=np.int64) + service + back
    fits = (out < UNREACHABLE) & (back < UNREACHABLE) & ~np.array(late) & (ends <= _latest_end(c, v))
    if v.latest_start is not None and _hard(c, "late_start"):
        fits &= leaves <= v.latest_start
    if v.max_duration_s is not None and _hard(c, "too_long"):
        fits &= out + setup + service + back <= v.max_duration_s
    if v.max_distance_m is not None and _hard(c, "too_far"):
        fits &= far <= v.max_distance_m
    for dimension, limit in enumerate(v.capacity[: c.dimensions] if _hard(c, "overload") else ()):
        fits &= np.array(
            [max(c.delivery[j][dimension], c.pickup[j][dimension]) <= limit for j in range(len(c.jobs))]
        )
    answer: list[bool] = fits.tolist()
    return answer


def _by_name(c: Compiled, vehicle: Vehicle, number: int) -> VehicleReason | None:
    job, name = c.jobs[number], vehicle.id
    for code, _ in static_breaches(job, vehicle):
        if _hard(c, code):
            return VehicleReason(name, code, words(code, job, vehicle))
    if vehicle.locked:
        return VehicleReason(name, "locked_changed", f"The route of {name} is locked.")
    return None


def _by_load(c: Compiled, vehicle: Vehicle, number: int) -> VehicleReason | None:
    if vehicle.max_stops == 0 and _hard(c, "too_many_stops"):
        return VehicleReason(vehicle.id, "too_many_stops", f"{vehicle.id} may have no stops.")
    if not _hard(c, "overload"):
        return None
    loads = zip(c.delivery[number], c.pickup[number], strict=True)
    for dimension, ((off, on), limit) in enumerate(zip(loads, vehicle.capacity, strict=False)):
        if max(off, on) > limit:
            name = c.problem.load_name(dimension)
            words = f"{max(off, on)} {name} against a capacity of {limit}."
            return VehicleReason(vehicle.id, "overload", words)
    return None


def _by_way(c: Compiled, vehicle: Vehicle, number: int) -> VehicleReason | None:
    table, place = c.quickest(vehicle), c.place[number]
    out = vehicle.start is not None and table[vehicle.start, place] == UNREACHABLE
    back = vehicle.end is not None and table[place, vehicle.end] == UNREACHABLE
    if out or back:
        words = f"{vehicle.id} finds no way {'to' if out else 'back from'} its address."
        return VehicleReason(vehicle.id, "unreachable", words)
    return None


def _by_time(c: Compiled, vehicle: Vehicle, number: int) -> VehicleReason | None:
    """The journey out, the service and the journey back, against window, shift and limits."""
    job, table, metres = c.jobs[number], c.quickest(vehicle), c.distances(vehicle)
    out = 0 if vehicle.start is None else int(table[vehicle.start, job.place])
    back = 0 if vehicle.end is None else int(table[job.place, vehicle.end])
    service, setup = (part[number] for part in c.service_and_setup(vehicle))
    leaves = max(vehicle.shift.start, job.release_s)
    start, _, late = earliest_start(job.windows, leaves + out + setup)
    ends = start + service + back
    windows, shift = window_words(job.windows), window_words((vehicle.shift,))
    if late and job.late_price_per_min is None and _hard(c, "late"):
        if job.windows[-1].end < vehicle.shift.start:
            words = f"Its window {windows} is over before the shift of {vehicle.id} ({shift}) begins."
        else:
            words = f"{vehicle.id} could be there at {clock(start)}, after its window {windows}."
        return VehicleReason(vehicle.id, "late", words)
    if vehicle.latest_start is not None and leaves > vehicle.latest_start and _hard(c, "late_start"):
        words = f"It is released at {clock(job.release_s)}, {vehicle.id} leaves before."
        return VehicleReason(vehicle.id, "late_start", words)
    if ends > _latest_end(c, vehicle):
        if start > vehicle.shift.end:
            words = f"Its window {windows} opens after the shift of {vehicle.id} ({shift}) ends."
        else:
            words = f"{vehicle.id} would be back at {clock(ends)}, its shift ends {clock(vehicle.shift.end)}."
        return VehicleReason(vehicle.id, "shift_end", words)
    if (
        vehicle.max_duration_s is not None
        and _hard(c, "too_long")
        and out + setup + service + back > vehicle.max_duration_s
    ):
        takes = span(out + setup + service + back)
        words = f"Takes {takes}, {vehicle.id} may be out {span(vehicle.max_duration_s)}."
        return VehicleReason(vehicle.id, "too_long", words)
    first = 0 if vehicle.start is None else int(metres[vehicle.start, job.place])
    last = 0 if vehicle.end is None else int(metres[job.place, vehicle.end])
    if vehicle.max_distance_m is not None and _hard(c, "too_far") and first + last > vehicle.max_distance_m:
        most = vehicle.max_distance_m / 1000
        words = f"Is {(first + last) / 1000:.1f} km out and back, {vehicle.id} may drive {most:.1f} km."
        return VehicleReason(vehicle.id, "too_far", words)
    return None
