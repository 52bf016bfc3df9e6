"""Rules between jobs in OR-Tools' words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ortools.constraint_solver import pywrapcp

from dispatch.planning.model import Relation

from .base import CannotStateError

if TYPE_CHECKING:
    from .ortools_model import Model


def add_pairs(model: Model) -> None:
    """Shipments: one vehicle, the pickup first."""
    for s in model.problem.shipments:
        _in_order(model, model.index_of[s.pickup], model.index_of[s.delivery])


def add_relations(model: Model) -> None:
    """Every kind, two by two. What is left out keeps to no relation."""
    for relation in model.problem.relations:
        for one, other in zip(relation.jobs, relation.jobs[1:], strict=False):
            _relate(model, relation, model.index_of[one], model.index_of[other])


def _relate(model: Model, relation: Relation, one: int, other: int) -> None:
    solver, lane = model.solver, model.routing.VehicleVar
    if relation.kind == "same_route":
        solver.Add(lane(one) == lane(other))
    elif relation.kind == "sequence":
        _in_order(model, one, other)
    elif relation.kind == "direct":
        _in_order(model, one, other)
        follows = solver.IsEqualCstVar(model.routing.NextVar(one), other)
        solver.Add(follows + (1 - model.routing.ActiveVar(one)) >= 1)
    else:
        _apart(model, one, other)
        if relation.kind == "together":
            gap = model.time.CumulVar(one) - model.time.CumulVar(other)
            solver.Add(abs(gap) <= relation.tolerance_s)


def _in_order(model: Model, one: int, other: int) -> None:
    """OR-Tools inserts pairs together."""
    model.routing.AddPickupAndDelivery(one, other)
    lane, when = model.routing.VehicleVar, model.time.CumulVar
    model.solver.Add(lane(one) == lane(other))
    model.solver.Add(when(one) <= when(other))


def _apart(model: Model, one: int, other: int) -> None:
    differ = model.solver.IsDifferentVar(model.routing.VehicleVar(one), model.routing.VehicleVar(other))
    model.solver.Add(differ + (1 - model.routing.ActiveVar(one)) >= 1)


def add_goods(model: Model) -> None:
    """Classes that never share a route: with deliveries alone that is the same as never aboard at one time."""
    problem = model.problem
    if not problem.incompatible:
        return
    kinds = {name: k for k, name in enumerate(sorted({g for job in problem.jobs for g in job.goods}))}
    added = pywrapcp.RoutingModel.TYPE_ADDED_TO_VEHICLE
    for job, index in zip(problem.jobs, model.index, strict=True):
        if len(job.goods) > 1:
            raise CannotStateError("A visit of OR-Tools has one type.")
        for name in job.goods:
            model.routing.SetVisitType(index, kinds[name], added)
    for pair in problem.incompatible:
        if pair.one in kinds and pair.other in kinds:
            model.routing.AddHardTypeIncompatibility(kinds[pair.one], kinds[pair.other])
