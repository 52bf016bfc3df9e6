"""What concerns several routes: relations, alternatives, docks, balance, finish, and who is left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .model import Problem, Relation
from .rules.codes import CODES, NUMBER
from .rules.priority import leave_prices
from .rules.words import span
from .solution import Cost, Penalty, Route, Solution, Unassigned, Violation

LEFT_OUT, CARRIED = "left_out", "given_to_carrier"


@dataclass(slots=True)
class Findings:
    """Violations and penalties of a plan as a whole."""

    problem: Problem
    violations: list[Violation] = field(default_factory=list)
    penalties: list[Penalty] = field(default_factory=list)

    def add(self, code: str, job: str, amount: int, words: str) -> None:
        """Note a breach as its dial has it."""
        meant = CODES[NUMBER[code]]
        dial = self.problem.dials.get(code, meant.default)
        if amount <= 0 or dial.kind == "off":
            return
        if dial.kind == "hard":
            self.violations.append(Violation(code, "", job, amount, words))
        else:
            cents = -(-amount * dial.price // meant.unit)
            self.penalties.append(Penalty(code, "", job, amount, cents, words))


def whole_plan(
    problem: Problem,
    routes: Sequence[Route],
    left: Sequence[str],
    broken: Sequence[Violation] = (),
    engine: str = "",
) -> Solution:
    """Routes joined to a plan: what several of them break and cost together comes on top of what each does by itself.

    ``left``: jobs that no route has. ``broken``: by vehicles that stay at home. Asks for no matrix where every job
    has a leave price.
    """
    found = check_fleet(problem, routes)
    whole, unassigned = plan_cost(problem, routes, left)
    cost = sum((route.cost for route in routes), whole)
    cost += Cost(rules=sum(penalty.cents for penalty in found.penalties))
    return Solution(
        routes=tuple(routes),
        unassigned=tuple(unassigned),
        cost=cost,
        violations=(*(v for r in routes for v in r.violations), *broken, *found.violations),
        engine=engine,
        penalties=tuple([p for r in routes for p in r.penalties] + found.penalties),
    )


def check_fleet(problem: Problem, routes: Sequence[Route]) -> Findings:
    """Relations, alternatives and docks."""
    found = Findings(problem)
    route_of = {job: route.vehicle for route in routes for job in route.jobs}
    for relation in problem.relations:
        served = [job for job in relation.jobs if job in route_of]
        if relation.kind in ("same_route", "sequence", "direct"):
            _same_route(found, served, route_of)
        elif relation.kind == "different_routes":
            _apart(found, served, route_of)
        else:
            _apart(found, served, route_of)
            _together(found, relation, served, routes)
    for group in problem.groups:
        served = [job for job in group.jobs if job in route_of]
        if len(served) > 1:
            words = f"{len(served)} of its alternatives are served."
            found.add("two_alternatives", served[1], len(served) - 1, words)
    _docks(found, problem, routes)
    return found


def _same_route(found: Findings, served: Sequence[str], route_of: Mapping[str, str]) -> None:
    others = [job for job in served if route_of[job] != route_of[served[0]]]
    if others:
        count = len({route_of[job] for job in served})
        words = f"Belongs on the route of {served[0]}."
        found.add("not_same_route", others[0], count - 1, words)


def _apart(found: Findings, served: Sequence[str], route_of: Mapping[str, str]) -> None:
    used: set[str] = set()
    twice = ""
    for job in served:
        if route_of[job] in used:
            twice = twice or job
        used.add(route_of[job])
    if twice:
        found.add("not_apart", twice, len(served) - len(used), "Is on one route with a job it must not meet.")


def _together(found: Findings, relation: Relation, served: Sequence[str], routes: Sequence[Route]) -> None:
    if not served:
        return
    if len(served) < len(relation.jobs):
        found.add("not_together", served[0], 60, "The job it goes together with is left out.")
    wanted = set(served)
    starts = {s.id: s.start for r in routes for s in r.steps if s.kind == "job" and s.id in wanted}
    apart = max(starts.values()) - min(starts.values()) - relation.tolerance_s
    if apart > 0:
        earliest = min(starts, key=lambda job: (starts[job], relation.jobs.index(job)))
        found.add("not_together", earliest, apart, f"Starts {span(apart)} apart from its partner.")


def loadings(problem: Problem, routes: Sequence[Route]) -> Iterator[tuple[str, int, int, str]]:
    """(depot, from, until, vehicle) of every loading, at starts and reloads."""
    depots = {vehicle.id: vehicle.depot for vehicle in problem.vehicles}
    for route in routes:
        if depots[route.vehicle] and route.departure > route.begin:
            yield depots[route.vehicle], route.begin, route.departure, route.vehicle
        for step in route.steps:
            if step.kind == "reload" and step.departure > step.start:
                yield step.id, step.start, step.departure, route.vehicle


def _docks(found: Findings, problem: Problem, routes: Sequence[Route]) -> None:
    """Seconds during which more vehicles load than there are docks, each of them counted."""
    limits = {depot.id: depot.docks for depot in problem.depots if depot.docks is not None}
    if not limits:
        return
    at: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for depot, begins, ends, _ in loadings(problem, routes):
        if depot in limits:
            at[depot] += [(begins, 1), (ends, -1)]
    for depot, changes in at.items():
        over, here, since = 0, 0, 0
        for time, change in sorted(changes):
            over += max(0, here - (limits[depot] or 0)) * (time - since)
            here, since = here + change, time
        words = f"More vehicles load at {depot} than it has docks, {span(over)} in all."
        found.add("dock_full", depot, over, words)


def plan_cost(
    problem: Problem, routes: Sequence[Route], left: Sequence[str]
) -> tuple[Cost, list[Unassigned]]:
    """Balance, finish, and what the jobs left out cost or who gets them."""
    weights = problem.weights
    balance = finish = 0
    if routes:
        lasts, stops = [route.duration_s for route in routes], [len(route.jobs) for route in routes]
        balance = (2 * (max(lasts) - min(lasts)) * weights.balance_per_hour + 3600) // 7200
        balance += (max(stops) - min(stops)) * weights.balance_per_stop
        first = min(vehicle.shift.start for vehicle in problem.vehicles)
        late = max(0, max(route.end for route in routes) - first)
        finish = (2 * late * weights.finish_per_hour + 3600) // 7200
    unassigned, price, offers = _left_out(problem, routes, left)
    return Cost(balance=balance, finish=finish, unassigned=price, offers=offers), unassigned


def _left_out(
    problem: Problem, routes: Sequence[Route], left: Sequence[str]
) -> tuple[list[Unassigned], int, int]:
    prices = dict(zip((job.id for job in problem.jobs), leave_prices(problem), strict=True))
    jobs = {job.id: job for job in problem.jobs}
    out, price, given = _settled(problem, routes, left, prices), 0, Counter[str]()
    told: list[Unassigned] = []
    for job_id in out:
        cheapest = min(jobs[job_id].offers, key=lambda offer: offer.price, default=None)
        if cheapest is not None and cheapest.price <= out[job_id]:
            given[cheapest.carrier] += cheapest.price
            words = f"Goes to {cheapest.carrier} for {cheapest.price / 100:.2f}."
            told.append(Unassigned(job_id, CARRIED, words, carrier=cheapest.carrier))
        else:
            price += out[job_id]
            told.append(Unassigned(job_id, LEFT_OUT, "Is in no route of this plan."))
    minimum = {carrier.id: carrier.minimum for carrier in problem.carriers}
    offers = sum(max(cents, minimum.get(carrier, 0)) for carrier, cents in given.items())
    return told, price, offers


def _settled(
    problem: Problem, routes: Sequence[Route], left: Sequence[str], prices: Mapping[str, int]
) -> dict[str, int]:
    """Each job that is really left out with its price: of alternatives, only the first, and none if one is
    served.
    """
    served = {job for route in routes for job in route.jobs}
    out = {job: prices[job] for job in left}
    for group in problem.groups:
        missing = [job for job in group.jobs if job in out]
        if not missing:
            continue
        price = max(prices[job] for job in group.jobs) if group.leave_price is None else group.leave_price
        for job in missing:
            del out[job]
        if not served.intersection(group.jobs):
            out[missing[0]] = price
    return out
