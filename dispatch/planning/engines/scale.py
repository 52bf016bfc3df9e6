"""Whole-number unit costs: cents per km and per hour brought to one scale without rounding."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import gcd

from ..model import Problem, Vehicle

_LCM = 18_000  # of the 1,000 metres of a kilometre and the 3,600 seconds of an hour


@dataclass(frozen=True, slots=True)
class Scale:
    """``per_cent`` engine units are one cent; ``divisor`` is what all unit costs were divided by."""

    per_cent: int
    divisor: int
    flat: bool

    def per_metre(self, vehicle: Vehicle) -> int:
        """Engine units per metre. Where nothing costs anything, a metre costs 1, so that routes are short."""
        return 1 if self.flat else vehicle.cost_per_km * (_LCM // 1000) // self.divisor

    def per_second(self, vehicle: Vehicle) -> int:
        """Engine units per second of route duration."""
        return vehicle.cost_per_hour * (_LCM // 3600) // self.divisor


def scale_of(problem: Problem) -> Scale:
    """The smallest scale on which all costs of the problem are whole numbers."""
    units = [v.cost_per_km * (_LCM // 1000) for v in problem.vehicles]
    units += [v.cost_per_hour * (_LCM // 3600) for v in problem.vehicles]
    if not any(units):
        return Scale(per_cent=1000, divisor=1, flat=True)
    divisor = reduce(gcd, units, _LCM)
    return Scale(per_cent=_LCM // divisor, divisor=divisor, flat=False)
