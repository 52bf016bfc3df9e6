"""From any plan to one that breaks nothing: take out what breaks a rule, put in what fits.

PyVRP knows no breaks and no priced lateness; a dispatcher's plan may be broken on purpose; a plan from
yesterday names jobs that are gone. All of them become clean plans here, under the same schedule walker that
prices them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .compiled import Compiled
from .evaluate import evaluate
from .insertion import Inserter
from .kernel.trace import N_BREACHES
from .model import UNREACHABLE, Plan, Problem, Vehicle
from .rules.codes import NUMBER

_TURNS = 20
_TIED = {"pair_split", "delivery_before_pickup"}

type Expired = Callable[[], bool]


_ALL = 16
"""Routes up to this length have every removal looked at; of longer ones, as many likely ones."""

_REMOVALS = 8
"""So many jobs are picked out of a long route one by one; one that is still broken is rebuilt."""

_WALKS = 600
"""So many routes are walked to put left-out jobs in: a bound on the work, the same on every machine."""


def repair(problem: Problem, plan: Mapping[str, Sequence[str]], expired: Expired = lambda: False) -> Plan:
    """A plan without violations outside the vehicles' fixed heads, near ``plan``.

    Unknown jobs and vehicles are dropped, fixed heads put in their place. ``expired`` ends the mending
    early: what is not in by then stays out. Deterministic otherwise, and bounded in its work.
    """
    c = problem.compiled
    routes = _known(c, plan)
    for k, vehicle in enumerate(c.vehicles):
        routes[k] = _cleaned(c, k, vehicle, routes[k], expired)
    routes = _untied(problem, routes)
    _fill(c, routes, expired)
    return _plan(c, routes)


def _plan(c: Compiled, routes: list[list[int]]) -> Plan:
    jobs = len(c.jobs)
    return {
        v.id: tuple(c.item_ids[j] for j in routes[k])
        for k, v in enumerate(c.vehicles)
        if any(j < jobs for j in routes[k])
    }


def _known(c: Compiled, plan: Mapping[str, Sequence[str]]) -> list[list[int]]:
    heads = {name for vehicle in c.vehicles for name in vehicle.first}
    number = {name: k for k, name in enumerate(c.item_ids)}
    routes, seen = [], set(heads)
    for vehicle in c.vehicles:
        items = [number[name] for name in vehicle.first]
        for name in () if vehicle.locked else plan.get(vehicle.id, ()):
            if name in number and (name not in seen or number[name] >= len(c.jobs)):
                seen.add(name)
                items.append(number[name])
        routes.append(items)
    return routes


def _untied(problem: Problem, routes: list[list[int]]) -> list[list[int]]:
    """Without the jobs that break a rule between routes, and without halves of shipments."""
    c, mates = problem.compiled, problem.compiled.walker.world.items["mate"]
    fixed = {name for vehicle in problem.vehicles for name in vehicle.first}
    for _ in range(_TURNS):
        found = evaluate(problem, _plan(c, routes)).violations
        bad = {v.job for v in found if (not v.route or v.code in _TIED) and v.job in c.job_number} - fixed
        numbers = set(c.numbers(bad))
        if not numbers:
            break
        numbers |= {int(mates[j]) for j in numbers if mates[j] >= 0}
        routes = [[j for j in items if j not in numbers] for items in routes]
    return routes


def _cleaned(c: Compiled, k: int, vehicle: Vehicle, items: list[int], expired: Expired) -> list[int]:
    """Take items out of one route, each time the one whose going mends most, until the rest breaks nothing.

    A fixed head stays even if it breaks something by itself.
    """
    head = len(vehicle.first)
    tolerated = _harm(c, k, items[:head])[0] if head else 0
    able = c.walker.world.able
    items = [j for i, j in enumerate(items) if i < head or j >= len(c.jobs) or able[j, k]]
    for _ in range(_REMOVALS if len(items) - head > _ALL else len(items) - head):
        harm, _ = _harm(c, k, items)
        if harm <= tolerated:
            return items
        if expired():
            break
        options = []
        for i in _suspects(c, k, vehicle, items, head):
            rest = items[:i] + items[i + 1 :]
            less, cost = _harm(c, k, rest)
            worth = c.out_price[items[i]] if items[i] < len(c.jobs) else 0
            options.append((less, worth, -cost, i))
        last = min(options)[-1]
        items = items[:last] + items[last + 1 :]
    return _rebuilt(c, k, vehicle, items, tolerated, expired)


def _suspects(c: Compiled, k: int, vehicle: Vehicle, items: list[int], head: int) -> list[int]:
    """Positions whose removal may help: all of a short route, else who is named and who takes most."""
    positions = range(head, len(items))
    if len(positions) <= _ALL:
        return list(positions)
    trace = c.walker.trace
    breaches = trace.breaches[: trace.sums[N_BREACHES]]
    broken = breaches[breaches["cents"] < 0]
    chosen = [i for i in broken["at"].tolist() if i >= head][: _ALL // 4]
    if (broken["code"] == NUMBER["overload"]).any():
        weight = c.walker.world.load[:, :, :2].sum(axis=(1, 2))
        chosen += sorted(positions, key=lambda i: -int(weight[items[i]]))[: _ALL // 4]
    last = len(items)
    if len(broken) and (broken["code"] == NUMBER["late"]).all():
        last = int(broken["at"].max()) + 1
    takes = _seconds_taken(c, k, vehicle, items)
    chosen += sorted(range(head, last), key=lambda i: -takes[i])[:_ALL]
    return list(dict.fromkeys(chosen))[:_ALL]


def _seconds_taken(c: Compiled, k: int, vehicle: Vehicle, items: list[int]) -> list[int]:
    """By position the seconds that the route would be shorter without it, waiting not counted."""
    world, table = c.walker.world, c.durations(vehicle)
    pace = int(world.vans[k]["pace"])
    places = [vehicle.start, *world.items["place"][items].tolist(), vehicle.end]
    taken = []
    for i, j in enumerate(items):
        before, here, after = places[i], places[i + 1], places[i + 2]
        into = 0 if before is None else int(table[before, here])
        out = 0 if after is None else int(table[here, after])
        direct = 0 if before is None or after is None else int(table[before, after])
        spent = int(world.service[pace, j]) + int(world.setup[pace, j])
        taken.append(min(into + out - min(direct, UNREACHABLE), UNREACHABLE) + spent)
    return taken


def _rebuilt(
    c: Compiled, k: int, vehicle: Vehicle, items: list[int], tolerated: int, expired: Expired
) -> list[int]:
    """The route put together again from its head, without what does not go with what is there.

    Every turn either moves on or halves the step, so it ends.
    """
    kept, at = items[: len(vehicle.first)], len(vehicle.first)
    step = len(items) - at
    while at < len(items) and not expired():
        trial = kept + items[at : at + step]
        if _harm(c, k, trial)[0] <= tolerated:
            kept, at, step = trial, at + step, step * 2
        elif step > 1:
            step //= 2
        else:
            at += 1
        step = min(step, max(1, len(items) - at))
    return kept


def _harm(c: Compiled, k: int, items: list[int]) -> tuple[int, int]:
    """(how badly a route breaks rules, its cost); the walker's trace is that of this route."""
    if not items:
        return 0, 0
    cost = c.walker.walk(k, items)
    return c.walker.hard, cost


def _fill(c: Compiled, routes: list[list[int]], expired: Expired) -> None:
    """Insert what is left out, the dearest to leave first."""
    planned = {j for jobs in routes for j in jobs}
    tied = _tied(c)
    left = sorted(
        (j for j in range(len(c.jobs)) if j not in planned and j not in tied),
        key=lambda j: (-c.out_price[j], j),
    )
    inserter = Inserter(c, routes)
    for number in left:
        if inserter.walks > _WALKS or expired():
            return
        fit = inserter.best(number)
        if fit is not None:
            inserter.place(fit, number)


def _tied(c: Compiled) -> set[int]:
    """Jobs that cannot be put in by themselves: the search does that."""
    problem = c.problem
    names = {job for shipment in problem.shipments for job in (shipment.pickup, shipment.delivery)}
    names |= {job for group in problem.groups for job in group.jobs}
    names |= {job for relation in problem.relations for job in relation.jobs}
    return set(c.numbers(names))
