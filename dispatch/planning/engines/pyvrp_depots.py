"""Starts, ends and reloads as PyVRP's depots: one for each window, with the loading before a departure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pyvrp import Depot

from ..model import ALWAYS, HARD, NEVER, Problem, Vehicle, Window
from ..model import Depot as Station
from .arcs import Site
from .pyvrp_clients import off


@dataclass(slots=True)
class Depots:
    """PyVRP's depots in the making; ``sites`` are the first rows of every matrix. ``reload_id`` by depot number:
    the station that a reload there is at.
    """

    problem: Problem
    made: list[Depot] = field(default_factory=list)
    sites: list[Site] = field(default_factory=list)
    reload_id: dict[int, str] = field(default_factory=dict)
    _numbers: dict[tuple[object, ...], int] = field(default_factory=dict)
    _rows: dict[int | None, int] = field(default_factory=dict)

    def start(self, v: Vehicle) -> int:
        """Where ``v`` loads and leaves. Of several opening windows the first that its shift still meets."""
        station = self._station(v.depot)
        load_s = station.load_s if station else 0
        window = self._opening(v, station, load_s) or ALWAYS  # PyVRP refuses hours that never meet
        return self._number(("start", v.start, window, load_s), v.start, window, load_s)

    def open_to(self, v: Vehicle) -> bool:
        """Whether the start of ``v`` is open while its shift lasts, or need not be."""
        soft = any(self.problem.dials.get(code, HARD) != HARD for code in ("depot_closed", "shift_end"))
        station = self._station(v.depot)
        return soft or station is None or self._opening(v, station, station.load_s) is not None

    def end(self, v: Vehicle) -> int:
        """Where ``v`` ends; nothing is loaded there."""
        return self._number(("end", v.end), v.end, ALWAYS, 0)

    def reloads(self, v: Vehicle) -> list[int]:
        """Where ``v`` may reload: one depot for each window that is long enough to load."""
        if v.max_trips <= 1 and not off(self.problem, "too_many_trips"):
            return []
        numbers = []
        for name in v.reloads:
            station = self._station(name)
            if station is None:
                continue
            for window in self._windows(station):
                if window.end - window.start >= station.load_s:
                    key = ("reload", name, window)
                    numbers.append(self._number(key, station.place, window, station.load_s))
                    self.reload_id[numbers[-1]] = name
        return numbers

    def begins(self, v: Vehicle) -> int:
        """The earliest second at which ``v`` can begin to load."""
        return max(v.shift.start, self.made[self.start(v)].tw_early)

    def load_s(self, v: Vehicle) -> int:
        """Seconds of loading before ``v`` leaves its start."""
        station = self._station(v.depot)
        return station.load_s if station else 0

    def _station(self, name: str) -> Station | None:
        return next((station for station in self.problem.depots if station.id == name), None)

    def _windows(self, station: Station) -> tuple[Window, ...]:
        return (ALWAYS,) if off(self.problem, "depot_closed") or not station.windows else station.windows

    def _opening(self, v: Vehicle, station: Station | None, load_s: int) -> Window | None:
        if station is None:
            return ALWAYS
        windows = self._windows(station)
        ends = v.shift.end + v.max_overtime_s
        meets = (w for w in windows if min(w.end, ends) - max(w.start, v.shift.start) >= load_s)
        return next(meets, None)

    def _number(self, key: tuple[object, ...], place: int | None, window: Window, load_s: int) -> int:
        if key not in self._numbers:
            if place not in self._rows:
                self._rows[place] = len(self.sites)
                self.sites.append(Site(place))
            more: dict[str, Any] = {}
            if window.end < NEVER:
                more["tw_late"] = max(window.start, window.end - load_s)
            self._numbers[key] = len(self.made)
            self.made.append(Depot(self._rows[place], tw_early=window.start, service_duration=load_s, **more))
        return self._numbers[key]
