"""What concerns the whole plan: every job once, relations between routes, docks, and the plan's own cents."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from ..model import UNREACHABLE, Matrix, Problem, Relation, Vehicle
from ..solution import Cost, Route, Solution, Violation
from .findings import Findings, near, up

GIVEN = "given_to_carrier"


def membership(problem: Problem, solution: Solution) -> list[Violation]:
    """Every job once, in a route or left out; nothing that the problem does not have. Of alternatives at most one
    stands among those left out, and none where one is served.
    """
    found = []
    jobs, vehicles = {job.id for job in problem.jobs}, {vehicle.id for vehicle in problem.vehicles}
    for name, count in Counter(route.vehicle for route in solution.routes).items():
        if name not in vehicles:
            found.append(Violation("unknown_vehicle", name, "", 1, "No such vehicle."))
        if count > 1:
            found.append(Violation("vehicle_twice", name, "", count, "Has more than one route."))
    seen = Counter(job for route in solution.routes for job in route.jobs)
    served = set(seen)
    seen.update(left.job for left in solution.unassigned)
    for job, count in seen.items():
        if job not in jobs:
            found.append(Violation("unknown_job", "", job, 1, "No such job."))
        if count > 1:
            found.append(Violation("job_twice", "", job, count, "Is in the plan more than once."))
    spoken = set(seen)
    for group in problem.groups:
        told = [job for job in group.jobs if job in seen and job not in served]
        least = 1 if served.isdisjoint(group.jobs) else 0
        if len(told) > least:
            found.append(Violation("job_twice", "", told[-1], len(told), "Its alternative is there already."))
        if told or not least:
            spoken.update(group.jobs)
        elif group.jobs:
            found.append(Violation("job_missing", "", group.jobs[0], 1, "Neither it nor another is there."))
            spoken.update(group.jobs)
    missing = [job.id for job in problem.jobs if job.id not in spoken]
    return found + [Violation("job_missing", "", job, 1, "Is nowhere in the plan.") for job in missing]


def relations(problem: Problem, routes: tuple[Route, ...], out: Findings) -> None:
    """Relations between routes, and alternatives that are both served."""
    route_of = {job: route.vehicle for route in routes for job in route.jobs}
    starts = {step.id: step.start for route in routes for step in route.steps if step.kind == "job"}
    for relation in problem.relations:
        served = [job for job in relation.jobs if job in route_of]
        used = {route_of[job] for job in served}
        if relation.kind in ("different_routes", "together"):
            again = [
                job for k, job in enumerate(served) if route_of[job] in [route_of[o] for o in served[:k]]
            ]
            out.breach("not_apart", again[0] if again else "", len(again), "Shares a route with another.")
            if relation.kind == "together" and served:
                _together(relation, served, starts, out)
        else:
            other = [job for job in served if route_of[job] != route_of[served[0]]]
            words = f"Are on {len(used)} routes."
            out.breach("not_same_route", other[0] if other else "", len(used) - 1, words)
    for group in problem.groups:
        served = [job for job in group.jobs if job in route_of]
        if len(served) > 1:
            out.breach("two_alternatives", served[1], len(served) - 1, "Its alternative is served too.")


def _together(relation: Relation, served: list[str], starts: dict[str, int], out: Findings) -> None:
    if len(served) < len(relation.jobs):
        out.breach("not_together", served[0], 60, "Its partner is left out.")
    first = min(served, key=lambda job: starts[job])
    over = max(starts[job] for job in served) - starts[first] - relation.tolerance_s
    out.breach("not_together", first, over, "Starts too far from its partner.")


def docks(problem: Problem, routes: tuple[Route, ...], out: Findings) -> None:
    """``dock_full``: seconds of every loading that has no dock, second by second between changes."""
    loads_at = {vehicle.id: vehicle.depot for vehicle in problem.vehicles}
    for depot in problem.depots:
        if depot.docks is None:
            continue
        spans = [(r.begin, r.departure) for r in routes if loads_at[r.vehicle] == depot.id]
        for route in routes:
            spans += [(s.start, s.departure) for s in route.steps if s.kind == "reload" and s.id == depot.id]
        times = sorted({time for span in spans for time in span})
        over = 0
        for since, until in pairwise(times):
            loading = sum(begin <= since and until <= end for begin, end in spans)
            over += max(0, loading - depot.docks) * (until - since)
        out.breach("dock_full", depot.id, over, "More vehicles load than there are docks.")


def plan_cost(problem: Problem, solution: Solution, out: Findings) -> Cost:
    """Balance, finish, and what is left out or given away."""
    routes, weights = solution.routes, problem.weights
    balance = finish = 0
    if routes:
        lasts, stops = [r.end - r.begin for r in routes], [len(r.jobs) for r in routes]
        balance = near((max(lasts) - min(lasts)) * weights.balance_per_hour, 3600)
        balance += (max(stops) - min(stops)) * weights.balance_per_stop
        opens = min(vehicle.shift.start for vehicle in problem.vehicles)
        finish = near(max(0, max(r.end for r in routes) - opens) * weights.finish_per_hour, 3600)
    left, offers = _left_out(problem, solution, out)
    return Cost(balance=balance, finish=finish, unassigned=left, offers=offers)


def _left_out(problem: Problem, solution: Solution, out: Findings) -> tuple[int, int]:
    """Cents for jobs that stay, and for those that a carrier takes: whichever is cheaper, the carrier if equal."""
    prices, jobs = _prices(problem), {job.id: job for job in problem.jobs}
    stay, given = 0, Counter[str]()
    for left in solution.unassigned:
        offers = jobs[left.job].offers
        cheapest = min((offer.price for offer in offers), default=None)
        if cheapest is None or cheapest > prices[left.job]:
            stay += prices[left.job]
            takers = [""]
        else:
            takers = [offer.carrier for offer in offers if offer.price == cheapest]
            given[left.carrier if left.carrier in takers else takers[0]] += cheapest
        if left.carrier not in takers:
            out.lie("wrong_carrier", left.job, 1, f"Goes to {left.carrier!r}, it should to {takers[0]!r}.")
        elif (left.code == GIVEN) != bool(left.carrier):
            out.lie("wrong_carrier", left.job, 1, f"Its reason is {left.code}.")
    minimum = {carrier.id: carrier.minimum for carrier in problem.carriers}
    return stay, sum(max(cents, minimum.get(carrier, 0)) for carrier, cents in given.items())


def _prices(problem: Problem) -> dict[str, int]:
    """The price of leaving each job; the price of the whole group for each of its alternatives."""
    dearest = 0
    if any(job.leave_price is None for job in problem.jobs):
        furthest = {profile: _furthest(matrix) for profile, matrix in problem.matrices.items()}
        dearest = max((_alone(vehicle, furthest[vehicle.profile]) for vehicle in problem.vehicles), default=0)
    prices = {
        job.id: (dearest + 100) * (10 + job.priority) // 10 if job.leave_price is None else job.leave_price
        for job in problem.jobs
    }
    own = dict(prices)
    for group in problem.groups:
        if group.jobs:
            price = max(own[job] for job in group.jobs) if group.leave_price is None else group.leave_price
            prices |= dict.fromkeys(group.jobs, price)
    return prices


def _furthest(matrix: Matrix) -> int:
    """Metres of the longest way that exists."""
    ways = matrix.distances[matrix.durations != UNREACHABLE]
    return int(ways.max()) if ways.size else 0


def _alone(v: Vehicle, far: int) -> int:
    """What this vehicle would cost for one job ``far`` metres away, over its whole shift."""
    paid = min(v.shift.end - v.shift.start, 24 * 3600)
    return v.fixed_cost + up(2 * far * v.cost_per_km, 1000) + up(paid * v.cost_per_hour, 3600)
