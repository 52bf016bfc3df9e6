"""Recurring orders: kept by people, made by a job, one order for each of their days that the station is open."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from dispatch.models import RecurringOrder, Shop, Station
from dispatch.services import order_fields
from dispatch.services.order_draft import INSIDE_NAMES, NAMES
from dispatch.services.order_patch import invalid
from dispatch.services.order_reading import reader_of
from lastmile import bus, jobs
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError, conflict

KIND = "orders.recurring"
FIELDS = (NAMES | INSIDE_NAMES) - {"external_id", "day", "parcels", "barcodes"}
CLOCKS = ("window_start", "window_end")
SHOWN = (
    "name",
    "weekdays",
    "first_day",
    "last_day",
    "active",
)  # what the ledger may keep; the rest is personal


def save_recurring(
    *,
    station: Station,
    shop: Shop,
    name: str,
    fields: Mapping[str, Any],
    weekdays: list[int],
    first_day: date,
    last_day: date | None,
    actor: str,
    now: datetime,
    recurring: RecurringOrder | None = None,
    version: int | None = None,
) -> RecurringOrder:
    """Make or edit a series; a job makes its orders and brings those to the new state that nobody touched."""
    name = _name(name)
    values: dict[str, Any] = {
        "name": name,
        "fields": _fields(station, fields, first_day, now),
        "weekdays": _weekdays(weekdays),
        "first_day": first_day,
        "last_day": last_day,
    }
    if last_day is not None and last_day < first_day:
        raise LastmileError(
            "ends_before_start",
            "The last day lies before the first.",
            "Correct one of them.",
            field="last_day",
        )
    with transaction.atomic():
        Shop.objects.select_for_update().get(pk=shop.pk)  # a form sent twice at once is one series
        _name_free(shop, name, recurring)
        if recurring is None:
            new = RecurringOrder.objects.create(station=station, shop=shop, actor=actor, **values)
            _tell(new, "created", _changes({}, values), actor, now)
            _queue(new, {}, actor, now)
            return new
        before = {column: getattr(recurring, column) for column in values}
        _claim(recurring, version, **values)
        _tell(recurring, "updated", _changes(before, values), actor, now)
        _queue(recurring, before["fields"], actor, now)
    recurring.refresh_from_db()
    return recurring


def _name(name: str) -> str:
    found = order_fields.clean(name)
    if not found or len(found) > 80:
        raise LastmileError(
            "name_missing",
            "The series has no name, or one of more than 80 characters.",
            "Say what it is, such as 'Bread, Monday to Friday'.",
            field="name",
        )
    return found


def _name_free(shop: Shop, name: str, recurring: RecurringOrder | None) -> None:
    others = RecurringOrder.objects.filter(shop=shop, name=name)
    if recurring is not None:
        others = others.exclude(pk=recurring.pk)
    if others.exists():
        raise LastmileError(
            "name_taken", "The shop has another series of this name.", "Choose another name.", field="name"
        )


def _weekdays(weekdays: list[int]) -> list[int]:
    found = sorted(set(weekdays))
    if not found or not set(found) <= set(range(7)):
        raise LastmileError(
            "weekdays_missing", "No weekday is chosen.", "Choose one or more.", field="weekdays"
        )
    return found


def _fields(station: Station, fields: Mapping[str, Any], day: date, now: datetime) -> dict[str, Any]:
    """The fields as they will be read on each day; refused now rather than every night."""
    given = {name: value for name, value in fields.items() if value not in (None, "", [])}
    for name in CLOCKS:
        value = given.get(name)
        if value is not None and not (isinstance(value, str) and order_fields.CLOCK.fullmatch(value)):
            raise LastmileError("bad_time", "A series needs times like 09:00.", "Write HH:MM.", field=name)
    unknown = sorted(set(given) - FIELDS)
    if unknown:
        raise LastmileError(
            "unknown_field", f"{unknown[0]} is no field of a series.", "Leave it out.", field=unknown[0]
        )
    read = reader_of(station, now=now, day=day, inside=True).read(given | {"external_id": "series"})
    if read.draft is None:
        raise invalid(read)
    return given


def set_active(*, recurring: RecurringOrder, active: bool, version: int, actor: str, now: datetime) -> None:
    """Pause a series, which calls off its coming orders that nobody touched, or go on with it."""
    with transaction.atomic():
        before = {"active": recurring.active}
        _claim(recurring, version, active=active)
        _tell(recurring, "updated", _changes(before, {"active": active}), actor, now)
        _queue(recurring, recurring.fields, actor, now)
    recurring.refresh_from_db()


def end_recurring(
    *, recurring: RecurringOrder, last_day: date, version: int, actor: str, now: datetime
) -> None:
    """Let the series end with a day; before its first day it ends on that, which then is the only one."""
    last_day = max(last_day, recurring.first_day)
    with transaction.atomic():
        before = {"last_day": recurring.last_day}
        _claim(recurring, version, last_day=last_day)
        _tell(recurring, "ended", _changes(before, {"last_day": last_day}), actor, now)
        _queue(recurring, recurring.fields, actor, now)
    recurring.refresh_from_db()


def _claim(recurring: RecurringOrder, version: int | None, **values: Any) -> None:
    rows = RecurringOrder.objects.filter(pk=recurring.pk, version=version or recurring.version)
    if not rows.update(version=F("version") + 1, **values):
        raise conflict(
            f"The series {recurring.name} was changed meanwhile.", "Look at it again, then change it."
        )


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Both values of what is not personal; of the order's own fields only the names of those that changed."""
    found: dict[str, list[Any]] = {}
    for name in SHOWN:
        if name in after and before.get(name) != after[name]:
            found[name] = [_plain(before.get(name)), _plain(after[name])]
    old, new = before.get("fields", {}), after.get("fields", {})
    changed = sorted(name for name in {*old, *new} if old.get(name) != new.get(name))
    return found | ({"fields": [[], changed]} if changed else {})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _tell(recurring: RecurringOrder, what: str, changes: dict[str, Any], actor: str, now: datetime) -> None:
    event = events.SettingsChanged(
        station_id=recurring.station_id,
        what=what,
        noun="recurring order",
        row_id=recurring.pk,
        label=recurring.name,
        changes=changes,
    )
    bus.publish(event, actor=actor, at=now)


def _queue(recurring: RecurringOrder, before: Mapping[str, Any], actor: str, now: datetime) -> None:
    recurring.refresh_from_db(fields=["version"])
    jobs.enqueue(
        kind=KIND,
        payload={"station_id": recurring.station_id, "recurring_id": recurring.pk, "before": dict(before)},
        actor=actor,
        now=now,
        key=f"recurring:{recurring.pk}:{recurring.version}",
        station_id=recurring.station_id,
    )
