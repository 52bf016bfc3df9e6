"""Whole-number unit costs: cents per km, per hour and per kg of CO2 brought to one scale."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from math import gcd

from ..model import Problem, Vehicle

_LCM = 18_000
"""Of the 1,000 metres of a kilometre and the 3,600 seconds of an hour."""

_LCM_CO2 = 9_000_000
"""Of these and the 1,000,000 of grams per kilometre at cents per kilogram."""

_FINEST = 18_000
"""More units to the cent only bring penalties near the end of 64 bits; then unit costs are rounded."""


@dataclass(frozen=True, slots=True)
class Scale:
    """``per_cent`` engine units are one cent; ``divisor`` is what all unit costs were divided by."""

    per_cent: int
    divisor: int
    flat: bool
    lcm: int = _LCM
    co2_price_per_kg: int = 0

    def per_metre(self, vehicle: Vehicle) -> int:
        """Engine units per metre, CO2 included. Where nothing costs anything, a metre costs 1, so that routes
        are short.
        """
        if self.flat:
            return 1
        return self._rounded(_metre(vehicle, self.co2_price_per_kg, self.lcm))

    def per_second(self, vehicle: Vehicle) -> int:
        """Engine units per second of route duration."""
        return self._rounded(vehicle.cost_per_hour * (self.lcm // 3600))

    def per_driven_second(self, vehicle: Vehicle) -> int:
        """Engine units per second of driving, besides those of the duration."""
        return self._rounded(vehicle.cost_per_driving_hour * (self.lcm // 3600))

    def per_overtime_second(self, vehicle: Vehicle) -> int:
        """Engine units per second after the shift, besides those of the duration."""
        return self._rounded(vehicle.overtime_per_hour * (self.lcm // 3600))

    def _rounded(self, units: int) -> int:
        return (2 * units + self.divisor) // (2 * self.divisor)


def scale_of(problem: Problem) -> Scale:
    """The smallest scale on which all costs of the problem are whole numbers, or nearly so where that would
    need more than ``_FINEST`` units to the cent.
    """
    price = problem.co2_price_per_kg
    lcm = _LCM_CO2 if price and any(v.co2_g_per_km for v in problem.vehicles) else _LCM
    units = [unit for v in problem.vehicles for unit in _units(v, price, lcm)]
    if not any(units):
        return Scale(per_cent=1000, divisor=1, flat=True)
    divisor = reduce(gcd, units, lcm)
    if any(v.cost_per_driving_hour and (v.max_distance_m is not None or v.battery) for v in problem.vehicles):
        divisor = 1  # an hour of driving is told by the metre: that is no whole number anyway
    if lcm // divisor > _FINEST:
        divisor = lcm // _FINEST
    return Scale(lcm // divisor, divisor, flat=False, lcm=lcm, co2_price_per_kg=price)


def _metre(vehicle: Vehicle, co2_price: int, lcm: int) -> int:
    grams = vehicle.co2_g_per_km * co2_price
    return vehicle.cost_per_km * (lcm // 1000) + (grams * (lcm // 1_000_000) if lcm == _LCM_CO2 else 0)


def _units(vehicle: Vehicle, co2_price: int, lcm: int) -> Iterator[int]:
    yield _metre(vehicle, co2_price, lcm)
    for price in (vehicle.cost_per_hour, vehicle.cost_per_driving_hour, vehicle.overtime_per_hour):
        yield price * (lcm // 3600)
