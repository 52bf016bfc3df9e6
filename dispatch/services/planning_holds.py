"""What a planning run leaves as it is: by its scope, and by the locks of single orders."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from dispatch.models.order import Pin
from dispatch.planning import model
from dispatch.planning.rules.freeze import Level, freeze
from dispatch.services.planning_jobs import order_key
from dispatch.services.planning_vehicles import shift_key


def held(
    problem: model.Problem,
    sequences: Mapping[int, Sequence[int]],
    *,
    pins: Mapping[int, str],
    keep: Level,
    loose: Collection[int],
) -> model.Problem:
    """The problem in which of the routes in ``sequences`` (orders by shift) so much holds as ``keep`` says.

    ``loose``: orders for which that is not meant. ``pins``: how single orders are locked, which holds in any case; one
    that is locked to its place keeps all that comes before it.
    """
    there = {vehicle.id for vehicle in problem.vehicles}
    routes = {shift_key(shift): ids for shift, ids in sequences.items() if shift_key(shift) in there}
    known = {key: tuple(order_key(pk) for pk in ids if pk not in loose) for key, ids in routes.items()}
    frozen = freeze(problem, known, keep)
    return frozen if keep == "times" else _pinned(frozen, routes, pins)


def _pinned(
    problem: model.Problem, routes: Mapping[str, Sequence[int]], pins: Mapping[int, str]
) -> model.Problem:
    on = {order_key(pk): key for key, ids in routes.items() for pk in ids if pins.get(pk)}
    if not on:
        return problem
    heads = {key: tuple(map(order_key, _head(ids, pins))) for key, ids in routes.items()}
    return replace(
        problem,
        jobs=tuple(replace(job, pinned_to=on[job.id]) if job.id in on else job for job in problem.jobs),
        vehicles=tuple(
            replace(vehicle, first=heads[vehicle.id]) if heads.get(vehicle.id) else vehicle
            for vehicle in problem.vehicles
        ),
    )


def _head(ids: Sequence[int], pins: Mapping[int, str]) -> Sequence[int]:
    """All up to the last order that is locked to its place."""
    last = max((at for at, pk in enumerate(ids, start=1) if pins.get(pk) == Pin.PLACE), default=0)
    return ids[:last]
