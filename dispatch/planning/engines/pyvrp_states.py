"""Whether PyVRP states a problem whole: nothing left out, nothing bent."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import Job, Problem, Vehicle
from ..rules.codes import CODES
from ..rules.statics import CODES as STATICS
from .pyvrp_clients import off
from .pyvrp_fleet import pays_overtime_by_the_clock


def states_all(problem: Problem) -> bool:
    """True only if a plan of PyVRP costs what it thinks and keeps every rule of the problem."""
    return next(unsaid(problem), None) is None


def unsaid(problem: Problem) -> Iterator[str]:
    """What of this problem PyVRP is not told, or told otherwise; in words for a log."""
    soft = {name for name, dial in problem.dials.items() if dial.kind == "soft"}
    stated_soft = set(STATICS)
    if soft - stated_soft:
        yield f"soft: {', '.join(sorted(soft - stated_soft))}"
    if any(code.name in problem.dials and off(problem, code.name) for code in CODES if code.fixed):
        yield "a fixed rule is off"
    yield from _whole_plan(problem)
    paired = {name for s in problem.shipments for name in (s.pickup, s.delivery)}
    for job in problem.jobs:
        yield from (f"job {job.id}: {word}" for word in _job(problem, job, paired=job.id in paired))
    for vehicle in problem.vehicles:
        yield from (f"vehicle {vehicle.id}: {word}" for word in _times(problem, vehicle))
        yield from (f"vehicle {vehicle.id}: {word}" for word in _limits(problem, vehicle))


def _whole_plan(problem: Problem) -> Iterator[str]:
    weights = problem.weights
    plan_wide = (
        weights.finish_per_hour, weights.balance_per_hour, weights.balance_per_stop, weights.compact_per_km,
        weights.other_place, weights.moved_per_min, weights.other_vehicle,
    )  # fmt: skip
    if any(plan_wide):
        yield "weights of the whole plan"
    if problem.relations:
        yield "relations"
    if problem.incompatible and not off(problem, "goods_together"):
        yield "incompatible goods"
    if any(carrier.minimum for carrier in problem.carriers):
        yield "carriers' minimum"
    if any(d.docks is not None and d.load_s for d in problem.depots) and not off(problem, "dock_full"):
        yield "docks"
    stations = {depot.id: depot for depot in problem.depots}
    loads = {stations[v.depot].load_s if v.depot in stations else 0 for v in problem.vehicles}
    loads |= {stations[name].load_s for v in problem.vehicles for name in v.reloads if name in stations}
    if len(loads) > 1 and any(job.release_s for job in problem.jobs):
        yield "releases before loadings of different lengths"
    if any(v.reloads for v in problem.vehicles) and problem.shipments:
        yield "shipments that stay aboard over a reload"


def _job(problem: Problem, job: Job, *, paired: bool) -> Iterator[str]:
    if job.late_price_per_min and not off(problem, "late"):
        yield "lateness at a price"
    if job.early_price_per_min is not None and job.windows:
        yield "earliness at a price"
    if job.preferred is not None and job.preferred_price_per_min:
        yield "a preferred window"
    if job.max_wait_s is not None and not (problem.wait_before or off(problem, "waits_too_long")):
        yield "a longest wait"
    if job.prompt_price_per_hour:
        yield "promptness"
    if job.max_aboard_s is not None and not off(problem, "too_long_aboard"):
        yield "a longest time aboard"
    if job.parking:
        yield "parking"
    if job.position and any(v.reloads for v in problem.vehicles):
        yield "a position in several trips"
    if paired and (len(job.windows) > 1 or job.release_s):
        yield "windows or release of a shipment"


def _times(problem: Problem, v: Vehicle) -> Iterator[str]:
    if v.breaks and not (off(problem, "break_missed") and all(b.skip_price is None for b in v.breaks)):
        yield "breaks"
    if v.driving_rules and not off(problem, "pause_overdue"):
        yield "rules on driving"
    if v.max_driving_s is not None and not off(problem, "drives_too_long"):
        yield "longest driving"
    matrix = problem.matrices[v.profile]
    if matrix.periods:
        yield "travel by time of day"
    if v.max_overtime_s and v.overtime_per_hour and not off(problem, "shift_end"):
        released = any(job.release_s for job in problem.jobs)
        if released or not pays_overtime_by_the_clock(v):
            yield "overtime by the clock"
    windows = next((d.windows for d in problem.depots if d.id == v.depot), ())
    if len(windows) > 1 and not off(problem, "depot_closed"):
        yield "several openings of its start"


def _limits(problem: Problem, v: Vehicle) -> Iterator[str]:
    if v.first or v.locked:
        yield "a fixed head"
    if v.battery is not None and not off(problem, "battery_flat"):
        yield "a battery"
    if v.min_stops > 1 and not off(problem, "too_few_stops"):
        yield "fewest stops"
    if v.lifo and not off(problem, "blocked"):
        yield "last in, first out"
    if v.rate is not None and v.rate.minimum:
        yield "a carrier's minimum"
    if v.max_stops is not None and (v.reloads or problem.shipments) and not off(problem, "too_many_stops"):
        yield "most stops in several trips or with shipments"
    far = v.max_distance_m is not None and not off(problem, "too_far")
    if far and (v.cost_per_driving_hour or _prices_by_job(problem)):
        yield "most metres beside prices by leg"


def _prices_by_job(problem: Problem) -> bool:
    """Whether serving a job may cost more on one vehicle than on another."""
    terms = {(v.cost_per_stop, v.cost_per_failed, v.rate) for v in problem.vehicles}
    return len(terms) > 1 or any(problem.dials.get(n) and problem.dials[n].kind == "soft" for n in STATICS)
