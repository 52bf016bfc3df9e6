"""The rules of a roster: hours on the station's clock, nobody and nothing in two shifts at a time, and who is there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Q, QuerySet

from dispatch.models import Absence, Driver, Outage, Shift, Station, Vehicle
from dispatch.services.station_days import require_open
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

MOST_HOURS = 16
SHIFT_FIELDS = (
    *("day", "driver", "vehicle", "start", "end"),
    *("break_minutes", "break_from", "break_to", "active"),
)


@dataclass(frozen=True, slots=True)
class Clocks:
    """A shift's hours as people write them. An end before the start is the next morning's."""

    start: time
    end: time
    break_minutes: int = 0
    break_from: time | None = None
    break_to: time | None = None


@dataclass(frozen=True, slots=True)
class Hours:
    """The same as moments."""

    start: datetime
    end: datetime
    break_minutes: int
    break_from: datetime | None
    break_to: datetime | None


def hours_on(station: Station, day: date, clocks: Clocks) -> Hours:
    """Moments of a shift that begins on this day. Raises LastmileError ``no_such_time``, ``bad_hours``, ``bad_break``.

    A time that comes twice when the clocks are set back is the first for a beginning and the last for an end.
    """
    later = day + timedelta(days=1)
    start = moment_at(station, day, clocks.start, "start")
    end = moment_at(station, later if clocks.end <= clocks.start else day, clocks.end, "end", last=True)
    if end - start > timedelta(hours=MOST_HOURS):
        raise LastmileError(
            "bad_hours",
            f"From {clocks.start:%H:%M} to {clocks.end:%H:%M} is more than {MOST_HOURS} hours.",
            "Check start and end; an end before the start is the next morning's.",
            field="end",
        )
    if not clocks.break_minutes:
        return Hours(start, end, 0, None, None)
    return Hours(start, end, clocks.break_minutes, *_pause(station, day, clocks, start, end))


def _pause(
    station: Station, day: date, clocks: Clocks, start: datetime, end: datetime
) -> tuple[datetime, datetime]:
    """When the break may be taken; at any time of the shift where nothing is said."""

    def moment(clock: time | None, field: str, default: datetime) -> datetime:
        if clock is None:
            return default
        on = day if clock >= clocks.start else day + timedelta(days=1)
        return moment_at(station, on, clock, field, last=field == "break_to")

    from_, to = moment(clocks.break_from, "break_from", start), moment(clocks.break_to, "break_to", end)
    if not start <= from_ < to <= end or to - from_ < timedelta(minutes=clocks.break_minutes):
        raise LastmileError(
            "bad_break",
            f"A break of {clocks.break_minutes} minutes does not fit between these times of the shift.",
            "Let the break begin and end within the shift, with room for its minutes.",
            field="break_from",
        )
    return from_, to


def moment_at(station: Station, day: date, clock: time, field: str, *, last: bool = False) -> datetime:
    """The moment when the station's clocks show this time; refused where they skip it."""
    local = datetime.combine(day, clock)
    aware = local.replace(tzinfo=station.zone, fold=int(last))
    back = datetime.fromtimestamp(aware.timestamp(), tz=station.zone)
    if back.replace(tzinfo=None) != local:
        raise LastmileError(
            "no_such_time",
            f"{clock:%H:%M} does not exist on {day} at {station.name}: the clocks skip it.",
            f"Use {back:%H:%M} or another time.",
            field=field,
        )
    return back.astimezone(UTC)  # lengths and order of moments of one zone would be those of its clocks


def lock_roster(station: Station) -> Station:
    """One change of a station's roster at a time: what was checked stays true until it is written.

    To be called first in the transaction. On SQLite the transaction itself holds the only write lock.
    """
    return Station.objects.select_for_update(no_key=True).get(pk=station.pk)


