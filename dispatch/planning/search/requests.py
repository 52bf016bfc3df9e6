"""What is taken out and put in as one: jobs, shipments and groups of alternatives, and who is tied to whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernel.world import Ints, World
from ..model import UNREACHABLE, Problem
from ..rules.priority import out_prices

SINGLE, PAIR, CHOICE = 0, 1, 2


class Requests(NamedTuple):
    """``members[first[r]: first[r] + size[r]]`` are the jobs of request r: one job; a pickup and its delivery; or
    alternatives. ``leave``: cents for leaving it. ``of``: the request of each job. ``ties`` of a job go out with
    it; ``mates`` must be on its route, ``foes`` must not; ``partners`` start together with it. ``into``,
    ``into_metres``: the tables of the ways turned round, so that all ways into one place lie side by side.
    """

    kind: Ints
    first: Ints
    size: Ints
    members: Ints
    leave: Ints
    of: Ints
    ties: Ints
    tie_at: Ints
    mates: Ints
    mate_at: Ints
    foes: Ints
    foe_at: Ints
    partners: Ints
    partner_at: Ints
    tolerance: Ints
    near: Ints
    into: NDArray[np.int32]
    into_metres: NDArray[np.int32]


def requests_of(problem: Problem, world: World) -> Requests:
    """The requests of a problem; ``near`` holds for each job the others by travel time, the nearest first."""
    number = {job.id: j for j, job in enumerate(problem.jobs)}
    kinds: list[int] = []
    groups: list[list[int]] = []
    leave: list[int] = []
    prices = out_prices(problem)
    taken: set[int] = set()
    for shipment in problem.shipments:
        pair = [number[shipment.pickup], number[shipment.delivery]]
        kinds.append(PAIR)
        groups.append(pair)
        leave.append(prices[pair[0]] + prices[pair[1]])
        taken.update(pair)
    for group in problem.groups:
        jobs = [number[job] for job in group.jobs]
        kinds.append(CHOICE)
        groups.append(jobs)
        leave.append(max(prices[j] for j in jobs) if group.leave_price is None else group.leave_price)
        taken.update(jobs)
    for j in range(len(problem.jobs)):
        if j not in taken:
            kinds.append(SINGLE)
            groups.append([j])
            leave.append(prices[j])
    of = np.zeros(max(1, len(problem.jobs)), dtype=np.int64)
    for r, jobs in enumerate(groups):
        of[jobs] = r
    first = np.cumsum([0, *map(len, groups)])[:-1]
    ties, mates, foes, partners = _relations(problem, number)
    return Requests(
        np.array(kinds, dtype=np.int64),
        first.astype(np.int64),
        np.array([len(jobs) for jobs in groups], dtype=np.int64),
        np.array([j for jobs in groups for j in jobs], dtype=np.int64),
        np.array(leave, dtype=np.int64),
        of,
        *_rows(ties, len(problem.jobs)),
        *_rows(mates, len(problem.jobs)),
        *_rows(foes, len(problem.jobs)),
        *_rows(partners, len(problem.jobs)),
        _tolerances(problem, number),
        _near(problem, world),
        world.travel.transpose(0, 2, 1).copy(),
        world.metres.transpose(0, 2, 1).copy(),
    )


def _tolerances(problem: Problem, number: Mapping[str, int]) -> Ints:
    """By job, how far apart it and its partners may start."""
    found = np.zeros(max(1, len(problem.jobs)), dtype=np.int64)
    for relation in problem.relations:
        if relation.kind == "together":
            found[[number[job] for job in relation.jobs]] = relation.tolerance_s
    return found


type _Sets = dict[int, set[int]]


def _relations(problem: Problem, number: Mapping[str, int]) -> tuple[_Sets, _Sets, _Sets, _Sets]:
    ties: _Sets = defaultdict(set)
    mates: _Sets = defaultdict(set)
    foes: _Sets = defaultdict(set)
    partners: _Sets = defaultdict(set)
    for relation in problem.relations:
        jobs = {number[job] for job in relation.jobs}
        for j in jobs:
            others = jobs - {j}
            if relation.kind in ("same_route", "sequence", "direct"):
                mates[j] |= others
                ties[j] |= others
            else:
                foes[j] |= others
            if relation.kind == "together":
                partners[j] |= others
                ties[j] |= others
    return ties, mates, foes, partners


def _rows(sets: _Sets, jobs: int) -> tuple[Ints, Ints]:
    at = np.zeros(jobs + 1, dtype=np.int64)
    flat: list[int] = []
    for j in range(jobs):
        flat += sorted(sets.get(j, ()))
        at[j + 1] = len(flat)
    return np.array(flat, dtype=np.int64), at


def _near(problem: Problem, world: World, most: int = 120) -> Ints:
    """``(jobs, k)``: the jobs nearest in travel time, there and back, in the first vehicle's table."""
    jobs = len(problem.jobs)
    if jobs < 2:
        return np.zeros((max(1, jobs), 0), dtype=np.int64)
    places = np.array([job.place for job in problem.jobs], dtype=np.intp)
    k = min(most, jobs - 1)
    near = np.zeros((jobs, k), dtype=np.int64)
    table = world.travel[0]
    for begin in range(0, jobs, 1024):
        rows = slice(begin, min(begin + 1024, jobs))
        there = table[np.ix_(places[rows], places)].astype(np.int64)
        back = table[np.ix_(places, places[rows])].T.astype(np.int64)
        both = np.minimum(there, UNREACHABLE) + np.minimum(back, UNREACHABLE)
        both[np.arange(rows.stop - begin), np.arange(begin, rows.stop)] = 4 * UNREACHABLE
        part = np.argpartition(both, k - 1, axis=1)[:, :k]
        order = np.argsort(np.take_along_axis(both, part, axis=1), axis=1, kind="stable")
        near[rows] = np.take_along_axis(part, order, axis=1)
    return near
