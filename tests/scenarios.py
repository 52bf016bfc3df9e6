"""Named worlds for tests: plain functions that write rows, with nothing hidden.

Everything stands in the centre of Helsinki on `DAY`, a day without a change of clocks. Each takes what the
one before it made: `station = make_station(); shop = make_shop(station); make_orders(station, shop)`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from dispatch.lifecycle import OrderState, RouteState, StopState
from dispatch.models import (
    Driver,
    Membership,
    Order,
    Parcel,
    Route,
    Shift,
    Shop,
    Station,
    Stop,
    StopOrder,
    Vehicle,
    VehicleType,
)
from dispatch.models.stop import Outcome
from lastmile.models import User

DAY = date(2026, 3, 10)
CENTRE = (60.1699, 24.9384)
SERVICE = timedelta(minutes=3)
LEG = timedelta(minutes=5)

ORDER_STATE = {
    RouteState.DRAFT: OrderState.PLANNED,
    RouteState.RELEASED: OrderState.PLANNED,
    RouteState.DEPARTED: OrderState.OUT,
    RouteState.CLOSED: OrderState.DELIVERED,
}

_numbers = count(1)


@dataclass(frozen=True)
class Fleet:
    """Shift i has driver i and vehicle i."""

    vehicles: list[Vehicle]
    drivers: list[Driver]
    shifts: list[Shift]


def at(station: Station, day: date, hour: int, minute: int = 0) -> datetime:
    """The moment when the station's wall clocks show this time."""
    return datetime.combine(day, time(hour, minute), tzinfo=station.zone)


def make_station(code: str = "HEL", **fields: Any) -> Station:
    """A station in Helsinki whose clock shows 08:00 of `DAY` from now on, at normal speed."""
    defaults: dict[str, Any] = {
        "name": f"Station {code}",
        "city": "helsinki",
        "lat": CENTRE[0],
        "lng": CENTRE[1],
        "time_zone": "Europe/Helsinki",
        "currency": "EUR",
    }
    station = Station(code=code, **(defaults | fields))
    if "clock_business" not in fields:
        station.clock_business = at(station, DAY, 8)
    station.save()
    return station


def make_person(
    username: str, role: str | None = None, station: Station | None = None, **fields: Any
) -> User:
    """Somebody who can sign in by link only; with a role at a station when one is named."""
    user = User(username=username, **({"full_name": username.title()} | fields))
    user.set_unusable_password()
    user.save()
    if role is not None:
        assert station is not None, "a role is held at a station"
        Membership.objects.create(user=user, station=station, role=role)
    return user


def make_fleet(station: Station, day: date = DAY, n: int = 3, **type_fields: Any) -> Fleet:
    """`n` more vans with driver and shift from 08 to 16 each; the last of three or more is a cargo bike."""
    taken = Shift.objects.filter(station=station, day=day).count()
    van = VehicleType.objects.get_or_create(name=f"Van {station.code}", defaults=type_fields)[0]
    bike = VehicleType.objects.get_or_create(
        name=f"Cargo bike {station.code}",
        defaults={"profile": "cargo_bike", "capacity_weight_g": 120_000, "capacity_volume_cm3": 1_200_000},
    )[0]
    vehicles, drivers, shifts = [], [], []
    for index in range(taken, taken + n):
        kind = bike if n >= 3 and index == taken + n - 1 else van
        vehicle = Vehicle.objects.get_or_create(
            station=station, name=f"{station.code} {index + 1}", defaults={"type": kind}
        )[0]
        driver = Driver.objects.get_or_create(station=station, name=f"Driver {station.code} {index + 1}")[0]
        shift = Shift.objects.create(
            station=station,
            day=day,
            driver=driver,
            vehicle=vehicle,
            start=at(station, day, 8),
            end=at(station, day, 16),
        )
        vehicles.append(vehicle)
        drivers.append(driver)
        shifts.append(shift)
    return Fleet(vehicles, drivers, shifts)


def make_shop(station: Station, code: str = "", **fields: Any) -> Shop:
    """A shop that sends to the station; one per station unless codes are given."""
    code = code or f"shop-{station.code.lower()}"
    shop = Shop.objects.create(**({"code": code, "name": f"Shop {code}"} | fields))
    shop.stations.add(station)
    return shop


