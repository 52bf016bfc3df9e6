"""Solomon, Homberger, and Li and Lim, with the best that anybody found."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dispatch.planning.formats.benchmark import Convention, Instance
from dispatch.planning.formats.lilim import read_lilim
from dispatch.planning.formats.solomon import read_solomon

from .case import Case, Recipe

type Reader = Callable[[str, Convention | None], Instance]

FOLDERS: dict[str, tuple[str, Reader]] = {
    "solomon": ("vrptw/solomon", read_solomon),
    "homberger200": ("vrptw/homberger_200", read_solomon),
    "homberger1000": ("vrptw/homberger_1000", read_solomon),
    "lilim": ("pdptw/li_lim_100", read_lilim),
}

QUICK = {
    "solomon": ("C103", "R101", "R203", "RC104", "RC208"),
    "homberger200": ("c1_2_4", "r1_2_9", "r2_2_6", "rc1_2_5", "rc2_2_7"),
    "homberger1000": ("c1_10_2", "r1_10_2", "rc1_10_10", "r2_10_1"),
    "lilim": ("lc103", "lr103", "lr205", "lrc104", "lrc204"),
}


def recipes(data: Path, name: str, *, quick: bool, fewest_vehicles: bool) -> list[Recipe]:
    """The cases of one set, in order of their names."""
    folder, reader = FOLDERS[name]
    paths = {path.stem: path for path in sorted((data / folder).glob("*.txt"))}
    chosen = [stem for stem in QUICK[name] if stem in paths] if quick else list(paths)
    known = json.loads((data / folder).parent.joinpath("BKS.json").read_text())
    convention = Convention(fewest_vehicles=fewest_vehicles)
    return [Recipe(stem, partial(_read, paths[stem], reader, convention, known)) for stem in chosen]


def _read(path: Path, reader: Reader, convention: Convention, known: dict[str, dict[str, float]]) -> Case:
    instance = reader(path.read_text(), convention)
    keys = [path.stem] if convention.fewest_vehicles else [f"{path.stem}_distance", path.stem]
    best = next((known[key] for key in keys if key in known), None)
    if best is None:
        return Case(path.stem, instance.problem)
    vehicles = int(best["solved_with_vehicles"])
    price = instance.problem.vehicles[0].fixed_cost
    cost = best["best_known_cost"] * convention.scale + price * vehicles
    return Case(path.stem, instance.problem, cost, vehicles)
