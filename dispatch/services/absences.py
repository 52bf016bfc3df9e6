"""Drivers who are away: their shifts lose them, and their draft routes with them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from dispatch.lifecycle import RouteState
from dispatch.models import Absence, Driver, Route, Shift, StationDay
from dispatch.services import roster
from dispatch.services.changes import differences, tell_change, values_of
from dispatch.services.routes import give_driver
from lastmile.kernel.errors import LastmileError, conflict

FIELDS = ("driver", "first_day", "last_day")
LONGEST = timedelta(days=366)


@dataclass(frozen=True)
class Away:
    """What an absence did: shifts without a driver now, drafts that lost theirs, routes that need another at once."""

    absence: Absence
    shifts: list[Shift]
    drafts: list[Route]
    needing: list[Route]


def report_absence(
    *, driver: Driver, first_day: date, last_day: date, reason: str, actor: str, now: datetime
) -> Away:
    """A driver is ill or on leave. Released and departed routes keep the name until somebody else is given them."""
    require_days(first_day, last_day)
    station = driver.station
    with transaction.atomic():
        roster.lock_roster(station)
        same = Absence.objects.filter(driver=driver, first_day__lte=last_day, last_day__gte=first_day)
        if there := same.first():
            raise LastmileError(
                "already_away",
                f"{driver.name} is away from {there.first_day} to {there.last_day} already.",
                "End that absence, or choose other days.",
                field="first_day",
                status=409,
            )
        absence = Absence.objects.create(
            driver=driver, first_day=first_day, last_day=last_day, reason=reason, actor=actor
        )
        shifts = _shifts_lost(absence, now)
        drafts, needing = _routes_of(absence)
        for route in drafts:
            give_driver(route=route, version=route.version, driver=None, actor=actor, now=now)
        _tell(absence, "away", differences({}, values_of(absence, FIELDS)), shifts, actor, now)
    return Away(absence, shifts, drafts, needing)


def require_days(first_day: date, last_day: date) -> None:
    if not timedelta(0) <= last_day - first_day <= LONGEST:
        raise LastmileError(
            "bad_days",
            f"From {first_day} to {last_day} is no span of days.",
            "Let the last day be the first or a later one, at most a year on.",
            field="last_day",
        )


def _shifts_lost(absence: Absence, now: datetime) -> list[Shift]:
    """Shifts of these days that are not over yet, in days that are still open."""
    driver = absence.driver
    closed = StationDay.objects.filter(station=driver.station).values("day")
    mine = Shift.objects.select_for_update().filter(
        driver=driver, active=True, end__gt=now, day__range=(absence.first_day, absence.last_day)
    )
    shifts = list(mine.exclude(day__in=closed).order_by("pk"))
    Shift.objects.filter(pk__in=[shift.pk for shift in shifts]).update(driver=None)
    return shifts


def _routes_of(absence: Absence) -> tuple[list[Route], list[Route]]:
    """The driver's open routes of these days: drafts, and those that were released."""
    days = (absence.first_day, absence.last_day)
    rows = Route.objects.select_for_update(of=("self",)).select_related("station", "vehicle__type")
    mine = rows.filter(driver=absence.driver, day__range=days).exclude(state=RouteState.CLOSED).order_by("pk")
    routes = list(mine)
    drafts = [route for route in routes if route.state == RouteState.DRAFT]
    return drafts, [route for route in routes if route.state != RouteState.DRAFT]


def end_absence(*, absence: Absence, back_on: date, actor: str, now: datetime) -> None:
    """The driver is back on a day: from then on they may be given shifts. Shifts lost are not given back."""
    with transaction.atomic():
        roster.lock_roster(absence.driver.station)
        held = Absence.objects.select_related("driver__station").filter(pk=absence.pk).first()
        if held is None or held.last_day < back_on:
            raise conflict(f"{absence.driver.name} is back already.", "Reload the fleet to see who is there.")
        before = values_of(held, FIELDS)
        if back_on <= held.first_day:
            _tell(held, "back", {name: [value, None] for name, value in before.items()}, [], actor, now)
            held.delete()
            return
        held.last_day = back_on - timedelta(days=1)
        held.save(update_fields=["last_day"])
        _tell(held, "back", differences(before, values_of(held, FIELDS)), [], actor, now)


def _tell(
    absence: Absence,
    what: str,
    changes: dict[str, list[object]],
    shifts: list[Shift],
    actor: str,
    now: datetime,
) -> None:
    """The reason stays out of the ledger: it is nobody's business in ten years that somebody was ill."""
    station = absence.driver.station
    tell_change(station_id=station.pk, what=what, row=absence, changes=changes, actor=actor, at=now)
    today = now.astimezone(station.zone).date()
    roster.tell_fleet(station, {today, *(shift.day for shift in shifts)}, actor=actor, now=now)
