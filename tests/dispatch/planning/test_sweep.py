"""The compiled sweep: the same positions, prices and verdicts as walking each route from Python."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from dispatch.planning.evaluate import evaluate
from dispatch.planning.insertion import insert
from dispatch.planning.looks import Looks
from dispatch.planning.model import Plan, Problem
from dispatch.planning.sweep import BEGINS, COST, ENDS, HARM, PLACE, START, Request, Sweeper

from .strategies import tried
from .worlds import worlds

SLOW = settings(suppress_health_check=list(HealthCheck))


def first_alone(problem: Problem) -> str | None:
    """A job that goes in by itself."""
    shipped = {job for s in problem.shipments for job in (s.pickup, s.delivery)}
    return next((j.id for j in problem.jobs if j.id not in shipped), None)


@given(worlds())
@settings(SLOW, max_examples=tried(60).max_examples, deadline=None)
def test_the_sweep_finds_what_insert_finds(world: tuple[Problem, Plan]) -> None:
    """Every vehicle and position behind a head, at the same price and the same start."""
    problem, plan = world
    job = first_alone(problem)
    if job is None:
        return
    c, number = problem.compiled, problem.compiled.job_number[job]
    known = {(s.vehicle, s.position): (s.cost, s.start) for s in insert(problem, plan, job, limit=10_000)}
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for k, vehicle in enumerate(problem.vehicles):
        items = [i for i in c.items(plan.get(vehicle.id, ())) if i != number]
        head = sum(1 for i in items if c.item_ids[i] in vehicle.first)
        paid = c.walker.walk(k, items) if any(i < len(c.jobs) for i in items) else 0
        rows = Sweeper(c, len(items)).look(k, items, head, Request(number), prune=False)
        found |= {(vehicle.id, row[PLACE]): (row[COST] - paid, row[START]) for row in rows.tolist()}
    assert found == known


@given(worlds())
@settings(SLOW, max_examples=tried(60).max_examples, deadline=None)
def test_what_is_pruned_breaks_something(world: tuple[Problem, Plan]) -> None:
    """Left out are only positions that would have been no choice; the others are the same rows."""
    problem, plan = world
    job = first_alone(problem)
    if job is None:
        return
    looks = Looks(problem, plan, job)
    for k in range(len(problem.vehicles)):
        every, fewer = looks.rows(k, prune=False).tolist(), looks.rows(k, prune=True).tolist()
        assert all(row in every for row in fewer)
        standing = looks.harm(k)
        assert all(row[HARM] > standing for row in every if row not in fewer)


@given(worlds())
@settings(SLOW, max_examples=tried(40).max_examples, deadline=None)
def test_a_shipment_goes_in_at_both_ends(world: tuple[Problem, Plan]) -> None:
    """Each pair of positions, the delivery never before the pickup, with the begin and end of the route."""
    problem, plan = world
    if not problem.shipments or any(r.kind == "together" for r in problem.relations):
        return
    shipment = problem.shipments[0]
    looks = Looks(problem, plan, shipment.delivery)
    for k, vehicle in enumerate(problem.vehicles):
        n, head = len(looks.routes[k]), looks.head(k)
        rows = looks.rows(k, prune=False).tolist()
        assert len(rows) == (n + 1 - head) * (n + 2 - head) // 2
        for row in rows[:3]:
            wider = looks.plan_with(k, row[1], row[2])
            items = wider[vehicle.id]
            assert items.index(shipment.pickup) < items.index(shipment.delivery)
            if not any(depot.docks is not None for depot in problem.depots):
                route = evaluate(problem, wider).route_of(vehicle.id)
                assert route is not None
                assert (route.begin, route.end) == (row[BEGINS], row[ENDS])
