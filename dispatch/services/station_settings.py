"""A station's settings: changed under what the person saw, checked, told to boards, kept as history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from dispatch.lifecycle import RouteState
from dispatch.models import Route, Station
from dispatch.services import roster
from dispatch.services.changes import differences, tell_change, values_of
from dispatch.services.order_fields import Bad
from dispatch.services.setting_checks import FIELDS, check_together, checked
from lastmile.kernel.errors import LastmileError, conflict, not_found
from lastmile.models import Event


def change_settings(
    *, station: Station, values: Mapping[str, Any], seen: Mapping[str, Any], actor: str, now: datetime
) -> dict[str, list[Any]]:
    """Change some settings; returns field -> [before, after] of what really changed.

    `seen` is what the person was shown, as plain values: a field of `values` that somebody else changed since then
    refuses all. Raises LastmileError ``unknown_setting``, ``conflict``, ``bad_setting``, ``routes_open``.
    """
    wanted = _checked(station, values)
    with transaction.atomic():
        held = roster.lock_roster(station)
        before = values_of(held, FIELDS)
        _require_seen(before, seen, set(values))
        for name, value in wanted.items():
            setattr(held, name, value)
        changes = differences(before, values_of(held, FIELDS))
        if not changes:
            return {}
        require_settings(held, changes)
        held.save(update_fields=list(changes))
        tell_settings(held, changes, actor=actor, now=now)
    station.refresh_from_db()
    return changes


def _checked(station: Station, values: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    zone = values.get("time_zone", station.time_zone)
    for name, value in values.items():
        if name not in FIELDS:
            raise LastmileError("unknown_setting", f"{name!r} is no setting.", "Reload the page.", field=name)
        try:
            found[name] = checked(name, value, zone)
        except Bad as bad:
            raise LastmileError("bad_setting", bad.cause, "Correct it and save again.", field=name) from bad
    return found


def _require_seen(before: Mapping[str, Any], seen: Mapping[str, Any], names: set[str]) -> None:
    """Two people at one page: the second learns what the first changed, and overwrites nothing unseen."""
    moved = {name: before[name] for name in names if name in seen and seen[name] != before[name]}
    if moved:
        raise conflict(
            "Somebody else saved these settings since you opened the page.",
            "The page shows their values now; yours are not saved.",
            changed=moved,
        )


def require_settings(station: Station, changed: Mapping[str, Any]) -> None:
    """The rules that need the whole station."""
    if wrong := check_together({name: getattr(station, name) for name in FIELDS}):
        raise LastmileError("bad_setting", wrong[1], "Correct it and save again.", field=wrong[0])
    if "time_zone" in changed:
        require_no_open_routes(station)


def require_no_open_routes(station: Station) -> None:
    """Shifts and windows are moments: under another zone a running day would show hours nobody agreed to."""
    stored = Station.objects.get(pk=station.pk)
    today = stored.now().astimezone(stored.zone).date()
    running = Route.objects.filter(station=station, day__gte=today).exclude(state=RouteState.CLOSED)
    if names := list(running.values_list("name", flat=True)[:3]):
        raise LastmileError(
            "routes_open",
            f"Routes of today or later are open ({', '.join(names)}): their times would no longer be true.",
            "Change the time zone when all routes are closed.",
            field="time_zone",
            status=409,
        )


def tell_settings(station: Station, changes: Mapping[str, list[Any]], *, actor: str, now: datetime) -> None:
    """Into the history, and onto every board."""
    tell_change(station_id=station.pk, what="changed", row=station, changes=changes, actor=actor, at=now)
    roster.tell_fleet(station, [now.astimezone(station.zone).date()], actor=actor, now=now)


def restore_setting(
    *, station: Station, event_id: int, field: str, seen: Any, actor: str, now: datetime
) -> dict[str, list[Any]]:
    """Set one field to what it was before a change of the history."""
    rows = Event.objects.filter(station_id=station.pk, name="settings.changed", data__noun="station")
    event = rows.filter(pk=event_id).first()
    if event is None or field not in FIELDS or field not in event.data["changes"]:
        raise not_found("That change")
    value = event.data["changes"][field][0]
    return change_settings(station=station, values={field: value}, seen={field: seen}, actor=actor, now=now)
