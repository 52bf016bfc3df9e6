"""Watt-hours: what every leg takes, what is charged, and whether the reserve is ever touched."""

from __future__ import annotations

from collections.abc import Sequence

from ..model import Battery, Charger
from .claims import Claims, Stop
from .findings import Findings, near, up


def battery(claims: Claims, out: Findings) -> None:
    """Levels and charging; ``battery_flat`` is the most that is missing at any time. Fills in ``charged``."""
    kind = claims.vehicle.battery
    level = kind.start_wh if kind else None
    _level(claims.start.battery_wh, level, "", out)
    missing = 0
    for number, stop in enumerate(claims.stops):
        legs = iter(stop.metres)
        for pause in stop.pauses:
            if kind and level is not None and pause.place is not None:
                level -= _takes(kind, next(legs))
            _level(pause.battery_wh, level, pause.id, out)
        if kind and level is not None:
            level -= _takes(kind, next(legs))
            missing = max(missing, kind.reserve_wh - level)
        if isinstance(stop.thing, Charger):
            if kind and level is not None:
                stop.charged = _need(kind, level, claims.stops[number + 1 :])
                level += stop.charged
            _time(stop, stop.thing, kind, out)
        _level(stop.step.battery_wh, level, stop.step.id, out)
    out.breach("battery_flat", "", missing, "The battery falls below its reserve.")


def _takes(kind: Battery, metres: int) -> int:
    return (metres * kind.wh_per_km + 500) // 1000


def _need(kind: Battery, level: int, ahead: Sequence[Stop]) -> int:
    """What the way to the next charger or the end takes, with the reserve at its end."""
    need = kind.reserve_wh - level
    for stop in ahead:
        need += sum(_takes(kind, metres) for metres in stop.metres)
        if isinstance(stop.thing, Charger):
            break
    return max(0, min(need, kind.capacity_wh - level))


def _time(stop: Stop, charger: Charger, kind: Battery | None, out: Findings) -> None:
    power = min(charger.power_w, kind.charge_w) if kind else charger.power_w
    lasts = charger.setup_s + up(stop.charged * 3600, power)
    out.equal("wrong_time", charger.id, "Charging", stop.step.departure - stop.step.start, lasts)


def _level(says: int | None, level: int | None, job: str, out: Findings) -> None:
    if says is None and level is None:
        return
    if says is None or level is None:
        out.lie("wrong_load", job, 1, f"The battery says {says}, it is {level}.")
    else:
        out.equal("wrong_load", job, "The battery", says, level)


def energy_cents(claims: Claims) -> int:
    """The price of all that is charged."""
    charged = [(stop.charged, stop.thing) for stop in claims.stops]
    return near(sum(wh * thing.price_per_kwh for wh, thing in charged if isinstance(thing, Charger)), 1000)
