"""Python's hand on the compiled walker: one problem, one set of arrays to work in. One thread at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..model import Problem
from .mode import whole_route
from .pack import pack
from .trace import COST_SUM, HARD_SUM, Trace, new_trace, refer_trace
from .walk import walk
from .world import Ints, World, refer


class Walker:
    """Walks routes of one problem; ``trace`` holds what was found out about the last one."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.world: World = pack(problem)
        self.ref = refer(self.world)
        self.whole = whole_route()
        self.trace: Trace
        self._room(64)

    def _room(self, items: int) -> None:
        self.longest = items
        self.trace = new_trace(self.world, items)
        self._trace_ref = refer_trace(self.trace)

    def walk(
        self,
        v: int,
        items: Sequence[int] | Ints,
        *,
        departure: int = -1,
        mode: Ints | None = None,
        thorough: bool = True,
    ) -> int:
        """The cost in cents of vehicle number ``v`` with these item numbers; see ``kernel.walk.walk``."""
        seq = np.asarray(items, dtype=np.int64)
        if len(seq) > self.longest:
            self._room(2 * len(seq))
        where = self.whole if mode is None else mode
        return int(walk(self.ref, v, seq, len(seq), departure, where, thorough, self._trace_ref))

    @property
    def hard(self) -> int:
        """How badly the route just walked breaks hard rules; 0 is a clean one."""
        return int(self.trace.sums[HARD_SUM])

    @property
    def cost(self) -> int:
        """Cents of the route just walked."""
        return int(self.trace.sums[COST_SUM])
