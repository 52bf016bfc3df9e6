"""A large problem cut by neighbouring routes into parts that PyVRP searches quickly, one after the other.

A descent of PyVRP's cannot be interrupted; on thousands of stops it takes many seconds. On a part of a few hundred
it takes a fraction of one. Each round cuts anew from another route, so that no seam stays.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    ClientGroup,
    ProblemData,
    Route,
    Shipment,
    Solution,
    VehicleType,
)

PART = 400
"""Stops to a part: a descent from a poor plan takes about half a second on one slow core."""


@dataclass(frozen=True, slots=True)
class Tour:
    """One route of the whole: its vehicle type and what it visits between its depots."""

    kind: int
    visits: tuple[Activity, ...]


def tours_of(solution: Solution) -> list[Tour]:
    """The routes of a solution."""
    return [Tour(r.vehicle_type(), tuple(map(_plain, list(r)[1:-1]))) for r in solution.routes()]


def _plain(visit: Activity) -> Activity:
    return Activity(visit.type, visit.idx)


def whole(data: ProblemData, tours: Sequence[Tour]) -> Solution:
    """The solution of these routes."""
    return Solution(data, [Route(data, list(tour.visits), tour.kind) for tour in tours])


@dataclass(slots=True)
class Part:
    """A problem of some of the routes. ``clients``, ``shipments``, ``kinds``: their numbers in the whole."""

    data: ProblemData
    start: Solution
    clients: list[int]
    shipments: list[int]
    kinds: list[int]

    def tours(self, solution: Solution) -> list[Tour]:
        """A solution of the part as routes of the whole."""
        back = {
            ActivityType.CLIENT: self.clients,
            ActivityType.PICKUP: self.shipments,
            ActivityType.DELIVERY: self.shipments,
        }
        return [
            Tour(
                self.kinds[tour.kind],
                tuple(Activity(v.type, back[v.type][v.idx]) if v.type in back else v for v in tour.visits),
            )
            for tour in tours_of(solution)
        ]


class Cutter:
    """Cuts the routes of one problem; knows where every stop is and who belongs together."""

    def __init__(self, data: ProblemData, seed: int) -> None:
        self.data, self.dice = data, np.random.default_rng(seed)
        self.clients: list[Client] = data.clients()
        self.shipments: list[Shipment] = data.shipments()
        self.types: list[VehicleType] = data.vehicle_types()
        self.groups = [list(group.clients) for group in data.groups()]
        self.near = data.duration_matrix(0)
        self.tables: dict[str, Any] = {
            "distance_matrices": data.distance_matrices(),
            "duration_matrices": data.duration_matrices(),
        }

    def cut(self, tours: Sequence[Tour]) -> Iterator[list[int]]:
        """Numbers of routes that lie side by side, about ``PART`` stops at a time."""
        if not tours:
            yield []
            return
        middles = np.array([self._location(t.visits[len(t.visits) // 2]) for t in tours])
        apart = self.near[np.ix_(middles, middles)].astype(np.int64)
        apart = apart + apart.T
        left = np.ones(len(tours), dtype=bool)
        at = int(
            apart[self.dice.integers(len(tours))].argmax()
        )  # begins at an edge, so that no rest is left in the middle
        while left.any():
            part: list[int] = []
            stops = 0
            for k in np.argsort(apart[at], kind="stable").tolist():
                if left[k] and (not part or stops + len(tours[k].visits) <= PART):
                    part.append(k)
                    stops += len(tours[k].visits)
                    left[k] = False
                if stops >= PART:
                    break
            yield part
            at = int(np.where(left, apart[at], np.iinfo(np.int64).max).argmin())

    def _location(self, visit: Activity) -> int:
        if visit.is_client():
            return self.clients[visit.idx].location
        if visit.is_depot():
            return self.data.depot(visit.idx).location
        pair = self.shipments[visit.idx]
        return pair.pickup.location if visit.is_pickup() else pair.delivery.location

    def spare(self, tours: Sequence[Tour]) -> list[int]:
        """How many vehicles of each type stand still."""
        used = np.bincount([tour.kind for tour in tours], minlength=len(self.types))
        return [kind.num_available - int(n) for kind, n in zip(self.types, used, strict=True)]

    def left_out(self, tours: Sequence[Tour], parts: Sequence[Sequence[int]]) -> list[list[Activity]]:
        """By part the stops that no route visits, each with the part whose stops are nearest. Those of a group
        that is served or of another window of the same job come along by themselves.
        """
        visited = {(v.type, v.idx) for tour in tours for v in tour.visits}
        served = {self.clients[i].group for kind, i in visited if kind == ActivityType.CLIENT} - {None}
        loose = [
            Activity(ActivityType.CLIENT, i)
            for i, client in enumerate(self.clients)
            if (ActivityType.CLIENT, i) not in visited
            and client.group not in served
            and (client.group is None or self.groups[client.group][0] == i)
        ]
        loose += [
            Activity(ActivityType.PICKUP, i)
            for i in range(len(self.shipments))
            if (ActivityType.PICKUP, i) not in visited
        ]
        found: list[list[Activity]] = [[] for _ in parts]
        spots = [[self._location(v) for k in part for v in tours[k].visits] for part in parts]
        for stop in loose:
            away = [int(self.near[self._location(stop), s].min(initial=2**62)) for s in spots]
            found[away.index(min(away))].append(stop)
        return found

    def part(self, tours: Sequence[Tour], loose: Sequence[Activity], spare: Sequence[int]) -> Part | None:
        """The problem of these routes, these stops left out and so many vehicles to spare; ``None`` without a
        stop.
        """
        stops = [v for tour in tours for v in tour.visits] + list(loose)
        clients = self._with_groups([v.idx for v in stops if v.is_client()])
        shipments = [v.idx for v in stops if v.is_pickup()]
        used = np.bincount([t.kind for t in tours], minlength=len(self.types)) + np.array(spare)
        kinds = [k for k, count in enumerate(used.tolist()) if count > 0]
        if not (clients or shipments) or not kinds:
            return None
        data = self._data(clients, shipments, kinds, used.tolist())
        client_at = {number: at for at, number in enumerate(clients)}
        shipment_at = {number: at for at, number in enumerate(shipments)}
        kind_at = {number: at for at, number in enumerate(kinds)}
        routes = []
        for tour in tours:
            visits = [
                v if v.is_depot()
                else Activity(v.type, client_at[v.idx] if v.is_client() else shipment_at[v.idx])
                for v in tour.visits
            ]  # fmt: skip
            routes.append(Route(data, visits, kind_at[tour.kind]))
        return Part(data, Solution(data, routes), clients, shipments, kinds)

    def _with_groups(self, clients: Sequence[int]) -> list[int]:
        groups = {self.clients[i].group for i in clients} - {None}
        more = [i for group in groups for i in self.groups[group]]  # type: ignore[index]
        return sorted({*clients, *more})

    def _data(
        self, clients: list[int], shipments: list[int], kinds: list[int], counts: list[int]
    ) -> ProblemData:
        depots = self.data.depots()
        rows = {depot.location for depot in depots}
        rows |= {self.clients[i].location for i in clients}
        rows |= {step.location for i in shipments for step in _steps(self.shipments[i])}
        order = sorted(rows)
        at = {row: number for number, row in enumerate(order)}
        profiles = sorted({self.types[k].profile for k in kinds})
        groups: defaultdict[int, list[int]] = defaultdict(list)
        for number, i in enumerate(clients):
            group = self.clients[i].group
            if group is not None:
                groups[group].append(number)
        group_at = {group: number for number, group in enumerate(groups)}
        pick = np.ix_(order, order)
        tables: Any = {
            name: [table[pick] for table in (whole_tables[p] for p in profiles)]
            for name, whole_tables in self.tables.items()
        }
        return ProblemData(
            [self.data.location(row) for row in order],
            [_moved_client(self.clients[i], at, group_at) for i in clients],
            [_moved_depot(depot, at) for depot in depots],
            [
                self.types[k].replace(num_available=counts[k], profile=profiles.index(self.types[k].profile))
                for k in kinds
            ],
            groups=[ClientGroup(members, required=False) for members in groups.values()],
            shipments=[_moved_shipment(self.shipments[i], at) for i in shipments],
            **tables,
        )


def _steps(pair: Shipment) -> tuple[Any, Any]:
    return pair.pickup, pair.delivery


def _moved_client(client: Client, at: dict[int, int], group_at: dict[int, int]) -> Client:
    return Client(
        at[client.location],
        client.delivery,
        client.pickup,
        client.service_duration,
        client.tw_early,
        client.tw_late,
        client.release_time,
        client.prize,
        client.required,
        None if client.group is None else group_at[client.group],
    )


def _moved_depot(depot: Any, at: dict[int, int]) -> Any:
    return type(depot)(at[depot.location], depot.tw_early, depot.tw_late, depot.service_duration)


def _moved_shipment(pair: Shipment, at: dict[int, int]) -> Shipment:
    return Shipment(
        at[pair.pickup.location],
        at[pair.delivery.location],
        pair.pickup.tw_early,
        pair.pickup.tw_late,
        pair.pickup.service_duration,
        pair.delivery.tw_early,
        pair.delivery.tw_late,
        pair.delivery.service_duration,
        pair.amount,
        pair.prize,
        pair.required,
    )


def dealt(spare: Sequence[int], parts: int) -> list[list[int]]:
    """Vehicles to spare dealt out evenly."""
    edges = np.linspace(0, np.array(spare), parts + 1).round().astype(int).tolist()
    return [[b - a for a, b in zip(one, other, strict=True)] for one, other in pairwise(edges)]
