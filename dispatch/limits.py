"""How often the costly and the open doors of dispatch may be used: one row each; the wall clock counts."""

from dataclasses import dataclass
from datetime import datetime

from lastmile import limits


@dataclass(frozen=True, slots=True)
class Limit:
    """So many turns in so many seconds for each key."""

    amount: int
    per_s: int


MINUTE, HOUR = 60, 3600
LIMITS = {
    "optimize": Limit(6, MINUTE),  # by user: each takes a solver for up to two minutes
    "imports": Limit(10, HOUR),  # by user: a file of 20 MB is kept and read
    "api": Limit(600, MINUTE),  # by shop token
    "bulk": Limit(60, MINUTE),  # by shop token: a thousand orders each
    "stranger": Limit(60, MINUTE),  # by address, without a session or a good token
}


def spend(name: str, key: object, *, at: datetime) -> None:
    """Use one turn. Raises LastmileError ``too_many`` (429, the answer says when to come again)."""
    limit = LIMITS[name]
    limits.take(name, str(key), amount=limit.amount, per_s=limit.per_s, at=at)
