"""From what to what each number may go. A field of whole numbers without a row here fails a test."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..errors import InputError
from ..model import (
    NEVER,
    Battery,
    Break,
    Carrier,
    Charger,
    Current,
    Depot,
    Dial,
    DrivingRule,
    Group,
    Job,
    Offer,
    Period,
    Problem,
    RateCard,
    Relation,
    Shipment,
    Vehicle,
    Weights,
)  # fmt: skip
from .fields import subject_of

MAX_CENTS = 10**9
MAX_RATE = 10**6
"""Cents per kilometre or hour."""

_TIME, _CENTS, _RATE, _SHARE = (0, NEVER), (0, MAX_CENTS), (0, MAX_RATE), (0, 100)
LIMITS: dict[type[Any], dict[str, tuple[int, int]]] = {
    Job: {
        "service_s": _TIME, "setup_s": _TIME, "release_s": _TIME, "priority": _SHARE, "leave_price": _CENTS,
        "late_price_per_min": _CENTS, "early_price_per_min": _CENTS, "preferred_price_per_min": _CENTS,
        "max_wait_s": _TIME, "service_by_type": _TIME, "prompt_price_per_hour": _CENTS, "max_aboard_s": _TIME,
        "failure_percent": _SHARE, "delivery": _TIME, "pickup": _TIME,
    },
    Offer: {"price": _CENTS},
    Current: {"start": _TIME},
    Shipment: {"load": _TIME},
    Group: {"prices": _CENTS, "leave_price": _CENTS},
    Relation: {"tolerance_s": _TIME},
    Vehicle: {
        "travel_percent": (0, 1000), "service_percent": (0, 1000), "fixed_cost": _CENTS, "cost_per_km": _RATE,
        "cost_per_hour": _RATE, "latest_start": _TIME, "max_stops": _TIME, "max_distance_m": _TIME,
        "max_duration_s": _TIME, "capacity": _TIME, "aboard": _TIME, "cost_per_driving_hour": _RATE,
        "cost_per_stop": _CENTS, "cost_per_failed": _CENTS, "overtime_per_hour": _RATE, "max_overtime_s": _TIME,
        "co2_g_per_km": (0, MAX_RATE), "min_stops": _TIME, "max_driving_s": _TIME, "max_trips": (1, NEVER),
    },
    Break: {"duration_s": _TIME, "skip_price": _CENTS},
    DrivingRule: {"max_s": (1, NEVER), "pause_s": (1, NEVER)},
    Battery: {
        "capacity_wh": (1, 10**9), "start_wh": (0, 10**9), "reserve_wh": (0, 10**9), "wh_per_km": (0, 10**6),
        "charge_w": (1, 10**9),
    },
    RateCard: {"per_load": _CENTS, "per_zone": _CENTS, "minimum": _CENTS},
    Carrier: {"minimum": _CENTS},
    Depot: {"load_s": _TIME, "docks": (1, NEVER)},
    Charger: {"power_w": (1, 10**9), "setup_s": _TIME, "price_per_kwh": _RATE},
    Period: {"start": _TIME},
    Dial: {"price": _CENTS},
    Weights: dict.fromkeys(Weights.__dataclass_fields__, _CENTS),
    Problem: {"co2_price_per_kg": _RATE},
}  # fmt: skip


def ranges(problem: Problem) -> Iterator[InputError]:
    """Every number that is not within its limits."""
    yield from _within("", problem)
    yield from _within("weights", problem.weights)
    for profile, matrix in problem.matrices.items():
        yield from _all(profile, matrix.periods)
    for code, dial in problem.dials.items():
        yield from _within(code, dial)
    for job in problem.jobs:
        yield from _within(job.id, job)
        yield from _all(job.id, (*job.offers, *([job.current] if job.current else ())))
    for vehicle in problem.vehicles:
        yield from _within(vehicle.id, vehicle)
        optional = [part for part in (vehicle.battery, vehicle.rate) if part is not None]
        yield from _all(vehicle.id, (*vehicle.breaks, *vehicle.driving_rules, *optional))
    for things in (problem.shipments, problem.groups, problem.relations, problem.depots, problem.chargers,
                   problem.carriers):  # fmt: skip
        for thing in things:
            yield from _within(subject_of(thing), thing)


def _all(subject: str, things: Iterable[object]) -> Iterator[InputError]:
    for thing in things:
        yield from _within(subject, thing)


def _within(subject: str, thing: object) -> Iterator[InputError]:
    for name, (least, most) in LIMITS[type(thing)].items():
        value = getattr(thing, name)
        for number in _numbers(value) if isinstance(value, tuple) else (value,):
            if number is not None and not least <= number <= most:
                whose = f" of {subject!r}" if subject else ""
                words = f"{_WORDS.get((type(thing), name), name)}{whose}"
                cause = f"{words} is {number}, not within {least} and {most}."
                yield InputError("out_of_range", cause, "Correct it.", subject)


def _numbers(value: tuple[Any, ...]) -> Iterator[int]:
    """The numbers of (1, 2), or of (("name", 1), ("name", 2))."""
    for entry in value:
        yield entry[1] if isinstance(entry, tuple) else entry


_WORDS: dict[tuple[type[Any], str], str] = {(Break, "duration_s"): "duration of a break"}