def require_free(
    *,
    start: datetime,
    end: datetime,
    driver: Driver | None,
    vehicle: Vehicle | None,
    besides: Collection[int] = (),
) -> None:
    """Refuse a second shift at the same time, whatever day it is filed under."""
    clash = overlapping(start, end, driver, vehicle).exclude(pk__in=besides).first()
    if clash is None:
        return
    if driver is not None and clash.driver_id == driver.pk:
        code, who, field = "driver_double", driver.name, "driver"
    else:
        code, who, field = "vehicle_double", clash.vehicle.name, "vehicle"
    zone = clash.station.zone
    when = f"{clash.start.astimezone(zone):%d.%m. %H:%M} to {clash.end.astimezone(zone):%H:%M}"
    raise LastmileError(
        code,
        f"{who} is in another shift at that time ({when}).",
        "Choose another, or change the other shift first.",
        field=field,
        status=409,
    )


def overlapping(
    start: datetime, end: datetime, driver: Driver | None, vehicle: Vehicle | None
) -> QuerySet[Shift]:
    """Active shifts of the driver or the vehicle that share a moment with these hours."""
    same = Q(pk__in=())
    if driver is not None:
        same |= Q(driver=driver)
    if vehicle is not None:
        same |= Q(vehicle=vehicle)
    shifts = Shift.objects.filter(same, active=True, start__lt=end, end__gt=start)
    return shifts.select_related("vehicle", "station").order_by("start")


def require_driver(station: Station, driver: Driver | None, day: date) -> None:
    """Refuse somebody of another station, somebody who left, somebody who is away."""
    if driver is None:
        return
    if driver.station_id != station.pk or not driver.active:
        raise LastmileError(
            "unknown_driver",
            "The driver does not work at this station.",
            "Choose another.",
            field="driver",
        )
    if away(day).filter(driver=driver).exists():
        raise LastmileError(
            "driver_away",
            f"{driver.name} is away on {day}.",
            "Choose another, or end the absence first.",
            field="driver",
            status=409,
        )


def require_vehicle(station: Station, vehicle: Vehicle, day: date) -> None:
    """Refuse a vehicle of another station, one that was sold, one that is out of service."""
    if vehicle.station_id != station.pk or not vehicle.active:
        raise LastmileError(
            "unknown_vehicle", "The vehicle is not of this station.", "Choose another.", field="vehicle"
        )
    if broken(day).filter(vehicle=vehicle).exists():
        raise LastmileError(
            "vehicle_out_of_service",
            f"{vehicle.name} is out of service on {day}.",
            "Choose another, or put it back into service first.",
            field="vehicle",
            status=409,
        )


def require_shift(shift: Shift) -> None:
    """All rules for a row that was put together by hand. One that is not active breaks none."""
    if not shift.active:
        return
    if not timedelta(0) < shift.end - shift.start <= timedelta(hours=MOST_HOURS):
        raise LastmileError(
            "bad_hours",
            f"A shift lasts up to {MOST_HOURS} hours and ends after its start.",
            "Correct start and end.",
            field="end",
        )
    require_open(shift.station, shift.day)
    require_vehicle(shift.station, shift.vehicle, shift.day)
    require_driver(shift.station, shift.driver, shift.day)
    mine = (shift.pk,) if shift.pk else ()
    require_free(start=shift.start, end=shift.end, driver=shift.driver, vehicle=shift.vehicle, besides=mine)


def away(day: date) -> QuerySet[Absence]:
    """Absences that cover a day."""
    return Absence.objects.filter(first_day__lte=day, last_day__gte=day)


def broken(day: date) -> QuerySet[Outage]:
    """Outages that cover a day."""
    return Outage.objects.filter(first_day__lte=day, last_day__gte=day)


def tell_fleet(station: Station, days: Iterable[date], *, actor: str, now: datetime) -> None:
    """Let every screen of these days draw the fleet anew."""
    for day in sorted(set(days)):
        event = events.FleetChanged(station_id=station.pk, day=day.isoformat())
        bus.publish(event, actor=actor, at=now)
