"""Waiting for each other: services that start together, and vehicles that share a dock.

Both tie routes to each other. They are settled by turns: every route is walked, whoever is too early is held to
the time of the others, and so on until nobody moves or it is given up (what is then apart is a violation).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from .compiled import Compiled
from .kernel.trace import BEGIN, DEPARTURE
from .kernel.world import DEPOT

_TURNS = 12


@contextmanager
def settle_holds(c: Compiled, driven: Mapping[int, list[int]], fixed: Mapping[int, int]) -> Iterator[None]:
    """Inside, the walker's arrays hold who waits for whom; afterwards nobody waits any more."""
    problem, world = c.problem, c.walker.world
    groups = [c.numbers(r.jobs) for r in problem.relations if r.kind == "together"]
    tolerances = [r.tolerance_s for r in problem.relations if r.kind == "together"]
    docks = {c.items([d.id])[0]: d.docks for d in problem.depots if d.docks is not None and d.load_s}
    if not groups and not docks:
        yield
        return
    try:
        for _ in range(_TURNS):
            starts, loading = _walk_all(c, driven, fixed)
            moved = _hold_groups(world.items, groups, tolerances, starts)
            moved |= _hold_docks(world.vans, docks, loading)
            if not moved:
                break
        yield
    finally:
        world.items["hold"] = 0
        world.vans["hold"] = 0


def _walk_all(
    c: Compiled, driven: Mapping[int, list[int]], fixed: Mapping[int, int]
) -> tuple[dict[int, int], dict[int, list[tuple[int, int, int]]]]:
    """(start of service by job, loadings by depot: begin, end, van)."""
    starts: dict[int, int] = {}
    loading: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    walker = c.walker
    for v, items in driven.items():
        walker.walk(v, items, departure=fixed.get(v, -1))
        rows = walker.trace.stop[: len(items)]
        for number, start, leave in zip(items, rows["start"].tolist(), rows["leave"].tolist(), strict=True):
            if walker.world.items[number]["kind"] == DEPOT:
                loading[number].append((start, leave, -1))
            else:
                starts[number] = start
        begin, departs = int(walker.trace.sums[BEGIN]), int(walker.trace.sums[DEPARTURE])
        depot = int(walker.world.vans[v]["depot"])
        if depot >= 0 and v not in fixed:
            loading[depot].append((begin, departs, v))
    return starts, loading


def _hold_groups(
    items: object, groups: list[list[int]], tolerances: list[int], starts: dict[int, int]
) -> bool:
    moved = False
    for members, tolerance in zip(groups, tolerances, strict=True):
        served = [j for j in members if j in starts]
        if len(served) < 2:
            continue
        earliest = max(starts[j] for j in served) - tolerance
        for j in served:
            if starts[j] < earliest and items["hold"][j] < earliest:  # type: ignore[index]
                items["hold"][j] = earliest  # type: ignore[index]
                moved = True
    return moved


def _hold_docks(
    vans: object, docks: Mapping[int, int | None], loading: Mapping[int, list[tuple[int, int, int]]]
) -> bool:
    """First come, first served; who finds every dock taken is held until one is free."""
    moved = False
    for depot, count in docks.items():
        free: list[int] = []
        for begin, end, v in sorted(loading.get(depot, [])):
            free = sorted(time for time in free if time > begin)
            if count is not None and len(free) >= count and v >= 0:
                until = free[len(free) - count]
                if vans["hold"][v] < until:  # type: ignore[index]
                    vans["hold"][v] = until  # type: ignore[index]
                    moved = True
                begin, end = until, until + (end - begin)
            free.append(end)
    return moved
