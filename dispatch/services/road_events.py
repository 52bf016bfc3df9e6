"""Closed and slow streets: told by a dispatcher, worked into the station's roads in the background, then put in place.

Until new roads are whole the old ones serve. Roads are made for the set of streets closed at the moment; when a time
begins or ends, or the city was built anew, the next look makes others.
"""

import hashlib
import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet

from dispatch.lifecycle import RouteState
from dispatch.models import RoadEvent, Route, Station, Vehicle
from dispatch.places.city import City
from dispatch.roads.base import Profile
from dispatch.roads.closures import Slow, close_streets, length_of
from dispatch.roads.crowfly import great_circle_m
from dispatch.roads.dataset import dataset_path
from dispatch.roads.osrm_engine import is_built
from dispatch.services import order_fields, routes
from dispatch.services.changes import differences, tell_change, values_of
from dispatch.services.cities import closures_folder, current_closures, open_city
from dispatch.services.rewalk import CHANGED_MEANWHILE, TRIES
from dispatch.services.roster import lock_roster
from lastmile import jobs
from lastmile.kernel.errors import LastmileError, conflict
from lastmile.models import Job

KIND = "roads.refresh"
FIELDS = ("name", "points", "percent", "start", "end")
MOST_POINTS = 20
MOST_EVENTS = 100
DETOUR = 1.6
NEAR_M = 150
WAITING = (RouteState.DRAFT, RouteState.RELEASED)


def add_road_event(
    *,
    station: Station,
    name: str,
    points: Sequence[Sequence[float]],
    percent: int,
    start: datetime,
    end: datetime | None,
    actor: str,
    now: datetime,
) -> RoadEvent:
    """A street is closed (`percent` 0) or slow, in both directions, between the points, which lie along it.

    Raises LastmileError ``missing``, ``bad_points``, ``street_unclear``, ``no_streets``, ``bad_times``,
    ``out_of_range``, ``too_many_streets``.
    """
    title = order_fields.clean(name)[:120]
    if not title:
        raise LastmileError("missing", "The street needs a name.", "Say what is closed.", field="name")
    if not 0 <= percent <= 99:
        raise LastmileError("out_of_range", "It must be between 0 and 99.", "0 is closed.", field="percent")
    if end is not None and (end <= start or end <= now):
        raise LastmileError("bad_times", "It would end before it begins.", "Correct the times.", field="end")
    _require_street(station, points)
    with transaction.atomic():
        lock_roster(station)
        if to_come(station, now).count() >= MOST_EVENTS:
            raise LastmileError(
                "too_many_streets",
                f"{MOST_EVENTS} streets are closed already.",
                "Remove some first.",
                status=409,
            )
        event = RoadEvent.objects.create(
            station=station, name=title, points=[[lat, lng] for lat, lng in points], percent=percent,
            start=start, end=end, actor=actor,
        )  # fmt: skip
        changes = differences({}, values_of(event, FIELDS))
        tell_change(station_id=station.pk, what="added", row=event, changes=changes, actor=actor, at=now)
        queue_refresh(station=station, actor=actor, now=now)
    return event


def _require_street(station: Station, points: Sequence[Sequence[float]]) -> None:
    if not 2 <= len(points) <= MOST_POINTS:
        cause = f"A street is told by 2 to {MOST_POINTS} points along it."
        raise LastmileError("bad_points", cause, "Click where it begins and where it ends.", field="points")
    city = open_city(station).city
    datasets = [dataset_path(city.path, profile) for profile in Profile] if city else []
    found = [length_of(dataset, points) for dataset in datasets if is_built(dataset)]
    if not found:
        raise LastmileError(
            "no_streets",
            "This station's roads are straight lines.",
            "Add its city first.",
            field="points",
            status=409,
        )
    known = [metres for metres in found if metres is not None]
    along = np.array(points, dtype=np.float64)
    straight = float(great_circle_m(along[:-1], along[1:]).sum())
    if not known or min(known) > DETOUR * straight + NEAR_M:
        raise LastmileError(
            "street_unclear",
            "The points do not lie along one street.",
            "Click on the street itself, and add points where it bends.",
            field="points",
        )


def remove_road_event(*, event: RoadEvent, actor: str, now: datetime) -> None:
    """The street is as it was."""
    with transaction.atomic():
        lock_roster(event.station)
        held = RoadEvent.objects.filter(pk=event.pk).first()
        if held is None:
            raise conflict(f"{event.name} is open again already.", "Reload the page.")
        gone: dict[str, list[Any]] = {name: [value, None] for name, value in values_of(held, FIELDS).items()}
        tell_change(station_id=event.station_id, what="removed", row=held, changes=gone, actor=actor, at=now)
        held.delete()
        queue_refresh(station=event.station, actor=actor, now=now)


