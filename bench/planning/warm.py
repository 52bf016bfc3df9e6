"""Compiled code is loaded, or made, before anything is measured."""

from __future__ import annotations

import time

import numpy as np

from dispatch.planning.model import Matrix, Problem

from .days import order, van
from .peers import PEERS
from .variants import VARIANTS


def warm_up() -> float:
    """Plan a tiny day with every rule once; seconds it took."""
    began = time.perf_counter()
    dice = np.random.default_rng(0)
    spots = dice.integers(0, 3000, (25, 2))
    ways = np.abs(spots[:, None] - spots[None]).sum(axis=2).astype(np.int32)
    jobs = tuple(order(dice, place) for place in range(1, 25))
    fleet = tuple(van(number) for number in range(6))
    plain = Problem(jobs, fleet, {"van": Matrix((ways // 8).astype(np.int32), ways)})
    for change in (lambda problem: problem, *VARIANTS.values()):
        PEERS["ours"](change(plain), 0.5, 1)
    return time.perf_counter() - began
