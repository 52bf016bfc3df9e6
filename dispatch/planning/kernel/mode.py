"""Where a walk begins: at the vehicle's start, or in the middle of a route that is on the road."""

from __future__ import annotations

import numpy as np

from .world import Ints

RUNNING, FROM_PLACE, FIRST_S, FIRST_M, PRIOR_KEY, TAKEN = range(6)
"""``TAKEN``: bits of the vehicle's breaks that are behind it. ``FIRST_S``: -1, or seconds to the first stop."""


def whole_route() -> Ints:
    """The walk of a whole route."""
    return np.array([0, -1, -1, 0, -1, 0], dtype=np.int64)


def on_the_road(place: int, first_s: int, first_m: int, prior_key: int, taken: int) -> Ints:
    """The rest of a route."""
    return np.array([1, place, first_s, first_m, prior_key, taken], dtype=np.int64)
