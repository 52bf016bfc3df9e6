"""What a change to a row was: its values as plain JSON, the differences, a mark of what a person was shown."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Model

from lastmile import bus
from lastmile.kernel import events

HIDDEN = "hidden"


def plain(value: Any) -> Any:
    """A column's value as JSON can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(
            UTC
        ).isoformat()  # the same moment is the same text, whatever zone it was read in
    if isinstance(value, date | time):
        return value.isoformat()
    return value.pk if isinstance(value, Model) else value


def values_of(row: Model, fields: Collection[str]) -> dict[str, Any]:
    """A row's columns by name; related rows by their id."""
    columns = {field.name: field.attname for field in row._meta.concrete_fields}
    return {name: plain(getattr(row, columns[name])) for name in fields}


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Field -> [before, after], where they differ."""
    return {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}


def without_personal(changes: Mapping[str, list[Any]], personal: Collection[str]) -> dict[str, list[Any]]:
    """The ledger is kept for ever: that a phone number was changed is said there, the number is not."""
    return {
        name: [value and HIDDEN for value in pair] if name in personal else pair
        for name, pair in changes.items()
    }


def mark_of(row: Model, fields: Collection[str]) -> str:
    """Short text that differs once one of these columns does: a row's version where it has no column for one."""
    text = json.dumps(values_of(row, fields), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def tell_change(
    *, station_id: int, what: str, row: Model, changes: Mapping[str, list[Any]], actor: str, at: datetime
) -> None:
    """Write a change to a station's rows into the ledger: its history and its audit."""
    event = events.SettingsChanged(
        station_id=station_id,
        what=what,
        noun=row._meta.verbose_name.replace(" ", "_") if row._meta.verbose_name else "",
        row_id=row.pk,
        label=str(row),
        changes=dict(changes),
    )
    bus.publish(event, actor=actor, at=at)
