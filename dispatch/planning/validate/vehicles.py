"""One vehicle at a time: places, shift, breaks, battery, depots and rate card."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..model import Break, Problem, Vehicle
from .jobs import depot_known, loads, twice
from .places import place
from .times import windows


def vehicles(problem: Problem) -> Iterator[InputError]:
    """Every vehicle by itself."""
    depots = {depot.id: depot.place for depot in problem.depots}
    for vehicle in problem.vehicles:
        for where in (vehicle.start, vehicle.end):
            if where is not None:
                yield from place(problem, vehicle.id, where)
        yield from windows(vehicle.id, (vehicle.shift,))
        rates = vehicle.rate.per_load if vehicle.rate else ()
        yield from loads(
            problem, vehicle.id, capacity=vehicle.capacity, aboard=vehicle.aboard, per_load=rates
        )
        yield from _limits(vehicle)
        yield from _depots(vehicle, depots)
        yield from _battery(vehicle)
        yield from _zones(vehicle)
        for pause in vehicle.breaks:
            yield from _break(problem, vehicle, pause)


def _limits(vehicle: Vehicle) -> Iterator[InputError]:
    if vehicle.latest_start is not None and vehicle.latest_start < vehicle.shift.start:
        yield InputError(
            "latest_start_before_shift",
            f"The latest start of {vehicle.id!r} lies before its shift.",
            "Move one of the two.",
            vehicle.id,
        )
    if vehicle.max_stops is not None and vehicle.min_stops > vehicle.max_stops >= 0:
        cause = f"{vehicle.id!r} needs {vehicle.min_stops} stops at least and may have {vehicle.max_stops}."
        yield InputError("min_above_max", cause, "Lower the fewest, or raise the most.", vehicle.id)


def _depots(vehicle: Vehicle, depots: dict[str, int]) -> Iterator[InputError]:
    for name in dict.fromkeys((vehicle.depot, *vehicle.reloads)):
        yield from depot_known(set(depots), vehicle.id, name)
    if vehicle.depot in depots and depots[vehicle.depot] != vehicle.start:
        cause = f"{vehicle.id!r} loads at {vehicle.depot!r}, but starts at another place."
        yield InputError("depot_elsewhere", cause, "Start it there, or name no depot.", vehicle.id)


def _battery(vehicle: Vehicle) -> Iterator[InputError]:
    if vehicle.battery is None:
        return
    capacity = vehicle.battery.capacity_wh
    for name in ("start_wh", "reserve_wh"):
        value = getattr(vehicle.battery, name)
        if value > capacity:
            cause = f"{name} of {vehicle.id!r} is {value}, more than the battery's {capacity}."
            yield InputError("battery_too_small", cause, "Correct one of the two.", vehicle.id)


def _zones(vehicle: Vehicle) -> Iterator[InputError]:
    for name in twice([zone for zone, _ in vehicle.rate.per_zone] if vehicle.rate else []):
        cause = f"The rate card of {vehicle.id!r} has two prices for zone {name!r}."
        yield InputError("zone_twice", cause, "Keep one of the two.", vehicle.id)


def _break(problem: Problem, vehicle: Vehicle, pause: Break) -> Iterator[InputError]:
    yield from windows(vehicle.id, pause.windows)
    if pause.place is not None:
        yield from place(problem, vehicle.id, pause.place)
    if not pause.windows:
        yield InputError(
            "break_without_window",
            f"Break {pause.id!r} of {vehicle.id!r} has no window.",
            "Say when it may start.",
            vehicle.id,
        )
