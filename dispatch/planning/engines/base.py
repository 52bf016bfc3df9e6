"""What every engine is: it looks at a problem and reports plans; it decides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ..model import Plan, Problem

type Report = Callable[[Plan], None]
type Cancelled = Callable[[], bool]


CEILING_S = 600.0
"""No engine runs longer, whatever its limit: a backstop, not a limit to plan with."""


@dataclass(frozen=True, slots=True)
class Limit:
    """When to stop: after ``time_s`` seconds or ``iterations``, whichever comes first; ``None`` is no limit.

    Only iteration limits give the same result every time.
    """

    time_s: float | None = None
    iterations: int | None = None

    @property
    def repeatable(self) -> bool:
        """Whether the clock plays no part."""
        return self.time_s is None

    @property
    def latest_s(self) -> float:
        """Seconds after which the engine stops in any case."""
        return CEILING_S if self.time_s is None else min(self.time_s, CEILING_S)


class Engine(Protocol):
    """A search. Reported plans need not keep every rule: the portfolio repairs, prices and verifies them."""

    name: str

    def run(
        self,
        problem: Problem,
        *,
        limit: Limit,
        seed: int,
        start: Plan | None,
        report: Report,
        cancelled: Cancelled,
    ) -> None:
        """Search until the limit or until ``cancelled()``; ``report`` better plans, the best one last."""
        ...
