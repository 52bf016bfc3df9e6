"""Where a search stands: routes with what is known of each, who is absent, and what was before this turn."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.experimental import structref
from numpy.typing import NDArray

from ..kernel.jit import compiled
from ..kernel.world import Ints, World
from .requests import Requests

CANDIDATES = 16
"""So many places of one request are kept to be walked."""

(N_ABSENT, N_TOUCHED, RANDOM, ITERATIONS, TOTAL, HARD, BEST, BEST_HARD, ABSENT_PRICE, N_CANDIDATES, IMPROVED,
 WALKS, ENOUGH, LONGEST, NO_MORE, EXCHANGE, EMPTY) = range(17)  # fmt: skip
"""Places in ``State.at``. ``ENOUGH``: so many clean places of a request are walked, then the cheapest is taken.
``LONGEST``: stops of a string that is taken out. ``NO_MORE``: in this turn no empty van may be taken.
``EXCHANGE``, ``EMPTY``: in so many turns of a thousand two vans change their routes, or one is emptied.
"""


class State(NamedTuple):
    """By vehicle v: ``route[v, :length[v]]`` items, ``cost``, ``harm`` (hard rules), ``few`` (jobs missing to its
    fewest), ``lasts``, ``ends``, ``jobs``, ``load`` (deliveries, pickups). ``leave[v, p]``: when the van could leave
    what is before position p, leaving as early as it may; ``start[v, p]``: when its service starts as the route is
    driven; ``spare[v, p]``: how much later than then it may arrive at p; ``room[v, p]``: the latest end of something
    served before p (``NEVER`` where lateness behind it has a price). ``spot[v, p]``: the place before position p,
    ``key[v, p]`` its setup group, ``direct`` and ``gap`` seconds and metres from there to what is at p. ``old_*``:
    the same before this turn, for vehicles in ``touched``. ``where``: the vehicle of a job or -1. ``own``: 1 where
    this search may change the route; ``mine`` the same for absent requests.
    """

    route: Ints
    length: Ints
    cost: Ints
    harm: Ints
    few: Ints
    lasts: Ints
    ends: Ints
    jobs: Ints
    load: Ints
    leave: Ints
    arrive: Ints
    spare: Ints
    room: Ints
    spot: Ints
    key: Ints
    direct: Ints
    gap: Ints
    start: Ints
    where: Ints
    own: Ints
    hold: Ints
    old_hold: Ints
    mine: Ints
    absent: Ints
    old_absent: Ints
    touched: Ints
    is_touched: Ints
    old_route: Ints
    old_length: Ints
    old_figures: Ints
    old_load: Ints
    old_clock: Ints
    best_route: Ints
    best_length: Ints
    candidate: Ints
    trial: Ints
    order: Ints
    rank: NDArray[np.float64]
    kind: Ints
    kind_seen: Ints
    at: Ints
    fleet: Ints


FLEET = "balance_hour balance_stop finish_hour first_shift".split()  # noqa: SIM905
"""Places in ``State.fleet``."""


def new_state(world: World, requests: Requests, kinds: list[int], fleet: list[int], seed: int) -> State:
    """An empty state: nobody drives, everything is absent."""
    vans, items, dims = len(world.vans), len(world.items), world.load.shape[1]
    total = len(requests.kind)
    width = world.jobs + 2 * min(world.jobs, 64) + 8

    def ints(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    state = State(
        route=ints(vans, width),
        length=ints(vans),
        cost=ints(vans),
        harm=ints(vans),
        few=ints(vans),
        lasts=ints(vans),
        ends=ints(vans),
        jobs=ints(vans),
        load=ints(vans, dims, 2),
        leave=ints(vans, width),
        arrive=ints(vans, width),
        spare=ints(vans, width),
        room=ints(vans, width),
        spot=ints(vans, width),
        key=ints(vans, width),
        direct=ints(vans, width),
        gap=ints(vans, width),
        start=ints(vans, width),
        where=np.full(max(1, world.jobs), -1, dtype=np.int64),
        own=np.ones(vans, dtype=np.int64),
        hold=ints(items),
        old_hold=ints(items),
        mine=np.ones(max(1, total), dtype=np.int64),
        absent=np.arange(total, dtype=np.int64),
        old_absent=ints(max(1, total)),
        touched=ints(vans),
        is_touched=ints(vans),
        old_route=ints(vans, width),
        old_length=ints(vans),
        old_figures=ints(vans, 6),
        old_load=ints(vans, dims, 2),
        old_clock=ints(vans, width, 9),
        best_route=ints(vans, width),
        best_length=ints(vans),
        candidate=ints(CANDIDATES, 8),
        trial=ints(width),
        order=ints(max(1, total, world.jobs)),
        rank=np.zeros(max(1, total)),
        kind=np.array(kinds, dtype=np.int64),
        kind_seen=ints(max([*kinds, 0]) + 1),
        at=ints(17),
        fleet=np.array(fleet, dtype=np.int64),
    )
    state.at[N_ABSENT] = total
    state.at[ENOUGH], state.at[LONGEST] = 2, 15
    state.at[EXCHANGE], state.at[EMPTY] = 5, 2
    state.at[RANDOM] = (seed * 2654435761 + 88172645463325252) & 0x7FFFFFFFFFFFFFFF
    return state


@structref.register
class StateType(types.StructRef):
    """The same as one pointer."""

    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class StateRef(structref.StructRefProxy):
    """What compiled functions take for a ``State``."""


structref.define_proxy(StateRef, StateType, list(State._fields))


@structref.register
class RequestsType(types.StructRef):
    """The same as one pointer."""

    def preprocess_fields(self, fields: Any) -> Any:
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class RequestsRef(structref.StructRefProxy):
    """What compiled functions take for ``Requests``."""


structref.define_proxy(RequestsRef, RequestsType, list(Requests._fields))


@compiled
def refer_state(s: Any) -> Any:
    """The pointer to the arrays of a ``State``."""
    return StateRef(
        s.route,
        s.length,
        s.cost,
        s.harm,
        s.few,
        s.lasts,
        s.ends,
        s.jobs,
        s.load,
        s.leave,
        s.arrive,
        s.spare,
        s.room,
        s.spot,
        s.key,
        s.direct,
        s.gap,
        s.start,
        s.where,
        s.own,
        s.hold,
        s.old_hold,
        s.mine,
        s.absent,
        s.old_absent,
        s.touched,
        s.is_touched,
        s.old_route,
        s.old_length,
        s.old_figures,
        s.old_load,
        s.old_clock,
        s.best_route,
        s.best_length,
        s.candidate,
        s.trial,
        s.order,
        s.rank,
        s.kind,
        s.kind_seen,
        s.at,
        s.fleet,
    )


@compiled
def refer_requests(q: Any) -> Any:
    """The pointer to the arrays of ``Requests``."""
    return RequestsRef(
        q.kind,
        q.first,
        q.size,
        q.members,
        q.leave,
        q.of,
        q.ties,
        q.tie_at,
        q.mates,
        q.mate_at,
        q.foes,
        q.foe_at,
        q.partners,
        q.partner_at,
        q.tolerance,
        q.near,
        q.into,
        q.into_metres,
    )


@compiled
def draw(s: Any) -> float:
    """A number from 0 to below 1 (xorshift64*): the same on every machine."""
    x = np.uint64(s.at[RANDOM])
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    s.at[RANDOM] = np.int64(x)
    return float((x * np.uint64(2685821657736338717)) >> np.uint64(11)) / 9007199254740992.0


@compiled
def draw_below(s: Any, n: int) -> int:
    """A whole number from 0 to n - 1."""
    return min(n - 1, int(draw(s) * n))
