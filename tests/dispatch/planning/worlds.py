"""Small named problems whose numbers can be checked by hand, and a larger one made by dice."""

from __future__ import annotations

from typing import Any

import numpy as np

from dispatch.planning.model import Job, Matrix, Problem, Vehicle, Window

HOUR = 3600
DAY_SHIFT = Window(8 * HOUR, 18 * HOUR)


def line_matrix(size: int) -> Matrix:
    """Places along a road, 1 km and 60 s apart: from i to j it is |i - j| minutes and kilometres."""
    steps = np.abs(np.arange(size)[:, None] - np.arange(size)[None, :])
    return Matrix((steps * 60).astype(np.int32), (steps * 1000).astype(np.int32))


def van(name: str = "van", **changes: Any) -> Vehicle:
    """A van at place 0 for the day: 10.00 once, 0.50 a km, 36.00 an hour (1 cent a second)."""
    terms: dict[str, Any] = {
        "start": 0, "end": 0, "shift": DAY_SHIFT, "fixed_cost": 1000, "cost_per_km": 50, "cost_per_hour": 3600,
    }  # fmt: skip
    return Vehicle(name, **{**terms, **changes})


def line(jobs: list[Job], vehicles: list[Vehicle] | None = None, size: int = 10) -> Problem:
    """A problem on the road of ``line_matrix``; one default van unless vehicles are given."""
    fleet = [van()] if vehicles is None else vehicles
    return Problem(tuple(jobs), tuple(fleet), {"van": line_matrix(size)}, ("kg",))


def town(jobs: int, vans: int, seed: int = 1, **changes: Any) -> Problem:
    """Addresses strewn over 15 km, half of them with a two-hour window, parcels of 1 to 8 kg, vans of 100
    kg.
    """
    dice = np.random.default_rng(seed)
    spots = dice.uniform(0, 15_000, (jobs + 1, 2))
    metres = np.rint(np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))).astype(np.int32)
    work = []
    for i in range(jobs):
        opens = int(dice.integers(8, 16)) * HOUR
        windows = (Window(opens, opens + 2 * HOUR),) if dice.random() < 0.5 else ()
        load = (int(dice.integers(1, 9)),)
        work.append(Job(f"j{i}", i + 1, windows=windows, service_s=150, setup_s=60, delivery=load))
    fleet = [van(f"v{k}", **{"capacity": (100,), **changes}) for k in range(vans)]
    return Problem(
        tuple(work), tuple(fleet), {"van": Matrix((metres // 9).astype(np.int32), metres)}, ("kg",)
    )
