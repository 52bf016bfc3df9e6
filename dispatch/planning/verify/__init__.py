"""The independent checker: reads a solution line by line and believes none of it.

It shares no code with the walker or the engines, only the data classes. It checks what the timetable *claims*
against the problem: every leg, wait, window, load, limit, watt-hour and cent. A plan is shown to people only if
this finds nothing.
"""

from __future__ import annotations

from ..model import Problem
from ..solution import Cost, Solution, Violation
from .battery import battery
from .claims import read
from .costs import route_cost, same_cost
from .findings import Findings
from .limits import limits, sums
from .loads import Loads
from .orders import allowed, order
from .plan import docks, membership, plan_cost, relations
from .rests import breaks, pauses
from .times import Times

__all__ = ["verify", "verify_joined"]


def verify(problem: Problem, solution: Solution) -> list[Violation]:
    """Everything wrong with ``solution``: hard rules that are broken under their codes, and false claims under
    ``wrong_time``, ``wrong_load`` (battery included), ``wrong_distance``, ``wrong_cost``, ``wrong_place``,
    ``wrong_sum``, ``wrong_penalty``, ``wrong_carrier``, ``job_missing``, ``job_twice``, ``unknown_job``,
    ``unknown_vehicle``, ``vehicle_twice``.

    Claims are checked, not whether they are the best: a break may lie anywhere that is legal, a departure and a
    wait may be any. Where the definitions leave something open, this is how they are read here:

    - A way that ends at the very second at which a break begins has ended before it.
    - The walk back to a parked van comes before the drive, which begins in the period of that later time. A walk
      with no way is ``unreachable`` and takes 0 s.
    - A break at a place between two stops of one parking group ends the parking: back to the van, there, and on
      by van to the next stop, with its setup.
    - Loading that fits into no window of its depot breaks ``depot_closed`` by at least 1; loading at the start
      that begins before a window opens breaks it by the seconds until then. Elsewhere a van that need not wait
      and starts early claims something false.
    - The end of a route has arrived when everything is over, breaks at the door included.
    - Work, for a driving rule, begins with the departure. Of several driving rules the worst counts, once.
    - Charging takes what all driven legs ahead take, those to breaks at a place of their own included. The price
      of charging is rounded on the sum of the route. A vehicle without a battery only plugs in and pays.
    - A shipment of which one end is missing stays on board, or is missing on board, to the end of the route.
    - Members of a sequence on one route are compared with the member before them on that route; ``direct``
      breaks ``not_direct`` only. Routes that only cross in time at a dock do not count.
    - Of alternatives that are all left out exactly one stands among ``unassigned``, with the group's price; among
      equally cheap carriers any may have it.
    - ``spare_s`` follows the order of the day as it is: waiting takes up delay, breaks may be moved to the end of
      their window, and no later than its way allows.
    """
    found = membership(problem, solution)
    if found:
        return found
    vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
    total = Cost()
    checked: list[Findings] = []
    for route in solution.routes:
        out = Findings(problem, route.vehicle)
        claims = read(problem, vehicles[route.vehicle], route, out)
        checked.append(out)
        total += route.cost
        if claims is None:
            continue
        times = Times(claims, out)
        table = times.run()
        times.services.start()
        skipped = breaks(claims, out)
        pauses(claims, table, out)
        battery(claims, out)
        Loads(claims, out).run()
        limits(claims, table, out)
        allowed(claims, out)
        order(claims, out)
        sums(claims, table, out)
        out.penalties(route.penalties)
        same_cost(out, route.cost, route_cost(claims, table, skipped, out.rules))
    plan = _plan(problem, solution, checked, total)
    return [v for out in (*checked, plan) for v in (*out.broken, *out.false)]


def verify_joined(problem: Problem, solution: Solution) -> list[Violation]:
    """What is left to verify of a plan whose routes were verified one by one, in problems of some of its jobs and
    vehicles: that every job is there once, and what concerns several routes. Asks for no matrix where every job has a
    leave price.
    """
    found = membership(problem, solution)
    if found:
        return found
    checked: list[Findings] = []
    plan = _plan(problem, solution, checked, sum((route.cost for route in solution.routes), Cost()))
    return [v for out in (*checked, plan) for v in (*out.broken, *out.false)]


def _plan(problem: Problem, solution: Solution, checked: list[Findings], total: Cost) -> Findings:
    """What concerns several routes, or vehicles without one."""
    out = Findings(problem)
    driven = {route.vehicle for route in solution.routes}
    relations(problem, solution.routes, out)
    docks(problem, solution.routes, out)
    total += plan_cost(problem, solution, out) + Cost(rules=out.rules)
    same_cost(out, solution.cost, total)
    out.penalties(solution.penalties, also=[p for route in solution.routes for p in route.penalties])
    for vehicle in problem.vehicles:
        if vehicle.first and vehicle.id not in driven:
            home = Findings(problem, vehicle.id)
            home.breach("frozen_moved", "", len(vehicle.first), "Fixed stops are not driven.")
            checked.append(home)
    return out
