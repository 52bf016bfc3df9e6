"""Orders of a day that ends: which go on to the next opening day, which wait, and what is written about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models, transaction

from dispatch.floor import ABOARD
from dispatch.lifecycle import OrderState, ParcelState
from dispatch.models import Order, Parcel, Station, StationDay
from dispatch.models.attempt import AttemptOutcome
from dispatch.models.station import AfterFailure
from dispatch.services.promises import next_open_day
from dispatch.services.scans import move_parcels
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.timewindow import shift_window

TOLD_AT_ONCE = 250  # orders named by one event: their cards travel together to every screen
BATCH = 500
UNFINISHED = (OrderState.NEEDS_LOCATION, OrderState.OPEN, OrderState.PLANNED, OrderState.OUT)
WRITTEN = ("day", "state", "window_start", "window_end", "left_out", "version")
REASONS = {
    OrderState.NEEDS_LOCATION: "no_place",
    OrderState.OPEN: "not_planned",
    OrderState.PLANNED: "not_departed",
    OrderState.OUT: "not_reached",
    OrderState.FAILED: "attempt_failed",
}
WORDS = {
    "no_place": "its address was not found",
    "not_planned": "it was on no route when the day was closed",
    "not_departed": "its route never left",
    "not_reached": "its van did not get there",
    "attempt_failed": "nobody could take it",
}


@dataclass(frozen=True, slots=True)
class Carried:
    """An order that goes on to another day, and why: a key of `WORDS`."""

    order_id: int
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What day close does with the orders nobody has received."""

    carried: list[Carried]
    waiting: list[Carried]  # failed, and left for a person to decide


def fate_of(station: Station, day: date) -> Fate:
    """Judge every unfinished and failed order of the day, as the station's policy has it."""
    failed = models.Count("attempts", filter=models.Q(attempts__outcome=AttemptOutcome.FAILED))
    rows = Order.objects.filter(station=station, day=day, state__in=[*UNFINISHED, OrderState.FAILED])
    carried: list[Carried] = []
    waiting: list[Carried] = []
    for pk, number, state, tries in (
        rows.annotate(tries=failed).order_by("pk").values_list("pk", "number", "state", "tries")
    ):
        order = Carried(pk, number, REASONS[OrderState(state)])
        again = station.after_failure == AfterFailure.NEXT_DAY and tries < station.max_attempts
        (carried if state != OrderState.FAILED or again else waiting).append(order)
    return Fate(carried, waiting)


def next_day(station: Station, day: date, now: datetime) -> date:
    """Where the orders of a day go: its next opening day, but none that is over already."""
    yesterday = date.fromordinal(now.astimezone(station.zone).date().toordinal() - 1)
    return next_open_day(station, max(day, yesterday))


def carry_over(
    *, station: Station, day: date, target: date, carried: Sequence[Carried], actor: str, now: datetime
) -> list[int]:
    """Move orders to `target` with number, history and times of the wall clock; returns those moved.

    The caller owns the transaction and has taken them off their routes.
    """
    moved: list[int] = []
    for start in range(0, len(carried), BATCH):
        reasons = {order.order_id: order.reason for order in carried[start : start + BATCH]}
        found = Order.objects.select_for_update().filter(pk__in=reasons, day=day).order_by("pk")
        rows = [order for order in found if order.state in (*UNFINISHED, OrderState.FAILED)]
        for order in rows:
            _move(order, station, target, reasons[order.pk])
        Order.objects.bulk_update(rows, WRITTEN)
        moved += [order.pk for order in rows]
    tell_orders(station, "rolled_over", moved, actor, now)
    return moved


def _move(order: Order, station: Station, target: date, reason: str) -> None:
    days = (target - order.day).days
    window = shift_window(order.window_start, order.window_end, days, station.zone)
    words = f"Carried over from {order.day}: {WORDS[reason]}."
    order.window_start, order.window_end = window
    order.left_out = {"code": "rolled_over", "words": words}
    order.day = target
    order.version += 1
    if order.state != OrderState.NEEDS_LOCATION:
        order.state = OrderState.OPEN


def bring_back_parcels(order_ids: Iterable[int], *, key: str, actor: str, at: datetime) -> int:
    """The vans are back: what was aboard or refused stands in the station again; returns how many pieces."""
    ids, back = list(order_ids), 0
    for start in range(0, len(ids), BATCH):
        rows = Parcel.objects.filter(order__in=ids[start : start + BATCH], state__in=ABOARD)
        back += move_parcels(rows, ParcelState.RECEIVED, activity="close", key=key, actor=actor, at=at)
    return back


def tell_orders(station: Station, what: str, order_ids: Sequence[int], actor: str, now: datetime) -> None:
    """Tell screens and ledger in parts that a screen can take."""
    for start in range(0, len(order_ids), TOLD_AT_ONCE):
        part = list(order_ids[start : start + TOLD_AT_ONCE])
        event = events.OrdersChanged(station_id=station.pk, what=what, order_ids=part)
        bus.publish(event, actor=actor, at=now)


def sweep_stragglers(*, station: Station, now: datetime, actor: str) -> int:
    """Orders that came to a day after it was closed (put back by hand, sent at that moment) go on as the others did."""
    closed = StationDay.objects.filter(station=station).values("day")
    waits = Order.objects.filter(
        station=station, day__in=closed, state__in=(OrderState.NEEDS_LOCATION, OrderState.OPEN)
    )
    moved = 0
    for day in sorted(set(waits.values_list("day", flat=True))):
        with transaction.atomic():
            rows = waits.filter(day=day).order_by("pk").values_list("pk", "number", "state")
            orders = [Carried(pk, number, REASONS[OrderState(state)]) for pk, number, state in rows]
            target = next_day(station, day, now)
            moved += len(
                carry_over(station=station, day=day, target=target, carried=orders, actor=actor, now=now)
            )
    return moved
