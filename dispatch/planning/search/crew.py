"""Several hunts side by side, each over some of the routes; where the cuts between them run changes every round.

A turn of the search costs as much as there are routes to look at, and knows only one processor. So a large plan is
dealt out: routes near a random stop to the first hunt, the next ones to the second, and so on; every job and every
vehicle belongs to exactly one. After a round the plans are put together again and cut somewhere else.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from ..kernel.world import Ints
from ..model import UNREACHABLE, Plan, Problem
from .hunt import Hunt, Rows

type Leader = Callable[[Hunt], None]
"""Lets one hunt search for the length of a round."""


def may_divide(problem: Problem) -> bool:
    """Whether nothing ties routes together but the jobs on them."""
    weights = problem.weights
    shared = weights.balance_per_hour or weights.balance_per_stop or weights.finish_per_hour
    together = any(relation.kind == "together" for relation in problem.relations)
    return not shared and not together and not any(depot.docks is not None for depot in problem.depots)


class Crew:
    """Hunts over parts of one plan. ``rows`` is the plan as it stands, ``best`` the best one so far."""

    def __init__(self, problem: Problem, plan: Plan, *, hands: int, seed: int) -> None:
        first = Hunt(problem, plan, seed=seed)
        first.fill()
        others = [Hunt(problem, {}, seed=seed + 7919 * k, requests=first.requests) for k in range(1, hands)]
        self.hunts = [first, *others]
        self.dice = np.random.default_rng(seed)
        self.rows: Rows = first.best_rows()
        self.best: Rows = self.rows
        self.cost, self.harm = first.cost, first.harm
        self.absent_price = first.absent_price
        self._pool = ThreadPoolExecutor(hands, thread_name_prefix="search")

    @property
    def plan(self) -> Plan:
        """The best plan so far."""
        return self.hunts[0].named(self.best)

    def close(self) -> None:
        """Let the threads go."""
        self._pool.shutdown()

    def round(self, lead: Leader) -> bool:
        """One round: cut, search side by side, put together. Whether the best plan is a new one."""
        part = self._cut()
        requests = self._deal_absent(part)
        before = []
        for k, hunt in enumerate(self.hunts):
            own, mine = (part == k).astype(np.int64), (requests == k).astype(np.int64)
            hunt.load_rows(self.rows, own, mine)
            before.append((hunt.harm, hunt.cost))
        for done in [self._pool.submit(lead, hunt) for hunt in self.hunts]:
            done.result()
        return self._put_together(part, before)

    def _put_together(self, part: Ints, before: list[tuple[int, int]]) -> bool:
        """Each vehicle's row from the hunt that had it."""
        stand, best = [hunt.rows() for hunt in self.hunts], [hunt.best_rows() for hunt in self.hunts]
        self.rows = [stand[k][v] for v, k in enumerate(part)]
        found = [best[k][v] for v, k in enumerate(part)]
        self.hunts[0].load_rows(found)
        harm, cost = self.hunts[0].harm, self.hunts[0].cost
        self.absent_price = self.hunts[0].absent_price
        if (harm, cost) >= (self.harm, self.cost):
            return False
        self.best, self.harm, self.cost = found, harm, cost
        return True

    def _cut(self) -> Ints:
        """The part of each vehicle: by how far its jobs are from a random one, about as many jobs in each."""
        problem, first, hands = self.hunts[0].problem, self.hunts[0], len(self.hunts)
        away = self._away(int(self.dice.integers(len(problem.jobs))))
        jobs = len(problem.jobs)
        members = [[item for item in row if item < jobs] for row in self.rows]
        used = [v for v, row in enumerate(members) if row]
        used.sort(key=lambda v: float(np.mean(away[members[v]])))
        part = np.zeros(len(self.rows), dtype=np.int64)
        share, done = sum(len(members[v]) for v in used) / hands, 0.0
        for v in used:
            part[v] = min(hands - 1, int((done + len(members[v]) / 2) / max(1.0, share)))
            done += len(members[v])
        turn = int(self.dice.integers(hands))
        seen: dict[int, int] = {}
        for v, row in enumerate(members):
            if not row:
                kind = int(first.state.kind[v])
                seen[kind] = seen.get(kind, turn) + 1
                part[v] = seen[kind] % hands
        return part

    def _away(self, job: int) -> NDArray[np.float64]:
        """Seconds from one job to each, there and back."""
        hunt = self.hunts[0]
        places = np.array([each.place for each in hunt.problem.jobs], dtype=np.intp)
        table, home = hunt.world.travel[0], places[job]
        there = np.minimum(table[home, places], UNREACHABLE // 4).astype(np.float64)
        return there + np.minimum(table[places, home], UNREACHABLE // 4)

    def _deal_absent(self, part: Ints) -> Ints:
        """The part of each request that is on no route: that of the planned job nearest to it."""
        hunt = self.hunts[0]
        where = np.full(len(hunt.problem.jobs), -1, dtype=np.int64)
        for v, row in enumerate(self.rows):
            where[[item for item in row if item < len(where)]] = v
        requests = hunt.requests
        found = self.dice.integers(len(self.hunts), size=len(requests.kind))
        for r, at in enumerate(requests.first):
            job = requests.members[at]
            if where[job] < 0:
                vans = where[requests.near[job]]
                if (vans >= 0).any():
                    found[r] = part[vans[vans >= 0][0]]
        return found.astype(np.int64)
