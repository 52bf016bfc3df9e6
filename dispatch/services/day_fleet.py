"""The vans, drivers and shifts of a made-up day. What a station has is used first, the rest is added."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.db.models import Q

from dispatch.models import Carrier, Driver, Shift, Station, Vehicle, VehicleType
from dispatch.services import fiction
from dispatch.services.roster import away, broken

TYPES: dict[str, dict[str, Any]] = {
    "Van": {"profile": "van"},
    "Cargo bike": {
        "profile": "cargo_bike",
        "capacity_weight_g": 150_000,
        "capacity_volume_cm3": 1_500_000,
        "capacity_pieces": 60,
        "cost_fixed_cents": 1200,
        "cost_km_cents": 8,
        "cost_hour_cents": 2500,
    },
    "Truck": {
        "profile": "truck",
        "capacity_weight_g": 3_500_000,
        "capacity_volume_cm3": 28_000_000,
        "capacity_pieces": 800,
        "service_factor": 1.2,
        "cost_fixed_cents": 7000,
        "cost_km_cents": 85,
        "cost_hour_cents": 3300,
    },
}
# The mix of eight in a row; the first can do everything, so that even a fleet of one serves most orders.
MIX = ("Van", "Van", "Van", "Cargo bike", "Van", "Truck", "Van", "Cargo bike")
# (start, end, break from, break to) on the station's clock, three early ones to two late ones
EARLY, LATE = (8, 16, 11, 13), (12, 20, 15, 17)
TURNS = (EARLY, LATE, EARLY, LATE, EARLY)
BREAK_MINUTES = 30


@dataclass(frozen=True, slots=True)
class FleetMade:
    vehicles: int
    drivers: int
    shifts: int


def lay_fleet(*, station: Station, day: date, count: int, country: str, seed: int) -> FleetMade:
    """Bring the day up to `count` shifts, each with a vehicle and a driver of its own."""
    taken = list(Shift.objects.filter(station=station, day=day, active=True))
    missing = max(0, count - len(taken))
    busy_vehicles, busy_drivers = _busy(station, day)
    vehicles, new_vehicles = _vehicles(station, busy_vehicles, missing, seed)
    drivers, new_drivers = _drivers(station, busy_drivers, missing, country, seed)
    Shift.objects.bulk_create(
        _shift(station, day, len(taken) + index, vehicles[index], drivers[index]) for index in range(missing)
    )
    return FleetMade(new_vehicles, new_drivers, missing)


def _busy(station: Station, day: date) -> tuple[set[int], set[int | None]]:
    """Vehicles and drivers that work or are missing on the day: the night shift of the day before counts too."""
    midnight = datetime.combine(day, time(), tzinfo=station.zone)
    begins, ends = midnight + timedelta(hours=EARLY[0]), midnight + timedelta(hours=LATE[1])
    there = Q(day=day) | Q(start__lt=ends, end__gt=begins)
    taken = list(Shift.objects.filter(there, station=station, active=True))
    broken_down = set(broken(day).filter(vehicle__station=station).values_list("vehicle", flat=True))
    absent = set(away(day).filter(driver__station=station).values_list("driver", flat=True))
    return {shift.vehicle_id for shift in taken} | broken_down, {shift.driver_id for shift in taken} | absent


def _vehicles(station: Station, busy: set[int], missing: int, seed: int) -> tuple[list[Vehicle], int]:
    mine = Vehicle.objects.filter(station=station)
    free = list(mine.filter(active=True).exclude(pk__in=busy).order_by("pk")[:missing])
    types = {
        name: VehicleType.objects.get_or_create(name=name, defaults=fields)[0]
        for name, fields in TYPES.items()
    }
    names, count = set(mine.values_list("name", flat=True)), mine.count()
    own, partner = _carriers(station)
    made = []
    for index in range(count, count + missing - len(free)):
        kind = MIX[index % len(MIX)]
        made.append(
            Vehicle(
                station=station,
                carrier=partner if index % 4 == 2 else own,
                type=types[kind],
                name=_free_name(f"{kind} {index + 1}", names),
                plate="" if kind == "Cargo bike" else _plate(index, seed),
                skills=_vehicle_skills(index, kind),
            )
        )
    return [*free, *Vehicle.objects.bulk_create(made)], len(made)


def _carriers(station: Station) -> tuple[Carrier, Carrier]:
    own = Carrier.objects.get_or_create(station=station, name="Own fleet", defaults={"own": True})[0]
    partner = Carrier.objects.get_or_create(station=station, name="City Couriers", defaults={"own": False})[0]
    return own, partner


def _vehicle_skills(index: int, kind: str) -> list[str]:
    if kind == "Cargo bike":
        return []
    skills = ["chilled"] if index % 3 == 0 or index == 1 else []
    return [*skills, "lift"] if kind == "Truck" or index % 4 == 0 else skills


def _plate(index: int, seed: int) -> str:
    dice = Random(f"plate/{seed}/{index}")  # noqa: S311 - a made-up day, not a secret
    return "".join(dice.choices("ABCEFGHJKLMNRSTUVXYZ", k=3)) + f"-{dice.randint(100, 999)}"


def _drivers(
    station: Station, busy: set[int | None], missing: int, country: str, seed: int
) -> tuple[list[Driver], int]:
    mine = Driver.objects.filter(station=station)
    taken = {pk for pk in busy if pk is not None}
    free = list(mine.filter(active=True).exclude(pk__in=taken).order_by("pk")[:missing])
    names, count = set(mine.values_list("name", flat=True)), mine.count()
    own, partner = _carriers(station)
    made = []
    for index in range(count, count + missing - len(free)):
        dice = Random(f"driver/{seed}/{index}")  # noqa: S311 - a made-up day, not a secret
        made.append(
            Driver(
                station=station,
                carrier=partner if index % 4 == 2 else own,
                name=_free_name(fiction.name(country, dice), names),
                phone=fiction.phone(country, dice),
                skills=[] if index % 4 == 3 else ["age"],
            )
        )
    return [*free, *Driver.objects.bulk_create(made)], len(made)


def _free_name(wanted: str, names: set[str]) -> str:
    """The name, numbered where somebody has it already; then taken."""
    name, again = wanted, 2
    while name in names:
        name, again = f"{wanted} {again}", again + 1
    names.add(name)
    return name


def _shift(station: Station, day: date, index: int, vehicle: Vehicle, driver: Driver) -> Shift:
    midnight = datetime.combine(day, time(), tzinfo=station.zone)
    start, end, break_from, break_to = (
        midnight + timedelta(hours=hour) for hour in TURNS[index % len(TURNS)]
    )
    return Shift(
        station=station,
        day=day,
        vehicle=vehicle,
        driver=driver,
        start=start,
        end=end,
        break_minutes=BREAK_MINUTES,
        break_from=break_from,
        break_to=break_to,
    )
