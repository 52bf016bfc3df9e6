"""What every rule file declares about itself: a rule is told to the model, and held by the schedule walker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the planner.

    ``number``: its place in the list of rules (``docs/planning.md``). ``kind``: ``dial`` is kept or broken, under
    ``codes``, as ``Problem.dials`` has each of them: off, soft at a price, or hard; ``weight`` is cents in
    ``costs``; ``fact`` belongs to the arithmetic of times, without a dial; ``function`` is asked, by ``api``.

    ``codes``: violation codes that are this rule's own. ``see``: codes of other rules under which it shows.
    ``fields``: where the model is told. ``costs``: components of ``solution.Cost``. ``api``: functions, as
    modules of this package. ``pyvrp``, ``ortools``, ``search``: how each engine holds it.
    """

    name: str
    number: int
    kind: Literal["dial", "weight", "fact", "function"]
    meaning: str
    pyvrp: str
    ortools: str = "not stated"
    search: str = "walked and judged by the kernel, place by place"
    codes: tuple[str, ...] = ()
    see: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    costs: tuple[str, ...] = ()
    api: tuple[str, ...] = ()
