"""What a search tells while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .solution import Solution


@dataclass(frozen=True, slots=True)
class Progress:
    """A new best plan: seconds since the start, its cost in cents, who found it, and itself (verified)."""

    elapsed_s: float
    cost: int
    engine: str
    solution: Solution


type OnProgress = Callable[[Progress], None]