def place(index: int) -> tuple[float, float]:
    """The `index`-th of a spiral of places around the centre, on land, within 1.2 km, no two alike."""
    angle, reach = index * 2.399963, 0.004 * math.sqrt((index % 200 + 1) / 200)
    return (
        round(CENTRE[0] + 0.004 + reach * math.sin(angle), 6),
        round(CENTRE[1] + 2 * reach * math.cos(angle), 6),
    )


def make_orders(
    station: Station, shop: Shop, n: int = 5, day: date = DAY, *, parcels: bool = True, **fields: Any
) -> list[Order]:
    """`n` located orders in the pool; every other one has two hours' window, from 09, 11 or 13 o'clock."""
    orders = []
    for index in range(n):
        lat, lng = place(index)
        serial = next(_numbers)
        defaults: dict[str, Any] = {
            "external_id": f"X{serial}",
            "number": f"{station.code}-T{serial}",
            "recipient": f"Recipient {serial}",
            "address": f"Testikatu {serial}",
            "postcode": "00100",
            "place": "Helsinki",
            "lat": lat,
            "lng": lng,
            "located_by": "shop",
            "state": OrderState.OPEN,
        }
        if index % 2:
            start = at(station, day, 9 + 2 * (index // 2 % 3))
            defaults |= {"window_start": start, "window_end": start + timedelta(hours=2)}
        orders.append(Order(station=station, shop=shop, day=day, **(defaults | fields)))
    Order.objects.bulk_create(orders)
    if parcels:
        Parcel.objects.bulk_create(
            [
                Parcel(
                    order=order,
                    barcode=f"P{order.number}-{piece + 1}",
                    weight_g=order.weight_g // order.pieces,
                    volume_cm3=order.volume_cm3 // order.pieces,
                )
                for order in orders
                for piece in range(order.pieces)
            ]
        )
    return orders


def make_route(
    station: Station,
    day: date,
    orders: Sequence[Order],
    shift: Shift | None = None,
    state: str = RouteState.DRAFT,
    **fields: Any,
) -> Route:
    """A route with one stop per order, 5 minutes apart; order and stop states follow from the route's."""
    state = RouteState(state)
    shift = shift or _free_shift(station, day)
    start = shift.start + timedelta(minutes=15)
    defaults: dict[str, Any] = {
        "name": f"R{next(_numbers)}",
        "vehicle": shift.vehicle,
        "driver": shift.driver,
        "start_at": start,
        "end_at": start + len(orders) * (LEG + SERVICE) + LEG,
        "distance_m": 1000 * (len(orders) + 1),
        "drive_s": int(LEG.total_seconds()) * (len(orders) + 1),
        "approximate": True,
        "load": {
            "weight_g": sum(order.weight_g for order in orders),
            "volume_cm3": sum(order.volume_cm3 for order in orders),
            "pieces": sum(order.pieces for order in orders),
        },
    }
    if state != RouteState.DRAFT:
        defaults["released_at"] = shift.start
    if state in (RouteState.DEPARTED, RouteState.CLOSED):
        defaults["departed_at"] = start
    if state == RouteState.CLOSED:
        defaults["closed_at"] = defaults["end_at"]
    route = Route.objects.create(station=station, day=day, shift=shift, state=state, **(defaults | fields))
    for index, order in enumerate(orders):
        _make_stop(route, index, order)
    for order in orders:
        order.state = ORDER_STATE[state]
        order.save(update_fields=["state"])
    return route


def _free_shift(station: Station, day: date) -> Shift:
    busy = Route.objects.exclude(state=RouteState.CLOSED).values("shift_id")
    free = Shift.objects.filter(station=station, day=day).exclude(pk__in=busy).first()
    return free or make_fleet(station, day, 1).shifts[0]


def _make_stop(route: Route, index: int, order: Order) -> Stop:
    assert route.start_at is not None
    done = route.state == RouteState.CLOSED
    arrival = route.start_at + LEG + index * (LEG + SERVICE)
    stop = Stop.objects.create(
        route=route,
        sequence=index + 1,
        lat=order.lat,
        lng=order.lng,
        address=order.address,
        state=StopState.COMPLETED if done else StopState.PLANNED,
        window_start=order.window_start,
        window_end=order.window_end,
        planned_arrival=arrival,
        planned_start=arrival,
        planned_departure=arrival + SERVICE,
        travel_s=int(LEG.total_seconds()),
        travel_m=1000,
        arrived_at=arrival if done else None,
        departed_at=arrival + SERVICE if done else None,
    )
    outcome = Outcome.DELIVERED if done else Outcome.PLANNED
    StopOrder.objects.create(stop=stop, order=order, outcome=outcome)
    return stop