def to_come(station: Station, now: datetime) -> QuerySet[RoadEvent]:
    """Streets that are closed now or will be."""
    return RoadEvent.objects.filter(Q(end__isnull=True) | Q(end__gt=now), station=station)


def wanted(station: Station, city: City, now: datetime) -> tuple[str, list[Slow], list[Profile]]:
    """The name of the roads that should be in use ("" where no street is closed), and what they are made of."""
    rows = to_come(station, now).filter(start__lte=now).order_by("pk")
    slows = [Slow(tuple((lat, lng) for lat, lng in row.points), row.percent) for row in rows]
    if not slows:
        return "", [], []
    kinds = Vehicle.objects.filter(station=station, active=True).values_list("type__profile", flat=True)
    profiles = sorted({Profile(kind) for kind in kinds} | {Profile.VAN})
    text = json.dumps([[slow.points, slow.percent] for slow in slows] + [profiles])
    return f"{city.build}-{hashlib.sha256(text.encode()).hexdigest()[:12]}", slows, profiles


def in_use(station: Station, city: City) -> str:
    """The name of the roads with closed streets that serve now, "" for the city's own."""
    folder = current_closures(city, station.pk)
    return folder.name if folder else ""


def behind(station: Station, now: datetime) -> bool:
    """Whether the roads in use are not those that should be."""
    city = open_city(station).city
    return city is not None and wanted(station, city, now)[0] != in_use(station, city)


def queue_refresh(*, station: Station, actor: str, now: datetime) -> Job | None:
    """Have the station's roads made for the streets that are closed; no job where they are."""
    city = open_city(station).city
    if city is None:
        return None
    name = wanted(station, city, now)[0]
    if name == in_use(station, city):
        return None
    return jobs.enqueue(
        kind=KIND, key=f"{station.pk} {name}", station_id=station.pk, payload={}, actor=actor, now=now
    )


def queue_due() -> None:
    """Look at every station whose streets are closed, were, or will be: a time may have come."""
    held = Q(road_events__isnull=False)
    for station in Station.objects.filter(held, active=True).distinct():
        queue_refresh(station=station, actor="system:roads", now=station.now())


@jobs.kind(KIND)
def refresh(claim: jobs.Claim) -> dict[str, Any]:
    """Make the roads, put them in place unless others are wanted by then, and walk the open routes afresh."""
    station = Station.objects.get(pk=claim.job.station_id or 0)
    city = open_city(station).city
    if city is None:
        return {"streets": 0, "routes": 0}
    name, slows, profiles = wanted(station, city, station.now())
    folder = closures_folder(city, station.pk)
    if name and not (folder / name).is_dir():
        close_streets(
            city.roads_path, folder / name / "roads", slows, profiles=profiles, check=lambda: _check(claim)
        )
    if wanted(station, city, station.now())[0] != name:
        return {"streets": len(slows), "routes": 0}  # changed meanwhile: that change has a job of its own
    put_in_place(folder, name)
    return {"streets": len(slows), "routes": _walk_routes(station, claim)}


def _check(claim: jobs.Claim) -> None:
    if claim.cancelled.is_set():
        raise jobs.Lost


def put_in_place(folder: Path, name: str) -> None:
    """Swap in one step; what is neither in use nor just replaced goes."""
    link, before = folder / "current", ""
    if link.is_symlink():
        before = link.readlink().name
    if not name:
        link.unlink(missing_ok=True)
    else:
        following = folder / "next"
        following.unlink(missing_ok=True)
        following.symlink_to(name)
        following.replace(link)
    for each in folder.iterdir() if folder.is_dir() else ():
        # Processes that have the replaced ones open keep them; one that is just opening them needs them a moment.
        if not each.is_symlink() and each.name not in (name, before):
            shutil.rmtree(each, ignore_errors=True)


def _walk_routes(station: Station, claim: jobs.Claim) -> int:
    """Routes that have not left get new times and lines at once; those on the road with the next look at them."""
    today = station.now().astimezone(station.zone).date()
    open_routes = Route.objects.filter(station=station, day__gte=today)
    waiting = open_routes.filter(state__in=WAITING).order_by("pk")
    walked = 0
    for route_id in list(waiting.values_list("pk", flat=True)):
        _check(claim)
        walked += _walk(route_id, claim.job.actor, station.now())
    return walked


def _walk(route_id: int, actor: str, now: datetime) -> bool:
    """One route, once more when somebody edited it meanwhile; not when it has left by then."""
    for left in reversed(range(TRIES)):
        route = (
            Route.objects.select_related("station", "vehicle__type")
            .filter(pk=route_id, state__in=WAITING)
            .first()
        )
        if route is None:
            return False
        try:
            routes.rewalk_route(route=route, actor=actor, now=now)
            return True
        except LastmileError as error:
            if error.status not in CHANGED_MEANWHILE or not left:
                raise
    return False
