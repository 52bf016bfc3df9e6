"""Reports that come in when their route is closed already: the phone was offline. What was done at the door counts."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Station, StationDay, Stop
from dispatch.models.stop import Outcome
from dispatch.selectors.late_facts import with_late
from dispatch.services.moves import Move, move_orders
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

WAITING = (OrderState.NEEDS_LOCATION, OrderState.OPEN)


def take_back(
    station: Station, order_ids: Iterable[int], *, actor: str, now: datetime
) -> tuple[list[int], list[int]]:
    """Take orders off routes that have not left; inside the caller's transaction.

    Returns those that nobody else has now, and those that are on the road again or had another end meanwhile.
    """
    Station.objects.select_for_update().get(pk=station.pk)  # before other routes: as the close of a day does
    free: list[int] = []
    elsewhere: list[int] = []
    for order in Order.objects.filter(pk__in=list(order_ids)).order_by("pk"):
        if order.state == OrderState.PLANNED:
            _off_its_route(station, order, actor, now)
            order.refresh_from_db()
        (free if order.state in WAITING else elsewhere).append(order.pk)
    return free, elsewhere


def _off_its_route(station: Station, order: Order, actor: str, now: datetime) -> None:
    """Into the pool; where a wall stands before it (a locked route), it stays and a dispatcher is told."""
    try:
        with transaction.atomic():
            move_orders(
                station=station, day=order.day, move=Move([order.pk]), versions={}, actor=actor, now=now
            )
    except LastmileError as wall:
        if wall.status not in (404, 409):
            raise


def note_late(stop: Stop, order_ids: list[int], *, actor: str, now: datetime) -> None:
    """Count a late report in the numbers of its day, if that was closed, and say so where the close is told."""
    route = stop.route
    row = StationDay.objects.select_for_update().filter(station=route.station, day=route.day).first()
    if row is None:
        return
    outcomes = dict(stop.visits.filter(order__in=order_ids).values_list("order_id", "outcome"))
    numbers = Order.objects.filter(pk__in=order_ids).order_by("pk").values_list("pk", "number")
    row.changes += [
        {
            "what": "late_report",
            "id": pk,
            "name": number,
            "reason": f"late_{Outcome(outcomes[pk])}",
            "actor": actor,
            "at": now.isoformat(),
        }
        for pk, number in numbers
    ]
    row.facts = with_late(route.station, route.day, row.facts, order_ids, now)
    row.save(update_fields=["changes", "facts"])
    event = events.DayChanged(station_id=route.station_id, what="late_report", day=route.day.isoformat())
    bus.publish(event, actor=actor, at=now)
