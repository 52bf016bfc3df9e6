"""What a dispatcher changed by hand, kept so that it can be taken back. The taking back itself is in undo.py."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from dispatch.models import BoardEdit, Route, Station

KEPT = 100  # of one person and day
MINE = "user:"  # programs have no undo


@dataclass(frozen=True)
class Change:
    """The same things before and after, by shift: see BoardEdit."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]


def of_sequences(
    before: Mapping[int, Sequence[int]],
    after: Mapping[int, Sequence[int]],
    *,
    were: Iterable[Route],
    are: Iterable[Route],
) -> Change:
    """Other stops, or in another order. `were` and `are`: the routes before and after, for names and drivers."""

    def side(sequences: Mapping[int, Sequence[int]], routes: Iterable[Route]) -> dict[str, Any]:
        here = [route for route in routes if route.shift_id in shifts]
        return {
            "sequences": {str(shift): list(sequences.get(shift, ())) for shift in shifts},
            "names": {str(route.shift_id): route.name for route in here},
            "drivers": {str(route.shift_id): route.driver_id for route in here},
        }

    shifts = sorted({*before, *after})
    return Change(side(before, were), side(after, are))


def of_column(route: Route, column: str, before: Any, after: Any) -> Change:
    """Another value of one column of a route."""
    shift = str(route.shift_id)
    return Change({column: {shift: before}}, {column: {shift: after}})


def record(*, station: Station, day: date, what: str, change: Change, actor: str, now: datetime) -> None:
    """Keep a change; what its author took back before can be done again no more."""
    if not actor.startswith(MINE) or change.before == change.after:
        return
    mine = edits_of(station, day, actor)
    mine.exclude(undone_at=None).delete()
    BoardEdit.objects.create(
        station=station,
        day=day,
        actor=actor,
        what=what,
        before=change.before,
        after=change.after,
        at=now,
    )
    old = mine.order_by("-pk").values_list("pk", flat=True)[KEPT : 2 * KEPT]
    BoardEdit.objects.filter(pk__in=list(old)).delete()


def edits_of(station: Station, day: date, actor: str) -> QuerySet[BoardEdit]:
    return BoardEdit.objects.filter(station=station, day=day, actor=actor)


def next_undo(station: Station, day: date, actor: str) -> BoardEdit | None:
    """The last change that stands."""
    return edits_of(station, day, actor).filter(undone_at=None).order_by("-pk").first()


def next_redo(station: Station, day: date, actor: str) -> BoardEdit | None:
    """The one that was taken back last."""
    return edits_of(station, day, actor).exclude(undone_at=None).order_by("pk").first()
