"""THE schedule walker: an order of jobs in, every time, load, cent and broken rule out.

Engines, board and arrival forecasts all come here, so a plan means the same to each. A route leaves as late
as it can without any service or its end becoming later, unless its departure is given.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from .compiled import Compiled
from .errors import PlanningError
from .model import Break, Plan, Problem, Vehicle
from .rules import costs, frozen
from .rules.catalogue import ROUTE_CHECKS
from .solution import Cost, Route, Solution, Unassigned, Violation
from .timetable import lay_out
from .timing import Leg, Walk, badness, forward, harmless_delay, least_badness, measure_legs, place_breaks

LEFT_OUT = "left_out"


def evaluate(
    problem: Problem,
    plan: Mapping[str, Sequence[str]] | Plan,
    *,
    departures: Mapping[str, int] | None = None,
    engine: str = "",
) -> Solution:
    """Times, loads, costs and violations of exactly this plan.

    ``plan``: vehicle id to job ids in driving order. ``departures``: fixed departure seconds by vehicle id.
    Jobs that no route has are ``unassigned`` with code ``left_out`` (``explain`` finds the reason).
    Raises ``PlanningError`` ``unknown_vehicle``, ``unknown_job``, ``job_twice``.
    """
    c = problem.compiled
    routes: list[Route] = []
    violations: list[Violation] = []
    planned: set[int] = set()
    for vehicle_id in plan:
        c.vehicle(vehicle_id)
    for vehicle in problem.vehicles:
        job_ids = plan.get(vehicle.id, ())
        if not job_ids:
            violations += frozen.check(vehicle, ())
            continue
        jobs = _once(c, job_ids, planned)
        departure = departures.get(vehicle.id) if departures else None
        route = finish(c, time_route(c, vehicle, jobs, departure=departure))
        routes.append(route)
        violations += route.violations
    left = [number for number in range(len(c.jobs)) if number not in planned]
    cost = sum((route.cost for route in routes), Cost(unassigned=sum(c.leave_price[j] for j in left)))
    unassigned = tuple(Unassigned(c.jobs[j].id, LEFT_OUT, "Is in no route of this plan.") for j in left)
    return Solution(tuple(routes), unassigned, cost, tuple(violations), engine)


def evaluate_route(
    problem: Problem, vehicle_id: str, job_ids: Sequence[str], *, departure: int | None = None
) -> Route:
    """One route alone, for drag-and-drop: the same answer as in ``evaluate``. ``job_ids`` must not be
    empty.
    """
    c = problem.compiled
    jobs = _once(c, job_ids, set())
    return finish(c, time_route(c, c.vehicle(vehicle_id), jobs, departure=departure))


def walk(
    problem: Problem,
    vehicle_id: str,
    job_ids: Sequence[str],
    *,
    now: int,
    at: int | None = None,
    to_first: tuple[int, int] | None = None,
    after: str | None = None,
    breaks_taken: Collection[str] = (),
) -> Route:
    """The rest of a route that is on the road: what arrivals follow from leaving here, now.

    ``at``: the place the van is at; or ``to_first``: (seconds, metres) from where it is to the first job.
    ``after``: the job it has just done (no second setup at the same address). Cost counts from now on,
    without the fixed cost; rules about the whole route (limits, release, departure) are not asked again.
    ``job_ids`` may be empty: then it is the way home.
    """
    c = problem.compiled
    vehicle = c.vehicle(vehicle_id)
    jobs = _once(c, job_ids, set())
    prior = c.setup_key[c.numbers([after])[0]] if after is not None else -1
    legs = measure_legs(c, vehicle, jobs, origin=at, first_leg=to_first, prior_key=prior)
    walked = Walk(c, vehicle, jobs, legs, now, running=True)
    owed = [pause for pause in _breaks(vehicle, now) if pause.id not in breaks_taken]
    return finish(c, forward(walked, owed, place_breaks(c, walked, owed) if owed else ()))


def time_route(c: Compiled, vehicle: Vehicle, jobs: list[int], *, departure: int | None = None) -> Walk:
    """The timed walk of a whole route; job numbers, at least one. The best departure unless it is given."""
    legs = measure_legs(c, vehicle, jobs, origin=vehicle.start)
    if departure is not None:
        return _walk_from(c, vehicle, jobs, legs, departure)
    earliest = max(vehicle.shift.start, max(c.jobs[j].release_s for j in jobs))
    best = _leave_late(_walk_from(c, vehicle, jobs, legs, earliest))
    others = _other_departures(c, best, earliest)
    if not others:
        return best
    bad = badness(best)
    for later in others:
        if least_badness(best, later) >= bad:
            continue  # the cheap bound says so without a walk
        other = _leave_late(_walk_from(c, vehicle, jobs, legs, later))
        if badness(other) < bad:
            best, bad = other, badness(other)
    return best


def earliest_walk(c: Compiled, vehicle: Vehicle, jobs: list[int]) -> Walk:
    """The timed walk of a whole route that leaves as soon as it may: who could still be added?"""
    legs = measure_legs(c, vehicle, jobs, origin=vehicle.start)
    earliest = max(vehicle.shift.start, max(c.jobs[j].release_s for j in jobs))
    return _walk_from(c, vehicle, jobs, legs, earliest)


def finish(c: Compiled, walked: Walk) -> Route:
    """The public route of a walk: timetable, cost, violations."""
    violations: list[Violation] = []
    for check in ROUTE_CHECKS:
        violations += check(walked)
    if not walked.running:
        violations += frozen.check(walked.vehicle, [c.jobs[j].id for j in walked.jobs])
    return lay_out(c, walked, costs.price(walked), tuple(violations))


def _walk_from(c: Compiled, vehicle: Vehicle, jobs: list[int], legs: Leg, departure: int) -> Walk:
    walked = Walk(c, vehicle, jobs, legs, departure)
    owed = _breaks(vehicle, departure)
    return forward(walked, owed, place_breaks(c, walked, owed) if owed else ())


def _leave_late(walked: Walk) -> Walk:
    delay = harmless_delay(walked)
    if not delay:
        return walked
    owed = _breaks(walked.vehicle, walked.departure)
    later = Walk(walked.compiled, walked.vehicle, walked.jobs, walked.legs, walked.departure + delay)
    return forward(later, owed, [taken.leg for taken in walked.taken])


def _breaks(vehicle: Vehicle, departure: int) -> list[Break]:
    """The breaks still ahead at this departure, by the end of their last window."""
    ahead = [pause for pause in vehicle.breaks if pause.windows[-1].end >= departure]
    return sorted(ahead, key=lambda pause: (pause.windows[-1].end, pause.id))


def _other_departures(c: Compiled, walked: Walk, earliest: int) -> list[int]:
    """Departures worth trying where leaving at once may wait too long: for a later window, after a break's
    time.
    """
    latest = walked.vehicle.latest_start
    times = {pause.windows[-1].end + 1 for pause in walked.vehicle.breaks}
    elapsed = 0
    service = c.service_and_setup(walked.vehicle)[0]
    for i, j in enumerate(walked.jobs):
        elapsed += walked.legs.travel[i] + walked.legs.setup[i]
        windows = c.jobs[j].windows
        if len(windows) > 1:
            times |= {window.start - elapsed for window in windows[1:]}
        elapsed += service[j]
    return sorted(t for t in times if t > earliest and (latest is None or t <= latest))


def _once(c: Compiled, job_ids: Sequence[str], planned: set[int]) -> list[int]:
    numbers = c.numbers(job_ids)
    for number in numbers:
        if number in planned:
            raise PlanningError(
                "job_twice",
                f"Job {c.jobs[number].id!r} stands in the plan twice.",
                "Put every job into one route at most.",
            )
        planned.add(number)
    return numbers
