"""Days that close by themselves, each by its station's own clock and zone, and the job that does it."""

import logging
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from dispatch.lifecycle import RouteState
from dispatch.models import Order, Route, Station, StationDay
from dispatch.services.day_close import PATIENCE, close_day
from dispatch.services.rollover import sweep_stragglers
from lastmile import jobs
from lastmile.kernel.errors import LastmileError
from lastmile.models import Job, JobState

log = logging.getLogger(__name__)

ACTOR = "system:day"
KIND = "day.close"
PAUSE = timedelta(hours=1)  # after a refusal, before the same day is tried again


def closes_at(station: Station, day: date) -> datetime:
    """When the day closes by itself. A time before opening is in the night after the day."""
    night = day + timedelta(days=1) if station.day_close_at <= station.opens_at else day
    return datetime.combine(night, station.day_close_at, tzinfo=station.zone)


def due_days(station: Station, now: datetime) -> list[date]:
    """Days with something in them whose time has come, oldest first; also those missed while nothing ran."""
    today = now.astimezone(station.zone).date()
    closed = StationDay.objects.filter(station=station).values("day")
    days: set[date] = set()
    for model in (Order, Route):
        rows = model.objects.filter(station=station, day__lte=today).exclude(day__in=closed)
        days |= set(rows.order_by().values_list("day", flat=True).distinct())
    return [day for day in sorted(days) if _is_due(station, day, now)]


def _is_due(station: Station, day: date, now: datetime) -> bool:
    """Vans that are still out are waited for, but not for ever."""
    if now < closes_at(station, day):
        return False
    return _patience_over(station, day, now) or not _vans_out(station, day)


def _vans_out(station: Station, day: date) -> bool:
    return Route.objects.filter(station=station, day=day, state=RouteState.DEPARTED).exists()


def _patience_over(station: Station, day: date, now: datetime) -> bool:
    return now >= closes_at(station, day) + PATIENCE


def queue_closes() -> int:
    """Queue a job for each day that is due, at every station people work at; returns how many are queued."""
    queued = 0
    for station in Station.objects.filter(active=True, sandbox_of=None):
        now = station.now()
        _sweep(station, now)
        if not station.auto_close:
            continue
        for day in due_days(station, now):
            key = f"{station.pk}:{day}"
            if not _refused_lately(key):
                payload = {"station_id": station.pk, "day": day.isoformat()}
                jobs.enqueue(kind=KIND, key=key, payload=payload, actor=ACTOR, now=now, station_id=station.pk)
                queued += 1
    return queued


def _sweep(station: Station, now: datetime) -> None:
    """A station that has no day for its stragglers must not keep the others' days open."""
    try:
        sweep_stragglers(station=station, now=now, actor=ACTOR)
    except LastmileError as error:
        log.warning("orders of closed days stay at %s: %s %s", station.code, error.cause, error.action)


def _refused_lately(key: str) -> bool:
    """A day that cannot be closed (no opening day to go to) is not tried every minute."""
    since = timezone.now() - PAUSE
    ended = (JobState.FAILED, JobState.DEAD)
    return Job.objects.filter(kind=KIND, key=key, state__in=ended, finished_at__gte=since).exists()


@jobs.kind(KIND)
def run_close(claim: jobs.Claim) -> dict[str, Any]:
    """Close the day, if it still is due: the station's clock may have been set back meanwhile."""
    payload = claim.job.payload
    station = Station.objects.get(pk=payload["station_id"])
    day, now = date.fromisoformat(payload["day"]), station.now()
    if not _is_due(station, day, now):
        return {"closed": False}
    late = _patience_over(station, day, now)
    closed = close_day(station=station, day=day, actor=ACTOR, now=now, vans_out_too=late)
    return {"closed": not closed.repeated}
