"""Why a job was left out: the binding rule in words, for the plan as it stands and vehicle by vehicle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..compiled import Compiled
from ..fleet import CARRIED
from ..insertion import detours_of
from ..kernel.trace import N_BREACHES
from ..may import refusal
from ..model import Problem, Vehicle
from ..rules.codes import CODES
from ..rules.words import clock, span, window_words
from ..solution import Solution, Unassigned, VehicleReason
from .changes import changes

DETAILED = 200
"""So many jobs are tried vehicle by vehicle; beyond that only what holds for each vehicle alone is said."""

CHANGED = 50
"""For so many jobs changes that would fit them are tried; ``changes`` tells them for any one."""

_POSITIONS = 5


def explain(problem: Problem, solution: Solution, expired: Callable[[], bool] = lambda: False) -> Solution:
    """The same solution, every unassigned job with its reason. Once ``expired()``, no more routes are walked
    for it: such jobs are told what holds for each vehicle alone.
    """
    if not solution.unassigned:
        return solution
    c = problem.compiled
    routes = {route.vehicle: c.items(route.items) for route in solution.routes}
    told = []
    for count, left in enumerate(solution.unassigned):
        if left.code == CARRIED:
            told.append(left)
            continue
        told.append(_reason(c, routes, c.job_number[left.job], detailed=count < DETAILED and not expired()))
    return replace(solution, unassigned=_with_changes(problem, solution, told, expired))


def _with_changes(
    problem: Problem, solution: Solution, told: list[Unassigned], expired: Callable[[], bool]
) -> tuple[Unassigned, ...]:
    """What would fit each, for as many as there is time for, those that matter most first."""
    c, plan = problem.compiled, solution.plan
    urgent = sorted(range(len(told)), key=lambda i: -c.out_price[c.job_number[told[i].job]])
    for i in urgent[:CHANGED]:
        if told[i].code not in (CARRIED, "no_vehicles") and not expired():
            found = changes(problem, plan, told[i].job, expired)
            told[i] = replace(told[i], changes=tuple(fitting.change for fitting in found))
    return tuple(told)


def _reason(c: Compiled, routes: dict[str, list[int]], number: int, *, detailed: bool) -> Unassigned:
    job = c.jobs[number]
    if not c.vehicles:
        return Unassigned(job.id, "no_vehicles", "There is no vehicle to drive it.")
    alone = [
        None if able else refusal(c, vehicle, number)
        for vehicle, able in zip(c.vehicles, c.able[number], strict=True)
    ]
    refused = tuple(reason for reason in alone if reason is not None)
    if len(refused) == len(c.vehicles):
        code, words = _nobody(c, number, refused)
        return Unassigned(job.id, code, words, refused)
    if not detailed:
        return Unassigned(job.id, "full", "Every vehicle that could take it is full or out of time.", refused)
    reasons = [
        reason or _in_route(c, vehicle, routes.get(vehicle.id, []), number)
        for vehicle, reason in zip(c.vehicles, alone, strict=True)
    ]
    able = [reason for reason, before in zip(reasons, alone, strict=True) if before is None]
    code, words = _everybody_able(c, number, able)
    return Unassigned(job.id, code, words, tuple(reasons))


def _nobody(c: Compiled, number: int, refused: tuple[VehicleReason, ...]) -> tuple[str, str]:
    """No vehicle could do it even alone: one sentence for all."""
    job, vehicles = c.jobs[number], c.vehicles
    if job.pinned_to is not None:
        reason = next(r for r in refused if r.vehicle == job.pinned_to)
        return reason.code, f"It is pinned to {job.pinned_to}. {reason.words}"
    missing = sorted(skill for skill in job.skills if not any(skill in v.skills for v in vehicles))
    if missing:
        return "skill", f"No vehicle has skill {', '.join(map(repr, missing))}."
    code = Counter(r.code for r in refused).most_common(1)[0][0]
    codes = {r.code for r in refused}
    if len(codes) > 1:
        counts = Counter(r.words for r in refused)
        return "no_vehicle_fits", "No vehicle fits: " + " ".join(w for w, _ in counts.most_common(3))
    return code, _alike(c, number, code, refused)


def _alike(c: Compiled, number: int, code: str, refused: tuple[VehicleReason, ...]) -> str:
    """Every vehicle refuses for the same rule."""
    job, vehicles = c.jobs[number], c.vehicles
    if code == "overload":
        return _too_heavy(c, number)
    if code == "skill":
        return f"No vehicle has all of {', '.join(map(repr, sorted(job.skills)))}."
    if code == "unreachable":
        return "No vehicle finds a way to its address and back."
    windows = window_words(job.windows)
    if code in ("late", "shift_end") and job.windows and _outside(job.windows, vehicles):
        return f"Its window {windows} lies outside every shift."
    if code == "late":
        return f"No vehicle can be there in its window {windows}. {refused[0].words}"
    if code == "shift_end":
        return f"No vehicle would be back before its shift ends. {refused[0].words}"
    if code == "locked_changed":
        return "Every route is locked."
    return f"No vehicle may take it. {refused[0].words}"


def _outside(windows: tuple[tuple[int, int], ...], vehicles: tuple[Vehicle, ...]) -> bool:
    return not any(w[0] <= v.shift.end and v.shift.start <= w[1] for w in windows for v in vehicles)


def _too_heavy(c: Compiled, number: int) -> str:
    for dimension in range(c.dimensions):
        need = max(c.delivery[number][dimension], c.pickup[number][dimension])
        limits = [v.capacity[dimension] for v in c.vehicles if v.capacity]
        if limits and len(limits) == len(c.vehicles) and need > max(limits):
            name = c.problem.load_name(dimension)
            return f"More than the largest vehicle takes: {need} {name} against {max(limits)} {name}."
    return "No vehicle takes its load."


def reason_of(c: Compiled, vehicle: Vehicle, jobs: list[int], number: int) -> VehicleReason:
    """Why this vehicle with this route cannot take this job, or that it is dearer than leaving it."""
    return refusal(c, vehicle, number) or _in_route(c, vehicle, jobs, number)


def _in_route(c: Compiled, vehicle: Vehicle, jobs: list[int], number: int) -> VehicleReason:
    """What stops this vehicle with the route that it has: the least bad position."""
    head, k = len(vehicle.first), c.vehicle_number[vehicle.id]
    order = [int(p) for p in np.argsort(detours_of(c, vehicle, jobs, number), kind="stable") if p >= head]
    paid, own = _walked(c, k, jobs) if jobs else (0, Counter[str]())
    best: tuple[int, str, int] | None = None
    cheapest: int | None = None
    for position in order[:_POSITIONS]:
        cost, broken = _walked(c, k, [*jobs[:position], number, *jobs[position:]])
        new = [(code, amount) for code, amount in broken.items() if amount > own[code]]
        if not new:
            cheapest = cost - paid if cheapest is None else min(cheapest, cost - paid)
            continue
        worst = max(new, key=lambda found: found[1])
        if best is None or len(new) < best[0] or (len(new) == best[0] and worst[1] < best[2]):
            best = (len(new), *worst)
    if cheapest is not None:
        left = c.out_price[number]
        words = f"{vehicle.id} could take it for {cheapest / 100:.2f}; leaving it costs {left / 100:.2f}."
        return VehicleReason(vehicle.id, "dearer_than_leaving", words)
    _, code, amount = best or (0, "locked_changed", 0)
    return VehicleReason(vehicle.id, code, _stop_words(vehicle, code, amount))


def _walked(c: Compiled, k: int, items: list[int]) -> tuple[int, Counter[str]]:
    """(cents, the largest amount per hard code) of a route."""
    cost, trace = c.walker.walk(k, items), c.walker.trace
    found = Counter[str]()
    for row in trace.breaches[: trace.sums[N_BREACHES]]:
        if row["cents"] < 0:
            code = CODES[int(row["code"])].name
            found[code] = max(found[code], int(row["amount"]))
    return cost, found


def _stop_words(vehicle: Vehicle, code: str, amount: int) -> str:
    name = vehicle.id
    sentences = {
        "overload": f"{name} is full: {amount} over its capacity.",
        "late": f"{name} would be {span(amount)} late there or at another stop.",
        "shift_end": f"{name} would end {span(amount)} after its shift ({clock(vehicle.shift.end)}).",
        "too_many_stops": f"{name} has all the stops that it may have.",
        "too_far": f"{name} would drive {amount / 1000:.1f} km more than it may.",
        "too_long": f"{name} would be out {span(amount)} longer than it may.",
        "break_missed": f"{name} would have no time for its break.",
        "not_released": f"{name} leaves before the job is released.",
    }
    return sentences.get(code, f"{name} would break the rule {code!r}.")


def _everybody_able(c: Compiled, number: int, able: list[VehicleReason]) -> tuple[str, str]:
    """Some vehicles could do it alone, yet none in this plan."""
    codes = Counter(reason.code for reason in able)
    if set(codes) <= {"dearer_than_leaving"}:
        return "dearer_than_leaving", f"Leaving it is cheaper. {able[0].words}"
    stops = [reason for reason in able if reason.code != "dearer_than_leaving"]
    code = Counter(reason.code for reason in stops).most_common(1)[0][0]
    who = (
        "The only vehicle that could take it"
        if len(able) == 1
        else f"Each of the {len(able)} able to take it"
    )
    if "dearer_than_leaving" in codes:
        return "not_worth_it", f"It fits only where that costs more than leaving it. {_first(able)}"
    if set(codes) == {"overload"}:
        return "overload", f"{who} is full. {stops[0].words}"
    if "overload" in codes and codes.keys() <= {"overload", "late", "shift_end"}:
        return code, f"Every vehicle that could reach it in time is full. {_first(stops)}"
    if code == "late":
        return "late", f"No vehicle can fit it in without being late. {_least(stops, 'late')}"
    if code == "shift_end":
        return "shift_end", f"No vehicle has enough of its shift left. {_least(stops, 'shift_end')}"
    return code, f"No vehicle can fit it in. {_least(stops, code)}"


def _first(reasons: list[VehicleReason]) -> str:
    return (
        next(r.words for r in reasons if r.code == "dearer_than_leaving")
        if any(r.code == "dearer_than_leaving" for r in reasons)
        else reasons[0].words
    )


def _least(reasons: list[VehicleReason], code: str) -> str:
    return next(reason.words for reason in reasons if reason.code == code)
