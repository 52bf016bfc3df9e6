"""The dial of a rule: off, soft at a price, or hard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Dial:
    """How one violation code is meant.

    ``off``: the planner does not look. ``hard``: a plan that breaks it is refused. ``soft``: every breach costs
    ``price`` cents per unit of its amount, each breach rounded up to a whole cent. The unit belongs to the code
    (``rules/codes.py``): a minute for times, a kilometre for distances, one for counts and loads.
    """

    kind: Literal["off", "soft", "hard"]
    price: int = 0


OFF, HARD = Dial("off"), Dial("hard")


def soft(price: int) -> Dial:
    """A soft dial: cents per unit."""
    return Dial("soft", price)
