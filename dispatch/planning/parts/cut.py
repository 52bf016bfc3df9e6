"""Dealing a problem into parts that lie side by side, each with the vehicles that its jobs ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from ..model import Plan, Problem
from .deal import Hand
from .layout import Spots
from .ties import Bundle, bundles

type Floats = NDArray[np.float64]

_TURN = pi * (3 - 5**0.5)
"""The golden angle: directions that follow each other by it are spread evenly, however many there are."""


@dataclass(frozen=True, slots=True)
class Part:
    """Numbers of jobs and of vehicles of the whole problem, in ascending order."""

    jobs: tuple[int, ...]
    vehicles: tuple[int, ...]


def parts_for(problem: Problem, size: int, workers: int) -> int:
    """How many parts of about ``size`` jobs: all workers busy, a vehicle for each part, and of a depot with few
    docks one dock for each.
    """
    wanted = workers * max(1, round(len(problem.jobs) / (size * workers)))
    docks = [depot.docks for depot in problem.depots if depot.docks is not None and depot.load_s]
    return max(1, min([wanted, len(problem.vehicles), *docks]))


def cut(
    problem: Problem, spots: Spots, count: int, *, plan: Plan | None = None, turn: int = 0
) -> tuple[Part, ...]:
    """At most so many parts: every job and every vehicle in exactly one, what is tied together in one (``ties``).

    Without a plan jobs are cut by their angle around the middle of the stations, into sectors of equally many.
    With a plan whole routes are, by their centres: in halves, and these again across, along a direction that is
    another one each ``turn``, so that new parts lie across the seams of those before. Vehicles without a job are
    dealt by what the jobs of a part ask of them and when: who may serve them, hours, or the load that is scarcest.
    """
    groups = bundles(problem, plan)
    busy = [bundle for bundle in groups if bundle.jobs]
    fixed, loose = [b for b in busy if b.vehicles], [b for b in busy if not b.vehicles]
    places = np.array([job.place for job in problem.jobs], dtype=np.intp)
    centres = {bundle: spots[places[list(bundle.jobs)]].mean(axis=0) for bundle in busy}
    if plan:
        shares = _halves(fixed or loose, centres, min(count, len(fixed or loose)), turn * _TURN)
        if fixed:
            shares = _join_nearest(shares, loose, centres)
    else:
        shares = _sectors(busy, _angles(problem, spots, [centres[b] for b in busy]), count, turn)
    hand = Hand(problem, shares)
    hand.send_home(centres)
    return tuple(
        Part(
            tuple(sorted(job for bundle in share for job in bundle.jobs)),
            tuple(sorted([v for bundle in share for v in bundle.vehicles] + spare)),
        )
        for share, spare in zip(hand.shares, hand.deal([b for b in groups if not b.jobs]), strict=True)
        if share or spare
    )


def _angles(problem: Problem, spots: Spots, centres: Sequence[Floats]) -> Floats:
    starts = [v.start for v in problem.vehicles if v.start is not None]
    middle = spots[starts].mean(axis=0) if starts else np.mean(centres, axis=0) if centres else np.zeros(2)
    away = np.array(centres).reshape(-1, 2) - middle
    found: Floats = np.arctan2(away[:, 1], away[:, 0])
    return found


def _sectors(bundles: Sequence[Bundle], angles: Floats, count: int, turn: int) -> list[list[Bundle]]:
    """Equal sectors, beginning after the widest gap, or a piece of a sector farther each turn."""
    if not bundles:
        return [[] for _ in range(count)]
    order = np.argsort(angles, kind="stable")
    gaps = np.diff(angles[order], append=angles[order[0]] + 2 * pi)
    order = np.roll(order, -int(gaps.argmax()) - 1)
    sizes = np.array([len(bundles[k].jobs) for k in order.tolist()])
    order = np.roll(order, -(turn * len(order) // (2 * count)) % max(1, len(order)))
    middles = np.cumsum(sizes) - sizes / 2
    sector = np.minimum(count - 1, (middles * count / sizes.sum()).astype(int))
    shares: list[list[Bundle]] = [[] for _ in range(count)]
    for k, at in zip(order.tolist(), sector.tolist(), strict=True):
        shares[at].append(bundles[k])
    return shares


def _halves(
    bundles: Sequence[Bundle], centres: dict[Bundle, Floats], count: int, angle: float
) -> list[list[Bundle]]:
    """Cut across a direction so that both sides get their share of the jobs, and each side again across that."""
    if count <= 1 or len(bundles) <= 1:
        return [list(bundles)]
    way = np.array([cos(angle), sin(angle)])
    ranked = sorted(bundles, key=lambda b: (float(centres[b] @ way), b.jobs[0]))
    left = count // 2
    wanted = sum(len(b.jobs) for b in ranked) * left / count
    at, jobs = 0, 0
    while at < len(ranked) - 1 and (at == 0 or jobs + len(ranked[at].jobs) / 2 <= wanted):
        jobs += len(ranked[at].jobs)
        at += 1
    sides = (ranked[:at], left), (ranked[at:], count - left)
    return [half for side, share in sides for half in _halves(side, centres, share, angle + pi / 2)]


def _join_nearest(
    shares: list[list[Bundle]], loose: Sequence[Bundle], centres: dict[Bundle, Floats]
) -> list[list[Bundle]]:
    """Jobs that no route has go where the nearest route is."""
    owner = [k for k, share in enumerate(shares) for _ in share]
    middles = np.array([centres[bundle] for share in shares for bundle in share])
    joined = [list(share) for share in shares]
    for bundle in loose:
        nearest = ((middles - centres[bundle]) ** 2).sum(axis=1).argmin()
        joined[owner[int(nearest)]].append(bundle)
    return joined
