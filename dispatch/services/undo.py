"""Undo and redo: the opposite change, made only while what it would change is as its author left it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from dispatch.lifecycle import StopState
from dispatch.models import BoardEdit, Driver, Order, Route, Station
from dispatch.services.arrangements import draft_arrangement
from dispatch.services.day_drafts import Draft, Wishes, carry_out, open_routes
from dispatch.services.edits import next_redo, next_undo
from dispatch.services.mapping import orders_of
from dispatch.services.pins import set_pins
from dispatch.services.routes import change_route, give_driver
from dispatch.services.station_days import require_open
from lastmile.kernel.errors import LastmileError, conflict

COLUMNS = ("locked", "driver_id")
LOCK_WORDS = {True: "locked", False: "unlocked"}


def undo(*, station: Station, day: date, actor: str, now: datetime) -> BoardEdit:
    """Take the caller's last change of the day back. Raises nothing_to_undo and edit_overtaken."""
    edit = next_undo(station, day, actor)
    if edit is None:
        raise LastmileError(
            "nothing_to_undo",
            "There is no change of yours to take back.",
            "Changes of others are theirs to undo.",
            status=409,
        )
    return _turn(edit, have=edit.after, want=edit.before, undone_at=now, actor=actor, now=now)


def redo(*, station: Station, day: date, actor: str, now: datetime) -> BoardEdit:
    """Do again what the caller took back last. Raises nothing_to_redo and edit_overtaken."""
    edit = next_redo(station, day, actor)
    if edit is None:
        raise LastmileError(
            "nothing_to_redo", "There is nothing to do again.", "A new change ends what could be.", status=409
        )
    return _turn(edit, have=edit.before, want=edit.after, undone_at=None, actor=actor, now=now)


def _turn(
    edit: BoardEdit,
    *,
    have: Mapping[str, Any],
    want: Mapping[str, Any],
    undone_at: datetime | None,
    actor: str,
    now: datetime,
) -> BoardEdit:
    require_open(edit.station, edit.day)
    _require_untouched(edit, have)
    draft = _draft(edit, want, now)  # streets are asked before the write lock is taken
    with transaction.atomic():
        same = BoardEdit.objects.filter(pk=edit.pk, undone_at=edit.undone_at)
        if not same.update(undone_at=undone_at):
            raise conflict("This was done in another window meanwhile.", "Look at the board and try again.")
        if draft is not None:
            wishes = Wishes(_by_number(want["names"]), _by_number(want["drivers"]))
            what = "undone" if undone_at else "redone"
            carry_out(draft, versions={}, what=what, actor=actor, now=now, wishes=wishes, undoable=False)
        _set_columns(edit, want, actor, now)
        if "pinned" in want:
            set_pins(edit.station, _by_number(want["pinned"]), actor=actor, now=now)
    edit.refresh_from_db()
    return edit


def _by_number(given: Mapping[str, Any]) -> dict[int, Any]:
    return {int(shift): value for shift, value in given.items()}


def _draft(edit: BoardEdit, want: Mapping[str, Any], now: datetime) -> Draft | None:
    if "sequences" not in want:
        return None
    sequences = _by_number(want["sequences"])
    return draft_arrangement(station=edit.station, day=edit.day, sequences=sequences, now=now)


def _require_untouched(edit: BoardEdit, have: Mapping[str, Any]) -> None:
    """Refuse where somebody (or the van itself) went on from this change."""
    if "pinned" in have:
        _require_pins(have["pinned"])
        return
    shifts = {int(shift) for column in ("sequences", *COLUMNS) for shift in have.get(column, ())}
    routes = open_routes(edit.station, edit.day, order_ids=(), shift_ids=shifts)
    other = [route for route in routes.values() if not _same(route, have)]
    gone = [shift for shift, ids in have.get("sequences", {}).items() if ids and int(shift) not in routes]
    lost = [shift for column in COLUMNS for shift in have.get(column, ()) if int(shift) not in routes]
    if other or gone or lost:
        names = ", ".join(route.name for route in other) or "A route"
        raise LastmileError(
            "edit_overtaken",
            f"{names} was changed since.",
            "Look at the newest state and change it by hand.",
            status=409,
            data={"route_ids": [route.pk for route in other]},
        )


def _require_pins(have: Mapping[str, str]) -> None:
    there = dict(Order.objects.filter(pk__in=have).values_list("pk", "pinned"))
    if any(there.get(int(pk)) != pinned for pk, pinned in have.items()):
        raise LastmileError(
            "edit_overtaken",
            "The lock of an order was changed since.",
            "Look at the newest state and change it by hand.",
            status=409,
        )


def _same(route: Route, have: Mapping[str, Any]) -> bool:
    shift = str(route.shift_id)
    if shift in have.get("sequences", {}):
        return orders_of(route, state=StopState.PLANNED) == have["sequences"][shift]
    return all(getattr(route, column) == have[column][shift] for column in COLUMNS if column in have)


def _set_columns(edit: BoardEdit, want: Mapping[str, Any], actor: str, now: datetime) -> None:
    for column in COLUMNS:
        for shift, value in want.get(column, {}).items():
            route = open_routes(edit.station, edit.day, order_ids=(), shift_ids=[int(shift)])[int(shift)]
            if column == "locked":
                change_route(
                    route=route,
                    version=route.version,
                    what=LOCK_WORDS[value],
                    actor=actor,
                    now=now,
                    locked=value,
                )
            else:
                driver = Driver.objects.filter(pk=value).first()
                give_driver(route=route, version=route.version, driver=driver, actor=actor, now=now)
