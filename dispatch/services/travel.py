"""Roads as the planner takes them: seconds by time of day, for each way of travelling of a station's vehicles."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from dispatch.models import Station, VehicleType
from dispatch.planning import model
from dispatch.roads.base import UNREACHABLE, Floats, Indexes, Int32s, Manners, Matrix, Profile, Roads
from dispatch.roads.shares import FREE, Speeds, seconds_from
from dispatch.services.speeds import changes_of_speed

type DaySpeeds = Sequence[tuple[int, Speeds]]
"""From which second of the day on which speeds hold; free before the first."""


def manners_of(kind: VehicleType) -> Manners:
    """How vehicles of a type use their profile's roads."""
    return Manners(curb=kind.curb_side, free_roads=kind.free_roads)


def kind_of(key: str) -> VehicleType:
    """A vehicle type, not one of the database, that travels the way of this name."""
    profile, *manners = key.split("+")
    return VehicleType(profile=profile, curb_side="curb" in manners, free_roads="free" in manners)


def travel_key(kind: VehicleType) -> str:
    """The planner's name of a way to travel: vehicle types that share it have the same seconds."""
    return kind.profile + ("+curb" if kind.curb_side else "") + ("+free" if kind.free_roads else "")


def day_speeds(station: Station, day: date, day_start: datetime, end: datetime) -> DaySpeeds:
    """Speeds from second to second of a day that goes on until `end`; none where roads are always free."""
    changes = changes_of_speed(station, day, end.astimezone(station.zone).date())
    found: dict[int, Speeds] = {}
    for moment, speeds in changes:
        if moment < end:
            # What began before the day holds when it begins.
            found[max(0, round(moment.timestamp() - day_start.timestamp()))] = speeds
    return _once(found)


def _once(changes: dict[int, Speeds]) -> list[tuple[int, Speeds]]:
    """Without those that change nothing."""
    found: list[tuple[int, Speeds]] = []
    for start, speeds in sorted(changes.items()):
        if speeds != (found[-1][1] if found else FREE):
            found.append((start, speeds))
    return found


def travel_matrix(
    kind: VehicleType,
    roads: Roads,
    points: Floats,
    speeds: DaySpeeds,
    *,
    sources: Indexes | None = None,
    destinations: Indexes | None = None,
) -> model.Matrix:
    """From sources to destinations among the points, all of them by default; periods of equal speeds share one array.

    Distances are those of the free way: it is the one that is drawn and driven, at whatever speed.
    """
    found = roads.matrix(
        points,
        Profile(kind.profile),
        sources=sources,
        destinations=destinations,
        manners=manners_of(kind),
        shares=bool(speeds),
    )
    durations = _planned(found.durations)
    if found.shares is None:
        return model.Matrix(durations, found.distances)
    held = {FREE: durations}
    for _start, each in speeds:
        if each not in held:
            held[each] = _planned(found.shares.at(found.durations, each))
    periods = tuple(model.Period(start, held[each]) for start, each in speeds)
    return model.Matrix(durations, found.distances, periods)


def _planned(durations: Int32s) -> model.IntMatrix:
    return np.where(durations >= UNREACHABLE, model.UNREACHABLE, durations).astype(np.int32)


def way_from(found: Matrix, leave: int, speeds: DaySpeeds) -> tuple[int, int]:
    """Seconds and metres of a single way left for at a second of the day; unreachable counts as none."""
    seconds, metres = int(found.durations[0, 0]), int(found.distances[0, 0])
    if seconds >= UNREACHABLE:
        return 0, 0
    shares = found.shares
    if shares is None:
        return seconds, metres
    pieces = [(start, int(shares.at(found.durations, each)[0, 0])) for start, each in speeds]
    return seconds_from(leave, seconds, pieces), metres
