"""The sets by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path

from dispatch.planning.model import Problem

from .case import Case, Recipe
from .days import day, paid_by_driving
from .literature import FOLDERS, recipes
from .streets import Streets
from .variants import VARIANTS

SIZES, QUICK_SIZES = (60, 200, 500, 1000), (60, 200, 500, 1000)
RICH_SIZES, QUICK_RICH_SIZES = (60, 200, 500), (60, 200)
SEEDS, QUICK_SEEDS = (1, 2, 3), (1,)
PLAIN: dict[str, Callable[[Problem], Problem] | None] = {"city": None, "driving": paid_by_driving}
NAMES = (*FOLDERS, *PLAIN, *VARIANTS)


@dataclass
class Library:
    """Where cases come from. ``work``: a folder of ours for the city's dataset."""

    data: Path
    work: Path
    quick: bool
    fewest_vehicles: bool

    @cached_property
    def streets(self) -> Streets:
        return Streets(self.data, self.work)

    def of(self, name: str, wanted: Sequence[str] = ()) -> list[Recipe]:
        """The cases of one set; ``wanted`` are their names or beginnings of them."""
        if name in FOLDERS:
            every = recipes(
                self.data, name, quick=self.quick and not wanted, fewest_vehicles=self.fewest_vehicles
            )
        else:
            every = self._days(name)
        return [r for r in every if not wanted or any(r.name.lower().startswith(w.lower()) for w in wanted)]

    def _days(self, name: str) -> list[Recipe]:
        sizes, quick = (SIZES, QUICK_SIZES) if name in PLAIN else (RICH_SIZES, QUICK_RICH_SIZES)
        seeds = QUICK_SEEDS if self.quick else SEEDS
        change = (PLAIN | VARIANTS)[name]
        return [
            Recipe(f"{n}-{seed}", partial(self._day, n, seed, change))
            for n in (quick if self.quick else sizes)
            for seed in seeds
        ]

    def _day(self, orders: int, seed: int, change: Callable[[Problem], Problem] | None) -> Case:
        case = day(self.streets, orders, seed)
        return case if change is None else replace(case, problem=change(case.problem))
