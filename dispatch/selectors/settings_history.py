"""Who changed which setting when: read from the ledger."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispatch.models import Station
from dispatch.services.setting_checks import SECTIONS
from lastmile.models import Event

SHOWN = 15
READ = 500  # newest changes looked through; older ones are in the audit
PROMISES = {"holiday": "holidays", "service_level": "levels"}


@dataclass(frozen=True)
class Change:
    """One field of one change."""

    event_id: int
    at: datetime
    actor: str
    what: str
    label: str
    field: str
    before: Any
    after: Any


def history_of(station: Station) -> dict[str, list[Change]]:
    """Newest changes by section of the settings page; one query."""
    nouns = ("station", *PROMISES)
    rows = Event.objects.filter(station_id=station.pk, name="settings.changed", data__noun__in=nouns)
    found: dict[str, list[Change]] = {name: [] for name in (*SECTIONS, *PROMISES.values())}
    for row in rows.order_by("-pk")[:READ]:
        for section, change in _changes(row):
            if len(found[section]) < SHOWN:
                found[section].append(change)
    return found


def _changes(row: Event) -> Iterable[tuple[str, Change]]:
    data = row.data
    for field, (before, after) in data["changes"].items():
        section = PROMISES.get(data["noun"]) or section_of(field)
        if section:
            change = Change(row.pk, row.at, row.actor, data["what"], data["label"], field, before, after)
            yield section, change


def section_of(field: str) -> str | None:
    return next((section for section, names in SECTIONS.items() if field in names), None)


def street_history(station: Station) -> list[Event]:
    """Which streets were closed and opened, by whom: the newest first."""
    rows = Event.objects.filter(station_id=station.pk, name="settings.changed", data__noun="road_event")
    return list(rows.order_by("-pk")[:SHOWN])
