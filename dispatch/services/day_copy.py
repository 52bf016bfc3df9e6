"""A day's orders once more on another day: new numbers and parcels, nothing of what happened to the old ones."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from dispatch.lifecycle import OrderState
from dispatch.models import Order, Parcel, Station
from dispatch.services.order_store import ALPHABET
from dispatch.services.rollover import BATCH, tell_orders
from dispatch.services.station_days import require_open
from lastmile.kernel.errors import LastmileError
from lastmile.kernel.timewindow import shift_window

COPIED = (
    *("station_id", "shop_id", "kind", "recipient", "phone", "email", "address", "postcode", "place", "note"),
    *("note_dispatch", "service_level_id", "lat", "lng", "located_by", "location_note", "priority"),
    *("service_time_s", "skills", "asks", "weight_g", "volume_cm3", "pieces"),
)
ID_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Copied:
    """Orders made, and how many were left out because an earlier copy had made them."""

    order_ids: list[int]
    known: int


def copy_day(*, station: Station, day: date, target: date, actor: str, now: datetime) -> Copied:
    """Copy a day's orders to `target`; copying again adds only what is missing there.

    Cancelled orders and those whose recipient was erased are left out. Raises LastmileError ``same_day``,
    ``day_over``, ``day_closed``, ``nothing_to_copy``.
    """
    _require_target(station, day, target, now)
    with transaction.atomic():
        Station.objects.select_for_update().get(pk=station.pk)  # one copy at a time
        require_open(station, target)
        rows = Order.objects.filter(station=station, day=day, erased_at=None)
        wanted = list(rows.exclude(state=OrderState.CANCELLED).order_by("pk"))
        if not wanted:
            raise LastmileError(
                "nothing_to_copy", f"There is no order on {day}.", "Choose a day with orders.", status=409
            )
        there = _there(wanted, target)
        new = [order for order in wanted if (order.shop_id, copy_id(order.external_id, target)) not in there]
        made = _store(new, target, station, now)
        tell_orders(station, "created", [order.pk for order in made], actor, now)
    return Copied([order.pk for order in made], len(wanted) - len(new))


def copy_id(external_id: str, target: date) -> str:
    """The copy's own id at its shop: the old one and the day it is for."""
    mark = f"~{target:%Y%m%d}"
    return external_id[: ID_LENGTH - len(mark)] + mark


def _require_target(station: Station, day: date, target: date, now: datetime) -> None:
    if day == target:
        raise LastmileError(
            "same_day", "A day cannot be copied onto itself.", "Choose another day.", field="to"
        )
    if target < now.astimezone(station.zone).date():
        raise LastmileError("day_over", f"{target} is over.", "Choose today or a later day.", field="to")


def _there(wanted: list[Order], target: date) -> set[tuple[int, str]]:
    found: set[tuple[int, str]] = set()
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        rows = Order.objects.filter(
            shop__in={order.shop_id for order in part},
            external_id__in=[copy_id(order.external_id, target) for order in part],
        )
        found |= set(rows.values_list("shop_id", "external_id"))
    return found


def _store(orders: list[Order], target: date, station: Station, now: datetime) -> list[Order]:
    numbers = iter(_numbers(len(orders)))
    made = [_copy(order, target, station, next(numbers), now) for order in orders]
    Order.objects.bulk_create(made, batch_size=BATCH)
    Parcel.objects.bulk_create((piece for order in made for piece in _parcels(order)), batch_size=BATCH)
    return made


def _numbers(count: int) -> list[str]:
    """Numbers nobody has: of 2**40, so that a second draw is next to never needed; the column is unique too."""
    drawn = {"LM-" + "".join(secrets.choice(ALPHABET) for _ in range(8)) for _ in range(count + 8)}
    return list(drawn - set(Order.objects.filter(number__in=drawn).values_list("number", flat=True)))


def _copy(order: Order, target: date, station: Station, number: str, now: datetime) -> Order:
    fields: dict[str, Any] = {name: getattr(order, name) for name in COPIED}
    days = (target - order.day).days
    start, end = shift_window(order.window_start, order.window_end, days, station.zone)
    located = order.lat is not None
    return Order(
        **fields,
        external_id=copy_id(order.external_id, target),
        number=number,
        day=target,
        state=OrderState.OPEN if located else OrderState.NEEDS_LOCATION,
        window_start=start,
        window_end=end,
        created_at=now,
    )


def _parcels(order: Order) -> list[Parcel]:
    """As many as the old order had pieces; what is aboard of it is shared evenly."""
    return [
        Parcel(
            order=order,
            barcode=f"{order.number}-{piece + 1}",
            weight_g=order.weight_g // order.pieces,
            volume_cm3=order.volume_cm3 // order.pieces,
        )
        for piece in range(order.pieces)
    ]
