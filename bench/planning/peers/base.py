"""What a peer gives back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dispatch.planning.model import Plan, Problem


@dataclass(frozen=True, slots=True)
class Answer:
    """``plan``: ``None`` if it found none. ``first_s``: when the first verified plan was there, where that is known.
    ``trail``: (seconds, cents) of every better plan. ``engine``: who found the best one.
    """

    plan: Plan | None
    first_s: float | None = None
    trail: tuple[tuple[float, int], ...] = ()
    engine: str = ""


type Peer = Callable[[Problem, float, int], Answer]
"""Of the problem, the seconds and the seed."""


class CannotStateError(Exception):
    """The peer has no words for a rule without which its plan means nothing."""
