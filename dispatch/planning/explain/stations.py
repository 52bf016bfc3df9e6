"""One more trip, or a stop at a charger: changes of the plan rather than of a limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..kernel.world import Ints
from ..looks import Looks, laid
from ..rules.codes import NUMBER
from ..sweep import CODE, COST, HARM, KINDS, OPTION, PLACE, SECOND
from .kinds import Draft

_LONGEST = 60
"""On longer routes it is not looked for: every place of a station with every place of the job is too much."""


def with_stations(looks: Looks, k: int, job: str, own: Ints) -> Iterator[Draft]:
    """The cheapest route with a station that breaks nothing, where load or battery stands in the way."""
    if len(looks.routes[k]) > _LONGEST:
        return
    codes = set(own[own[:, KINDS] > 0][:, CODE].tolist())
    c, vehicle = looks.c, looks.c.vehicles[k]
    if NUMBER["overload"] in codes or NUMBER["too_long_aboard"] in codes:
        for name in dict.fromkeys((*vehicle.reloads, *filter(None, [vehicle.depot]))):
            (item,) = c.items([name])
            trips = sum(1 for i in looks.routes[k] if i in _depots(looks)) + 2
            with _one_trip_more(looks, k, item, trips):
                found = _cheapest(looks, k, item)
            if found:
                yield _draft(looks, k, job, "reload", name, found, trips)
    if NUMBER["battery_flat"] in codes:
        for charger in looks.problem.chargers:
            (item,) = c.items([charger.id])
            found = _cheapest(looks, k, item)
            if found:
                yield _draft(looks, k, job, "charge", charger.id, found, 0)


def _depots(looks: Looks) -> range:
    first = len(looks.c.jobs)
    return range(first, first + len(looks.problem.depots))


@contextmanager
def _one_trip_more(looks: Looks, k: int, item: int, trips: int) -> Iterator[None]:
    """The walker takes the reload for allowed."""
    world, depot = looks.c.walker.world, item - len(looks.c.jobs)
    had, allowed = int(world.vans[k]["max_trips"]), bool(world.reload_ok[k, depot])
    try:
        world.vans[k]["max_trips"], world.reload_ok[k, depot] = max(had, trips), True
        yield
    finally:
        world.vans[k]["max_trips"], world.reload_ok[k, depot] = had, allowed


def _cheapest(looks: Looks, k: int, item: int) -> tuple[int, list[int]] | None:
    """(cents, items) of the route with the station at its best place and the job at its best."""
    items, best = looks.routes[k], None
    for gap in range(looks.head(k), len(items) + 1):
        route = [*items[:gap], item, *items[gap:]]
        rows = looks.rows(k, prune=False, items=route)
        rows = rows[(rows[:, OPTION] == 0) & (rows[:, HARM] <= looks.harm(k))]
        if len(rows):
            row = rows[rows[:, COST].argmin()].tolist()
            if best is None or row[COST] < best[0]:
                best = (row[COST], laid(route, looks.request, row[PLACE], row[SECOND]))
    return best


def _draft(
    looks: Looks, k: int, job: str, kind: str, name: str, found: tuple[int, list[int]], trips: int
) -> Draft:
    cents, items = found
    vehicle = looks.c.vehicles[k].id
    plan = {**looks.plan, vehicle: tuple(looks.c.item_ids[i] for i in items)}
    return Draft(kind, vehicle, 1, "", plan, cents, job, thing=name, dimension=trips)
