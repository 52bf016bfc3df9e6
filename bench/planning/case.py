"""What is measured: a problem with a name, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dispatch.planning.model import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One problem. ``best_known``: of the literature, in cents like ours, with so many vehicles. ``matrix_s``: how long
    its matrix took.
    """

    name: str
    problem: Problem
    best_known: float | None = None
    best_vehicles: int | None = None
    matrix_s: float | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """A case that is made only when its turn comes."""

    name: str
    make: Callable[[], Case]
