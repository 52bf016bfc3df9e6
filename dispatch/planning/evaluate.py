"""THE schedule walker: an order of jobs in, every time, load, cent and broken rule out.

Engines, board and arrival forecasts all come here, so a plan means the same to each. The walking itself is
compiled (``kernel``); this turns what it finds into a ``Solution`` and adds what concerns several routes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from .compiled import Compiled
from .errors import PlanningError
from .fleet import whole_plan
from .holds import settle_holds
from .kernel.mode import on_the_road
from .model import Plan, Problem
from .routes import RouteReader
from .rules import frozen
from .solution import Route, Solution, Violation


def evaluate(
    problem: Problem,
    plan: Mapping[str, Sequence[str]] | Plan,
    *,
    departures: Mapping[str, int] | None = None,
    engine: str = "",
) -> Solution:
    """Times, loads, costs and violations of exactly this plan.

    ``plan``: vehicle id to items in driving order. ``departures``: fixed departure seconds by vehicle id.
    Jobs that no route has are ``unassigned`` with code ``left_out`` (``explain`` finds the reason).
    Raises ``PlanningError`` ``unknown_vehicle``, ``unknown_job``, ``job_twice``.
    """
    c = problem.compiled
    for vehicle_id in plan:
        c.vehicle(vehicle_id)
    planned: set[int] = set()
    driven: dict[int, list[int]] = {}
    violations: list[Violation] = []
    for v, vehicle in enumerate(problem.vehicles):
        items = _once(c, plan.get(vehicle.id, ()), planned)
        if any(number < len(c.jobs) for number in items):
            driven[v] = items
        else:
            violations += frozen.check(vehicle, ())
    fixed = {c.vehicle_number[name]: time for name, time in (departures or {}).items()}
    with settle_holds(c, driven, fixed):
        routes = [_route(c, v, items, fixed.get(v, -1)) for v, items in driven.items()]
    left = [job.id for number, job in enumerate(c.jobs) if number not in planned]
    return whole_plan(problem, routes, left, violations, engine)


def evaluate_route(
    problem: Problem, vehicle_id: str, items: Sequence[str], *, departure: int | None = None
) -> Route:
    """One route alone, for drag-and-drop: the same answer as in ``evaluate``. ``items`` must not be empty."""
    c = problem.compiled
    c.vehicle(vehicle_id)
    numbers = _once(c, items, set())
    return _route(c, c.vehicle_number[vehicle_id], numbers, -1 if departure is None else departure)


def walk(
    problem: Problem,
    vehicle_id: str,
    items: Sequence[str],
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
    What is on board besides the deliveries of ``items`` is ``Vehicle.aboard``. ``items`` may be empty: then it
    is the way home.
    """
    c = problem.compiled
    vehicle = c.vehicle(vehicle_id)
    numbers = _once(c, items, set())
    prior = c.setup_key[c.numbers([after])[0]] if after is not None else -1
    taken = sum(1 << k for k, pause in enumerate(vehicle.breaks) if pause.id in breaks_taken)
    seconds, metres = (-1, 0) if to_first is None else to_first
    mode = on_the_road(-1 if at is None else at, seconds, metres, prior, taken)
    v = c.vehicle_number[vehicle_id]
    c.walker.walk(v, numbers, departure=now, mode=mode)
    return RouteReader(c.walker, c.item_ids, v, numbers, running=True).read()


def _route(c: Compiled, v: int, items: list[int], departure: int) -> Route:
    c.walker.walk(v, items, departure=departure)
    route = RouteReader(c.walker, c.item_ids, v, items, running=False).read()
    broken = tuple(frozen.check(c.vehicles[v], route.items))
    return replace(route, violations=route.violations + broken) if broken else route


def _once(c: Compiled, items: Sequence[str], planned: set[int]) -> list[int]:
    numbers = c.items(items)
    for number in numbers:
        if number < len(c.jobs) and number in planned:
            raise PlanningError(
                "job_twice",
                f"Job {c.jobs[number].id!r} stands in the plan twice.",
                "Put every job into one route at most.",
            )
        planned.add(number)
    return numbers
