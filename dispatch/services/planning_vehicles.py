"""Shifts as the planner's vehicles: what the van can carry, how long it may be out, what it costs."""

from datetime import datetime
from typing import Protocol

from dispatch.models import Driver, Shift, VehicleType
from dispatch.planning import model
from dispatch.services.planning_zones import Zones
from dispatch.services.travel import travel_key

REST = model.DrivingRule(max_s=4 * 3600 + 1800, pause_s=45 * 60)
"""The European rule: 45 minutes after at most four and a half hours at the wheel."""

NEVER_CHARGED_W = 1
"""A day's problem has no chargers yet; the planner wants a figure all the same."""


class Clock(Protocol):
    """What turns moments into seconds of the planned day."""

    def seconds(self, moment: datetime) -> int: ...


def shift_key(shift_id: int) -> str:
    """A shift's id in the planner's sentences and plans."""
    return f"shift-{shift_id}"


def vehicle_of(
    clock: Clock,
    shift: Shift,
    *,
    driver: Driver | None,
    leaves: int,
    place: int,
    aboard: tuple[int, ...],
    zones: Zones,
) -> model.Vehicle:
    """The van of a shift, driven by ``driver``, which leaves ``place`` and comes back to it."""
    kind = shift.vehicle.type
    pace = kind.service_factor * (driver.pace_percent if driver else 100)
    return model.Vehicle(
        id=shift_key(shift.pk),
        start=place,
        end=place,
        type=str(kind.pk),
        shift=model.Window(leaves, clock.seconds(shift.end)),
        capacity=(kind.capacity_weight_g, kind.capacity_volume_cm3, kind.capacity_pieces),
        aboard=aboard,
        profile=travel_key(kind),
        skills=frozenset(shift.vehicle.skills) | frozenset(driver.skills if driver else ()),
        service_percent=round(pace),
        fixed_cost=kind.cost_fixed_cents,
        cost_per_km=kind.cost_km_cents,
        cost_per_hour=kind.cost_hour_cents,
        cost_per_driving_hour=kind.cost_driving_hour_cents,
        cost_per_stop=kind.cost_order_cents,
        overtime_per_hour=kind.cost_overtime_cents,
        co2_g_per_km=kind.co2_g_km,
        max_overtime_s=kind.overtime_min * 60,
        max_stops=kind.max_orders,
        min_stops=kind.min_orders,
        max_duration_s=_seconds(kind.max_out_min),
        max_driving_s=_seconds(kind.max_driving_min),
        max_distance_m=None if kind.max_km is None else kind.max_km * 1000,
        driving_rules=(REST,) if kind.rest_rule else (),
        lifo=kind.lifo,
        battery=_battery(kind),
        breaks=breaks_of(clock, shift),
        zones=zones.known(shift.vehicle.zones) or None,
        forbidden_zones=zones.known(shift.vehicle.forbidden_zones),
        home_zones=zones.known(driver.home_zones if driver else ()),
    )


def breaks_of(clock: Clock, shift: Shift) -> tuple[model.Break, ...]:
    """The one break that a shift may ask for."""
    if not shift.break_minutes or shift.break_from is None or shift.break_to is None:
        return ()
    window = model.Window(clock.seconds(shift.break_from), clock.seconds(shift.break_to))
    return (model.Break(f"break-{shift.pk}", shift.break_minutes * 60, (window,)),)


def _seconds(minutes: int | None) -> int | None:
    return None if minutes is None else minutes * 60


def _battery(kind: VehicleType) -> model.Battery | None:
    """Full in the morning; nothing is charged on the way."""
    if kind.battery_wh is None:
        return None
    reserve = kind.battery_wh * kind.battery_reserve_pct // 100
    return model.Battery(kind.battery_wh, kind.battery_wh, reserve, kind.battery_wh_km, NEVER_CHARGED_W)
