"""Broken rules as sentences for a dispatcher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..model import Break, Job, Problem, Vehicle
from .words import clock, span, window_words


@dataclass(frozen=True, slots=True)
class Facts:
    """What sentences are made of. Seconds, metres."""

    problem: Problem
    vehicle: Vehicle
    job: Job | None
    start: int
    departure: int
    begin: int
    end: int
    metres: int
    stops: int
    pause: Break | None
    peaks: tuple[int, ...]


def sentence(code: str, amount: int, facts: Facts) -> str:
    """What is wrong, in words."""
    return _SENTENCES[code](amount, facts)


def _overload(amount: int, f: Facts) -> str:
    over = [
        f"{peak} {f.problem.load_name(d)} against a capacity of {limit}"
        for d, (peak, limit) in enumerate(zip(f.peaks, f.vehicle.capacity, strict=False))
        if peak > limit
    ]
    return f"Carries {' and '.join(over) or f'{amount} too much'}."


def _late(amount: int, f: Facts) -> str:
    windows = window_words(f.job.windows) if f.job else ""
    return f"Starts {clock(f.start)}, {span(amount)} after its window {windows}."


def _far(amount: int, f: Facts) -> str:
    most = (f.vehicle.max_distance_m or 0) / 1000
    return f"Drives {f.metres / 1000:.1f} km, at most {most:.1f} km are allowed."


_SENTENCES: dict[str, Callable[[int, Facts], str]] = {
    "unreachable": lambda _, f: f"{f.vehicle.id} finds no way here from the stop before.",
    "pair_split": lambda _, f: "The other half of its shipment is not on this route.",
    "delivery_before_pickup": lambda _, f: "Is delivered before it is picked up.",
    "reload_not_allowed": lambda _, f: f"{f.vehicle.id} may not reload here.",
    "late": _late,
    "waits_too_long": lambda a, f: f"The van waits {span(a)} longer than it may here.",
    "not_released": lambda a, f: (
        f"Is at the station from {clock(f.job.release_s if f.job else 0)}, the van leaves {span(a)} before."
    ),
    "depot_closed": lambda a, f: f"Is {span(a)} too late for the opening hours.",
    "shift_start": lambda a, f: f"Leaves {clock(f.begin)}, {span(a)} before the shift's start.",
    "late_start": lambda a, f: f"Leaves {clock(f.departure)}, {span(a)} after its latest start.",
    "shift_end": lambda a, f: (
        f"Ends {clock(f.end)}, {span(f.end - f.vehicle.shift.end)} after the shift's end at "
        f"{clock(f.vehicle.shift.end)}."
    ),
    "too_long": lambda a, f: (
        f"Lasts {span(f.end - f.begin)}, at most {span(f.vehicle.max_duration_s or 0)} are allowed."
    ),
    "drives_too_long": lambda a, f: (
        f"Drives {span(a)} longer than the {span(f.vehicle.max_driving_s or 0)} that are allowed."
    ),
    "too_far": _far,
    "too_many_stops": lambda a, f: f"Has {f.stops} stops, at most {f.vehicle.max_stops} are allowed.",
    "too_few_stops": lambda a, f: f"Has {f.stops} stops, at least {f.vehicle.min_stops} are wanted.",
    "too_many_trips": lambda a, f: f"Reloads {a} times more than the {f.vehicle.max_trips - 1} allowed.",
    "break_missed": lambda a, f: (
        f"No room for the break of {span(a)} in {window_words(f.pause.windows if f.pause else ())}."
    ),
    "pause_overdue": lambda a, f: f"Goes on {span(a)} longer than allowed without a pause.",
    "battery_flat": lambda a, f: f"Lacks {a / 1000:.1f} kWh to keep its reserve.",
    "overload": _overload,
    "too_long_aboard": lambda a, f: f"Is on board {span(a)} longer than it may be.",
    "blocked": lambda a, f: f"Lies under {a} other load{'s' if a != 1 else ''} when it comes off.",
    "goods_together": lambda a, f: "Carries goods that must not travel together.",
    "out_of_sequence": lambda a, f: "Comes before a stop that it must follow.",
    "not_direct": lambda a, f: "Does not come directly after the stop that it must follow.",
    "not_first": lambda a, f: "Is not the first stop of its route.",
    "not_last": lambda a, f: "Is not the last stop of its route.",
}
