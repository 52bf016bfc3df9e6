"""Fixed heads and locked routes: items that exist; jobs once, unpinned elsewhere, and with their partners."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import InputError
from ..model import Problem, Vehicle


def heads(problem: Problem) -> Iterator[InputError]:
    """The head of every vehicle. Depots and chargers may come again, jobs may not."""
    yield from _items(problem)
    yield from _alternatives(problem)
    for vehicle in problem.vehicles:
        yield from _partners(problem, vehicle)


def _items(problem: Problem) -> Iterator[InputError]:
    jobs, holder = {job.id: job for job in problem.jobs}, dict[str, str]()
    stations = {depot.id for depot in problem.depots} | {charger.id for charger in problem.chargers}
    for vehicle in problem.vehicles:
        for item in vehicle.first:
            if item in stations:
                continue
            if item not in jobs:
                cause = f"The fixed stops of {vehicle.id!r} name {item!r}, which is no job of this problem."
                yield InputError("fixed_job_unknown", cause, "Take it out, or add the job.", vehicle.id)
            elif item in holder:
                cause = f"Job {item!r} is fixed on {holder[item]!r} and on {vehicle.id!r}."
                yield InputError("fixed_twice", cause, "Keep it on one of them.", vehicle.id)
            elif jobs[item].pinned_to not in (None, vehicle.id):
                cause = f"Job {item!r} is fixed on {vehicle.id!r} and pinned to {jobs[item].pinned_to!r}."
                yield InputError("fixed_and_pinned_elsewhere", cause, "Keep one of the two.", vehicle.id)
            holder.setdefault(item, vehicle.id)


def _alternatives(problem: Problem) -> Iterator[InputError]:
    fixed = {item for vehicle in problem.vehicles for item in vehicle.first}
    for group in problem.groups:
        chosen = [job for job in dict.fromkeys(group.jobs) if job in fixed]
        if len(chosen) > 1:
            cause = f"{chosen[0]!r} and {chosen[1]!r} are both fixed, but are alternatives of {group.id!r}."
            yield InputError("fixed_alternatives", cause, "Keep one of them.", group.id)


def _partners(problem: Problem, vehicle: Vehicle) -> Iterator[InputError]:
    """A fixed delivery has its pickup before it; a locked route has both ends of a shipment."""
    at = {item: number for number, item in enumerate(vehicle.first)}
    for shipment in problem.shipments if at else ():
        picked, brought = at.get(shipment.pickup), at.get(shipment.delivery)
        late = brought is not None and (picked is None or picked > brought)
        if late or (vehicle.locked and picked is not None and brought is None):
            cause = f"{vehicle.id!r} has fixed one end of the shipment from {shipment.pickup!r} to "
            cause += f"{shipment.delivery!r} without the other in its order."
            yield InputError("fixed_half_shipment", cause, "Fix both, the pickup first.", vehicle.id)
