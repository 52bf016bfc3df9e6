"""Whole routes by hand: reversed, merged, split, their work swapped. A route's orders in any sequence, in one step."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from dispatch.lifecycle import StopState
from dispatch.models import Route, Station
from dispatch.services.day_drafts import Draft, carry_out, ground_of, movable, open_routes, require_shifts
from dispatch.services.mapping import orders_of
from dispatch.services.station_days import require_open
from lastmile.kernel.errors import LastmileError

WHATS = ("arranged", "reversed", "merged", "split", "swapped")


def draft_arrangement(
    *, station: Station, day: date, sequences: Mapping[int, Sequence[int]], now: datetime
) -> Draft:
    """Work out what it means that each of these shifts visits exactly these orders, in this order, from now on.

    What is done or under way stays as it is. Orders that a named shift loses go to the other named shifts or back into
    the pool; those that it gains come from wherever they are. Raises coded refusals for walls.
    """
    require_open(station, day)
    wanted = [pk for ids in sequences.values() for pk in ids]
    if len(wanted) != len(set(wanted)):
        raise LastmileError(
            "order_twice", "An order is named twice.", "Name each order once.", field="sequences"
        )
    require_shifts(station, day, list(sequences))
    routes = open_routes(station, day, order_ids=wanted, shift_ids=list(sequences))
    before = {shift: orders_of(route, state=StopState.PLANNED) for shift, route in routes.items()}
    gone = set(wanted)
    after = {shift: [pk for pk in ids if pk not in gone] for shift, ids in before.items()}
    after |= {shift: list(ids) for shift, ids in sequences.items()}
    after = {shift: ids for shift, ids in after.items() if ids != before.get(shift, [])}
    changed = {pk for shift, ids in after.items() for pk in set(ids) ^ set(before.get(shift, ()))}
    touched = {shift: route for shift, route in routes.items() if shift in after}
    orders = movable(station, day, changed)
    ground = ground_of(station=station, day=day, routes=touched, shifts=after, orders=orders, now=now)
    return ground.draft(orders, after)


def arrange(
    *,
    station: Station,
    day: date,
    sequences: Mapping[int, Sequence[int]],
    versions: Mapping[int, int],
    what: str,
    actor: str,
    now: datetime,
) -> list[Route]:
    """Carry an arrangement out. `what`: one of WHATS, the word for it in histories."""
    if what not in WHATS:
        raise LastmileError(
            "bad_choice", f"{what!r} is not one of {', '.join(WHATS)}.", "Choose one of these.", field="what"
        )
    draft = draft_arrangement(station=station, day=day, sequences=sequences, now=now)
    return carry_out(draft, versions=versions, what=what, actor=actor, now=now)
