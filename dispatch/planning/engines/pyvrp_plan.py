"""Plans to PyVRP's solutions and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pyvrp import Activity, ActivityType, Client, Depot, Route, ShipmentStep, Solution

from ..model import Plan, Problem

if TYPE_CHECKING:
    from .pyvrp_data import Statement


def to_pyvrp(problem: Problem, statement: Statement, plan: Plan) -> Solution:
    """A plan as PyVRP's solution. Jobs, vehicles and stops that it was not told of are dropped."""
    routes: list[Route] = []
    chosen: set[int | None] = set()
    for k, vehicle in enumerate(problem.vehicles):
        items = plan.get(vehicle.id, ())
        if not items or k not in statement.type_of:
            continue
        visits = _Visits(problem, statement, statement.type_of[k], chosen).of(items)
        if any(not visit.is_depot() for visit in visits):
            routes.append(Route(statement.data, visits, statement.type_of[k]))
    return Solution(statement.data, routes)


class _Visits:
    """Walks one route in PyVRP's own times, to know which window of several each stop falls into."""

    def __init__(self, problem: Problem, statement: Statement, number: int, chosen: set[int | None]) -> None:
        self.problem, self.statement, self.data = problem, statement, statement.data
        self.type = self.data.vehicle_type(number)
        self.table = self.data.duration_matrix(self.type.profile)
        start = self.data.depot(self.type.start_depot)
        self.at = start.location
        self.now = max(self.type.tw_early, start.tw_early) + start.service_duration
        self.visits: list[Activity] = []
        self.reloads = 0
        self.groups = chosen  # of which one is visited already: PyVRP refuses a second

    def of(self, items: Sequence[str]) -> list[Activity]:
        """What PyVRP can take of these items."""
        c, jobs = self.problem.compiled, self.problem.compiled.job_number
        released = [c.jobs[jobs[item]].release_s for item in items if item in jobs]
        self.now = max([self.now, *released])
        for item in items:
            if item in jobs:
                self._job(self.statement.stops.activities.get(jobs[item], ()))
            else:
                self._reload(item)
        while self.visits and self.visits[-1].is_depot():
            self.visits.pop()
        return _whole_shipments(self.visits)

    def _job(self, ways: Sequence[Activity]) -> None:
        if not ways:
            return
        chosen = ways[0]
        for chosen in ways:
            if self._arrives(chosen) <= self._span(chosen)[2]:
                break
        self._go(chosen)

    def _reload(self, name: str) -> None:
        ways = [
            Activity(ActivityType.DEPOT, number)
            for number in self.type.reload_depots
            if self.statement.reload_id.get(number) == name
        ]
        unloads = bool(self.type.initial_load) and any(self.type.initial_load)
        fresh = not self.visits[-1].is_depot() if self.visits else unloads
        if ways and fresh and self.reloads < self.type.max_reloads:
            self.reloads += 1
            self._job(ways)

    def _arrives(self, visit: Activity) -> int:
        return self.now + int(self.table[self.at, self._span(visit)[0]])

    def _span(self, visit: Activity) -> tuple[int, int, int, int]:
        """(location, first second, last second, seconds it takes)."""
        stop: Client | Depot | ShipmentStep
        if visit.is_client():
            stop = self.data.client(visit.idx)
        elif visit.is_depot():
            stop = self.data.depot(visit.idx)
        else:
            pair = self.data.shipment(visit.idx)
            stop = pair.pickup if visit.is_pickup() else pair.delivery
        return stop.location, stop.tw_early, stop.tw_late, stop.service_duration

    def _go(self, visit: Activity) -> None:
        group = self.data.client(visit.idx).group if visit.is_client() else None
        if group is not None and group in self.groups:
            return
        self.groups.add(group)
        location, opens, _, takes = self._span(visit)
        self.now = max(self._arrives(visit), opens) + takes
        self.at = location
        self.visits.append(visit)


def _whole_shipments(visits: list[Activity]) -> list[Activity]:
    """Without the shipments that are not picked up and then delivered in one trip: PyVRP refuses such routes."""
    trip, begun, whole = 0, {}, set()
    for visit in visits:
        trip += visit.is_depot()
        if visit.is_pickup():
            begun[visit.idx] = trip
        elif visit.is_delivery() and begun.get(visit.idx) == trip:
            whole.add(visit.idx)
    return [visit for visit in visits if not visit.is_shipment() or visit.idx in whole]


def from_pyvrp(problem: Problem, statement: Statement, solution: Solution, before: Plan | None) -> Plan:
    """PyVRP's solution as a plan. Of like vehicles, a route goes to the one that had most of its jobs
    before.
    """
    free = [list(members) for members in statement.fleet]
    plan: dict[str, tuple[str, ...]] = {}
    for route in solution.routes():
        members = free[route.vehicle_type()]
        unloads = any(problem.vehicles[members[0]].aboard)
        items = _items(problem, statement, list(route)[1:-1], unloads=unloads)
        if not items:
            continue
        mine = set(items)
        held = [len(mine.intersection((before or {}).get(problem.vehicles[k].id, ()))) for k in members]
        plan[problem.vehicles[members.pop(held.index(max(held)))].id] = items
    return plan


def _items(
    problem: Problem, statement: Statement, visits: Sequence[Activity], *, unloads: bool
) -> tuple[str, ...]:
    """Jobs and reloads. A reload after the last job or another reload is none; before the first job it is one
    only if there was something aboard to leave there.
    """
    stops, items, reload = statement.stops, list[str](), ""
    for visit in visits:
        if visit.is_depot():
            reload = statement.reload_id[visit.idx] if items or unloads else ""
            continue
        if reload:
            items.append(reload)
            reload = ""
        pair = (stops.client_job[visit.idx],) if visit.is_client() else stops.shipment_jobs[visit.idx]
        items.append(problem.jobs[pair[visit.is_delivery()]].id)
    return tuple(items)
