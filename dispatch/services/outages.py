"""Vehicles that cannot be used: their shifts need another, and the planner leaves them out."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from dispatch.models import Outage, Shift, StationDay, Vehicle
from dispatch.services import roster
from dispatch.services.absences import require_days
from dispatch.services.changes import differences, tell_change, values_of
from lastmile.kernel.errors import LastmileError, conflict

FIELDS = ("vehicle", "first_day", "last_day", "reason")


@dataclass(frozen=True)
class OutOfService:
    """What an outage means: the shifts that need another vehicle."""

    outage: Outage
    shifts: list[Shift]


def report_outage(
    *, vehicle: Vehicle, first_day: date, last_day: date, reason: str, actor: str, now: datetime
) -> OutOfService:
    """A vehicle broke down or is in the workshop."""
    require_days(first_day, last_day)
    with transaction.atomic():
        roster.lock_roster(vehicle.station)
        same = Outage.objects.filter(vehicle=vehicle, first_day__lte=last_day, last_day__gte=first_day)
        if there := same.first():
            raise LastmileError(
                "already_out_of_service",
                f"{vehicle.name} is out of service from {there.first_day} to {there.last_day} already.",
                "End that, or choose other days.",
                field="first_day",
                status=409,
            )
        outage = Outage.objects.create(
            vehicle=vehicle, first_day=first_day, last_day=last_day, reason=reason, actor=actor
        )
        shifts = list(needing_vehicle(outage, now))
        _tell(outage, "out of service", differences({}, values_of(outage, FIELDS)), shifts, actor, now)
    return OutOfService(outage, shifts)


def needing_vehicle(outage: Outage, now: datetime) -> list[Shift]:
    closed = StationDay.objects.filter(station=outage.vehicle.station).values("day")
    shifts = Shift.objects.filter(
        vehicle=outage.vehicle, active=True, end__gt=now, day__range=(outage.first_day, outage.last_day)
    )
    return list(shifts.exclude(day__in=closed).select_related("driver", "vehicle"))


def end_outage(*, outage: Outage, back_on: date, actor: str, now: datetime) -> None:
    """The vehicle is usable again from a day on."""
    with transaction.atomic():
        roster.lock_roster(outage.vehicle.station)
        held = Outage.objects.select_related("vehicle__station").filter(pk=outage.pk).first()
        if held is None or held.last_day < back_on:
            raise conflict(f"{outage.vehicle.name} is in service already.", "Reload the fleet.")
        before, shifts = values_of(held, FIELDS), needing_vehicle(held, now)
        if back_on <= held.first_day:
            gone: dict[str, list[object]] = {name: [value, None] for name, value in before.items()}
            _tell(held, "in service", gone, shifts, actor, now)
            held.delete()
            return
        held.last_day = back_on - timedelta(days=1)
        held.save(update_fields=["last_day"])
        _tell(held, "in service", differences(before, values_of(held, FIELDS)), shifts, actor, now)


def _tell(
    outage: Outage,
    what: str,
    changes: dict[str, list[object]],
    shifts: list[Shift],
    actor: str,
    now: datetime,
) -> None:
    station = outage.vehicle.station
    tell_change(station_id=station.pk, what=what, row=outage, changes=changes, actor=actor, at=now)
    today = now.astimezone(station.zone).date()
    roster.tell_fleet(station, {today, *(shift.day for shift in shifts)}, actor=actor, now=now)
