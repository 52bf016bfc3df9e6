"""Vehicles as PyVRP's vehicle types: shifts, overtime, loads, limits, reloads and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pyvrp import VehicleType

from ..compiled import Compiled
from ..model import NEVER, Vehicle
from .pyvrp_clients import Terms, off
from .pyvrp_depots import Depots
from .pyvrp_profiles import Profiles, range_m
from .scale import Scale


@dataclass(frozen=True, slots=True)
class Room:
    """Capacities that limit nothing: ``loads`` by dimension, ``stops``; ``marks`` says for each further dimension
    which vehicles have room in it. ``counted``: a dimension counts stops.
    """

    loads: tuple[int, ...]
    stops: int
    counted: bool
    marks: Sequence[Sequence[bool]]
    terms: Terms


@dataclass(slots=True)
class Fleet:
    """Makes the types. ``early_only``: the plan has no releases, so a route may be made to begin with the shift.
    ``forever``: a time after everything, where something must be out of reach; else ``None``.
    """

    c: Compiled
    depots: Depots
    profiles: Profiles
    scale: Scale
    room: Room
    early_only: bool
    forever: int | None

    def types(self, crew: Sequence[int]) -> tuple[list[VehicleType], list[list[int]]]:
        """(types, the vehicles of each)."""
        alike: dict[tuple[object, ...], list[int]] = {}
        terms: list[dict[str, Any]] = []
        for k in crew:
            said = self._terms(k)
            key = tuple(tuple(value) if isinstance(value, list) else value for value in said.values())
            if (*said, *key) not in alike:
                terms.append(said)
            alike.setdefault((*said, *key), []).append(k)
        fleet = list(alike.values())
        return [
            VehicleType(num_available=len(members), **said)
            for said, members in zip(terms, fleet, strict=True)
        ], fleet

    def _terms(self, k: int) -> dict[str, Any]:
        v, problem = self.c.vehicles[k], self.c.problem
        reloads = self.depots.reloads(v)
        metres = range_m(problem, v)
        terms = {
            "capacity": self._capacity(k),
            "start_depot": self.depots.start(v),
            "end_depot": self.depots.end(v),
            "fixed_cost": (v.fixed_cost + problem.weights.vehicle) * self.scale.per_cent,
            "unit_distance_cost": 1 if self.profiles.priced(k) else self.profiles.per_metre(k),
            "unit_duration_cost": self.scale.per_second(v),
            "profile": self.profiles.number(k),
            "reload_depots": reloads,
            **self._times(v),
        }
        if metres is not None:
            terms["max_distance"] = metres
        if any(v.aboard):
            terms["initial_load"] = self.room.terms.load(v.aboard)
        if reloads and not off(problem, "too_many_trips"):
            terms["max_reloads"] = v.max_trips - 1
        return terms

    def _capacity(self, k: int) -> list[int]:
        v, problem, room = self.c.vehicles[k], self.c.problem, self.room
        full = () if off(problem, "overload") else v.capacity
        capacity = [*full[: len(room.loads)], *room.loads[len(full) :]]
        for dimension, load in enumerate(
            v.aboard
        ):  # PyVRP refuses a van that is overloaded before its first stop
            capacity[dimension] = max(capacity[dimension], load)
        marks = [room.stops * able[k] for able in room.marks]
        if room.counted:
            free = v.max_stops is None or off(problem, "too_many_stops")
            marks.insert(0, room.stops if free else v.max_stops or 0)
        return room.terms.load(capacity, marks)

    def _times(self, v: Vehicle) -> dict[str, int]:
        """Overtime to PyVRP is what a route lasts beyond its duration. It is what ends after the shift if the
        route begins with the shift, which can be asked for where waiting costs nothing.
        """
        problem, times = self.c.problem, {"tw_early": v.shift.start}
        end = NEVER if off(problem, "shift_end") else v.shift.end + v.max_overtime_s
        reserve = reserve_s(self.c, v)
        if end < NEVER:
            times["tw_late"] = max(self.depots.begins(v), end - reserve)
        elif self.forever is not None:
            times["tw_late"] = self.forever
        latest = NEVER
        if v.latest_start is not None and not off(problem, "late_start"):
            latest = max(0, v.latest_start - self.depots.load_s(v))
        longest = NEVER
        if v.max_duration_s is not None and not off(problem, "too_long"):
            longest = v.max_duration_s
        begins = self.depots.begins(v)
        nominal = v.shift.end - begins
        if end < NEVER and v.max_overtime_s and v.overtime_per_hour and 0 < nominal < longest:
            times["shift_duration"] = max(0, nominal - reserve)
            times["max_overtime"] = min(v.max_overtime_s, longest - nominal)
            times["unit_overtime_cost"] = self.scale.per_overtime_second(v)
            if pays_overtime_by_the_clock(v) and self.early_only:
                latest = min(latest, begins)
        elif longest < NEVER:
            times["shift_duration"] = max(0, longest - reserve)
        if latest < NEVER:
            times["start_late"] = max(v.shift.start, min(latest, times.get("tw_late", latest)))
        return times


def pays_overtime_by_the_clock(v: Vehicle) -> bool:
    """Whether beginning with the shift costs this vehicle nothing, so that its overtime can be stated exactly."""
    return not v.cost_per_hour and v.max_duration_s is None


def reserve_s(c: Compiled, v: Vehicle) -> int:
    """Seconds kept free for pauses: required breaks that fall into the shift, or those of rules on driving
    (of half the shift) and on work, whichever take longer.
    """
    breaks = 0
    if not off(c.problem, "break_missed"):
        breaks = sum(
            pause.duration_s
            for pause in v.breaks
            if pause.skip_price is None and v.shift.start <= pause.windows[-1].end < v.shift.end
        )
    if off(c.problem, "pause_overdue"):
        return breaks
    lasts = 0 if v.shift.end >= NEVER else v.shift.end - v.shift.start
    pauses = [
        rule.pause_s * ((lasts if rule.work else lasts // 2) // max(1, rule.max_s))
        for rule in v.driving_rules
    ]
    return max([breaks, *pauses])
