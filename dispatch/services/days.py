"""Lay out a believable day at a station: orders, vehicles, drivers, shifts. Same seed, same day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from django.db import transaction

from dispatch.models import Order, Parcel, Shift, Shop, Station
from dispatch.places.sample import Door, draw
from dispatch.services.countries import region_of
from dispatch.services.day_fleet import FleetMade, lay_fleet
from dispatch.services.day_orders import SHOPS, Able, Plot, day_mark, draw_order
from lastmile import bus
from lastmile.kernel import events
from lastmile.kernel.errors import LastmileError

MOST_ORDERS, MOST_VEHICLES = 100_000, 1_000
BATCH = 2_000
TOLD_AT_ONCE = 250  # orders named by one event: their cards travel together to every screen


@dataclass(frozen=True, slots=True)
class DayMade:
    """What a call added; all zero when the day was there already."""

    orders: int
    fleet: FleetMade

    @property
    def anything(self) -> bool:
        return bool(self.orders or self.fleet.shifts)


def make_day(
    *,
    station: Station,
    day: date,
    orders: int,
    vehicles: int,
    seed: int,
    doors: Sequence[Door],
    actor: str,
    now: datetime,
    able: Able | None = None,
) -> DayMade:
    """Bring a station's day up to this many made-up orders and shifts.

    A second call with the same numbers adds nothing, larger ones add the difference. Raises LastmileError
    ``bad_number``, ``day_other_seed``, ``day_has_more_orders``, ``day_has_more_vehicles``.
    """
    _require_numbers(orders, vehicles, seed)
    with transaction.atomic():
        Station.objects.select_for_update().get(pk=station.pk)
        plot = Plot(station, _shops(station), day, seed, region_of(station.time_zone) or "", able)
        there = _orders_there(plot, orders)
        _require_room_for_shifts(station, day, vehicles)
        fleet = lay_fleet(station=station, day=day, count=vehicles, country=plot.country, seed=seed)
        made = _lay_orders(plot, range(there, orders), doors)
        if fleet.shifts:
            bus.publish(events.FleetChanged(station_id=station.pk, day=day.isoformat()), actor=actor, at=now)
        for start in range(0, len(made), TOLD_AT_ONCE):
            told = made[start : start + TOLD_AT_ONCE]
            event = events.OrdersChanged(station_id=station.pk, what="created", order_ids=told)
            bus.publish(event, actor=actor, at=now)
    return DayMade(len(made), fleet)


def is_laid_out(station: Station, day: date) -> bool:
    """Whether the day has made-up orders, whatever the numbers and the seed."""
    return Order.objects.filter(external_id__startswith=day_mark(station, day)).exists()


def _require_numbers(orders: int, vehicles: int, seed: int) -> None:
    for field, value, most in (
        ("orders", orders, MOST_ORDERS),
        ("vehicles", vehicles, MOST_VEHICLES),
        ("seed", seed, 2**31 - 1),
    ):
        if not 0 <= value <= most:
            cause = f"{value:,} {field} are too few or too many for a day."
            raise LastmileError("bad_number", cause, f"Give a number from 0 to {most:,}.", field=field)


def _shops(station: Station) -> list[Shop]:
    shops = [Shop.objects.get_or_create(code=code, defaults={"name": name})[0] for code, name in SHOPS]
    for shop in shops:
        shop.stations.add(station)
    return shops


def _orders_there(plot: Plot, wanted: int) -> int:
    """How many made-up orders the day has already."""
    every = Order.objects.filter(external_id__startswith=day_mark(plot.station, plot.day))
    mine = every.filter(external_id__startswith=plot.mark)
    there = mine.count()
    if every.count() != there:
        cause = f"{plot.day} at {plot.station.code} was laid out with another seed than {plot.seed}."
        raise LastmileError("day_other_seed", cause, "Use the same seed again, or another day.", status=409)
    if there > wanted:
        cause = f"{plot.day} at {plot.station.code} has {there:,} made-up orders, more than {wanted:,}."
        action = f"Ask for {there:,} or more, or use another day: orders are never taken away."
        raise LastmileError("day_has_more_orders", cause, action, status=409)
    return there


def _require_room_for_shifts(station: Station, day: date, wanted: int) -> None:
    there = Shift.objects.filter(station=station, day=day, active=True).count()
    if there > wanted:
        cause = f"{day} at {station.code} has {there:,} shifts, more than {wanted:,}."
        action = f"Ask for {there:,} or more vehicles, or take shifts out in the admin."
        raise LastmileError("day_has_more_vehicles", cause, action, status=409)


def _lay_orders(plot: Plot, indexes: range, doors: Sequence[Door]) -> list[int]:
    """Write the orders with these indexes; returns their ids in order."""
    made: list[int] = []
    places = (
        islice(draw(list(doors), f"{plot.seed}/{plot.day}"), indexes.start, None) if indexes else iter(())
    )
    drawn = (draw_order(plot, index, door) for index, door in zip(indexes, places, strict=False))
    while batch := list(islice(drawn, BATCH)):
        made += [order.pk for order in Order.objects.bulk_create(order for order, _ in batch)]
        Parcel.objects.bulk_create(parcel for _, parcels in batch for parcel in parcels)
    return made
