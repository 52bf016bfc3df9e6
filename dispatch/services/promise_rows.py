"""Holidays and service levels of a station: what it promises, and on which days it does not deliver."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from dispatch.models import Holiday, ServiceLevel, Station
from dispatch.services import order_fields, roster
from dispatch.services.changes import differences, mark_of, tell_change, values_of
from lastmile.kernel.errors import LastmileError, conflict

HOLIDAY = ("day", "name")
LEVEL = ("code", "name", "cutoff", "days_after", "window_from", "window_to", "active")


def add_holiday(*, station: Station, day: date, name: str, actor: str, now: datetime) -> Holiday:
    """A day without deliveries; one in the past is noted all the same."""
    name = order_fields.clean(name)[:80]
    if not name:
        raise LastmileError("missing", "The holiday needs a name.", "Say what day it is.", field="name")
    try:
        with transaction.atomic():
            roster.lock_roster(station)
            holiday = Holiday.objects.create(station=station, day=day, name=name)
            changes = differences({}, values_of(holiday, HOLIDAY))
            tell_promise(holiday, "added", changes, actor=actor, now=now)
    except IntegrityError as error:
        raise LastmileError(
            "holiday_there", f"{day} is a holiday already.", "Remove it first to rename it.", field="day",
            status=409,
        ) from error  # fmt: skip
    return holiday


def remove_holiday(*, holiday: Holiday, actor: str, now: datetime) -> None:
    """The station delivers on that day after all."""
    with transaction.atomic():
        roster.lock_roster(holiday.station)
        gone: dict[str, list[Any]] = {
            name: [value, None] for name, value in values_of(holiday, HOLIDAY).items()
        }
        if not Holiday.objects.filter(pk=holiday.pk).exists():
            raise conflict("The holiday is gone already.", "Reload the settings.")
        tell_promise(holiday, "removed", gone, actor=actor, now=now)
        holiday.delete()


def level_mark(level: ServiceLevel) -> str:
    return mark_of(level, LEVEL)


def save_level(
    *, level: ServiceLevel, values: Mapping[str, Any], mark: str | None, actor: str, now: datetime
) -> ServiceLevel:
    """Add a service level (one without a key), change one, retire one (active=False)."""
    made = level.pk is None
    try:
        with transaction.atomic():
            roster.lock_roster(level.station)
            if not made:
                level.refresh_from_db()
                if mark is not None and mark != level_mark(level):
                    raise conflict(f"{level.name} was changed meanwhile.", "Look at it and save again.")
            before = {} if made else values_of(level, LEVEL)
            for name in LEVEL:
                if name in values:
                    setattr(level, name, values[name])
            _check(level)
            level.save()
            if changes := differences(before, values_of(level, LEVEL)):
                tell_promise(level, "added" if made else "changed", changes, actor=actor, now=now)
    except IntegrityError as error:
        raise LastmileError(
            "code_taken",
            f"{level.code} is the code of another service level.",
            "Choose another code.",
            field="code",
            status=409,
        ) from error
    return level


def _check(level: ServiceLevel) -> None:
    station = level.station
    from_, to = level.window_from or station.opens_at, level.window_to or station.closes_at
    if to <= from_:
        raise LastmileError(
            "bad_window",
            f"A window from {from_:%H:%M} to {to:%H:%M} ends before it starts.",
            "Let it end later; empty means the station's hours.",
            field="window_to",
        )
    try:
        level.clean_fields(exclude=["station"])
    except ValidationError as error:
        field, words = next(iter(error.message_dict.items()))
        raise LastmileError("bad_level", " ".join(words), "Correct it.", field=field) from error


def tell_promise(
    row: Holiday | ServiceLevel, what: str, changes: Mapping[str, list[Any]], *, actor: str, now: datetime
) -> None:
    tell_change(station_id=row.station_id, what=what, row=row, changes=changes, actor=actor, at=now)
    station = row.station
    roster.tell_fleet(station, [now.astimezone(station.zone).date()], actor=actor, now=now)
