"""What every rule file declares about itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``codes`` are its violations, ``pyvrp`` and ``ortools`` how the engines hold it."""

    name: str
    meaning: str
    codes: tuple[str, ...]
    pyvrp: str
    ortools: str
