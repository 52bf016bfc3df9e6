"""Every cent of one route, from the definitions of ``Cost`` and ``Vehicle``."""

from __future__ import annotations

from dataclasses import fields
from math import sqrt

from ..model import Job, RateCard
from ..solution import Cost
from .battery import energy_cents
from .claims import Claims
from .findings import Findings, near, up
from .services import window_cents
from .times import Timetable


def same_cost(out: Findings, says: Cost, is_: Cost) -> None:
    """Component by component."""
    wrong = [part.name for part in fields(Cost) if getattr(says, part.name) != getattr(is_, part.name)]
    if wrong:
        off = sum(abs(getattr(says, name) - getattr(is_, name)) for name in wrong)
        words = ", ".join(f"{name} {getattr(says, name)}, it is {getattr(is_, name)}" for name in wrong)
        out.lie("wrong_cost", "", off, f"The cost says {words}.")


def route_cost(claims: Claims, table: Timetable, skipped: int, rules: int) -> Cost:
    """What the route costs."""
    v, problem, metres = claims.vehicle, claims.problem, table.metres
    end = claims.stops[-1].step.departure
    lasts = end - claims.start.start
    jobs = [job for _, job in claims.jobs]
    over = min(max(0, end - v.shift.end), v.max_overtime_s)
    bill = Cost(
        fixed=v.fixed_cost + problem.weights.vehicle,
        distance=near(metres * v.cost_per_km, 1000),
        time=near(lasts * v.cost_per_hour, 3600),
        driving=near(table.drove * v.cost_per_driving_hour, 3600),
        stops=len(jobs) * v.cost_per_stop,
        overtime=near(over * v.overtime_per_hour, 3600),
    )
    late, early, outside = window_cents(claims)
    return bill + Cost(
        co2=near(metres * v.co2_g_per_km * problem.co2_price_per_kg, 1_000_000),
        energy=energy_cents(claims),
        failed=sum((job.failure_percent * v.cost_per_failed + 50) // 100 for job in jobs),
        rate=_rate(claims, v.rate, bill.total, jobs) if v.rate else 0,
        lateness=late,
        earliness=early,
        preferred=outside,
        prompt=_prompt(claims),
        skipped=skipped,
        chosen=_chosen(claims),
        compact=_compact(claims, jobs),
        changed=_changed(claims),
        rules=rules,
    )


def _rate(claims: Claims, card: RateCard, paid: int, jobs: list[Job]) -> int:
    """The rate card: loads and zones, and at least its minimum with all that is paid besides."""
    shipped = {shipment.pickup: shipment.load for shipment in claims.problem.shipments}
    raw = 0
    for job in jobs:
        for load in (job.delivery, job.pickup, shipped.get(job.id, ())):
            raw += sum(amount * price for amount, price in zip(load, card.per_load, strict=False))
        raw += next((price for zone, price in card.per_zone if zone in job.zones), 0)
    return max(raw, card.minimum - paid)


def _prompt(claims: Claims) -> int:
    opens = claims.vehicle.shift.start
    return sum(
        up(max(0, stop.step.start - opens) * job.prompt_price_per_hour, 3600) for stop, job in claims.jobs
    )


def _chosen(claims: Claims) -> int:
    prices = {
        job: price
        for group in claims.problem.groups
        for job, price in zip(group.jobs, group.prices, strict=False)
    }
    return sum(prices.get(job.id, 0) for _, job in claims.jobs)


def _compact(claims: Claims, jobs: list[Job]) -> int:
    """How far the stops lie from their middle, by floating point, rounded half up at the end."""
    price, points = claims.problem.weights.compact_per_km, claims.problem.points
    if not price or points is None:
        return 0
    spots = [points[job.place].tolist() for job in jobs]
    east, north = (sum(spot[axis] for spot in spots) / len(spots) for axis in (0, 1))
    far = sum(sqrt((x - east) ** 2 + (y - north) ** 2) for x, y in spots)
    return int(far * price / 1000 + 0.5)


def _changed(claims: Claims) -> int:
    """Against the plan that people know: another vehicle, another place in the route, another time."""
    weights, cents, before = claims.problem.weights, 0, ""
    for stop, job in claims.jobs:
        now = job.current
        if now is not None:
            if now.vehicle != claims.vehicle.id:
                cents += weights.other_vehicle
            elif now.after != before:
                cents += weights.other_place
            if now.start is not None:
                cents += up(abs(stop.step.start - now.start) * weights.moved_per_min, 60)
        before = job.id
    return cents
