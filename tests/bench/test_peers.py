"""The peers of the planning bench that every installation has: a day that each of them can plan is planned by each."""

from dataclasses import replace

import numpy as np
import pytest

from bench.planning.case import Case
from bench.planning.days import order, van, with_breaks
from bench.planning.judge import run
from bench.planning.peers import peer_of
from bench.planning.variants import apart, related, soft
from dispatch.planning.model import Matrix, Problem

ORDERS = 12


def day() -> Problem:
    dice = np.random.default_rng(2)
    spots = dice.integers(0, 4_000, (ORDERS + 1, 2))
    metres = np.abs(spots[:, None] - spots[None, :]).sum(axis=2).astype(np.int32)
    jobs = tuple(order(dice, place) for place in range(1, ORDERS + 1))
    return Problem(jobs, tuple(map(van, range(3))), {"van": Matrix(metres // 8, metres)}, ("crates",))


@pytest.mark.parametrize(
    ("peer", "change"),
    [
        ("ours", None),
        ("pyvrp", None),
        ("ortools", None),
        *((peer, change) for peer in ("ours", "ortools") for change in (with_breaks, soft, related, apart)),
    ],
)
def test_a_peer_plans_a_day(peer, change):
    """Its plan is priced by our walker and breaks no rule by our checker."""
    case = Case("day", day())
    row = run(
        "city",
        replace(case, problem=change(case.problem)) if change else case,
        peer,
        peer_of(peer),
        seconds=1,
        seed=1,
    )
    assert row.counts, row.broken
    assert row.left_out == 0
