"""Large days: ``python -m bench.planning.parts``. Thousands of stops cut into parts, on a drawn city and on streets.

Prints wall time, the most memory that all processes had at once, and the plan's cost after the first plan of each
part, after each round and at the end. Up to 3,000 stops the portfolio searches the same day in the same seconds.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil, cos, radians
from pathlib import Path

import numpy as np
import psutil

from dispatch.planning.model import UNREACHABLE, Job, Matrix, Problem
from dispatch.planning.parts import Ways, solve_parts
from dispatch.planning.parts.crew import Crew
from dispatch.planning.parts.rounds import SIZE
from dispatch.planning.parts.ways import Places
from dispatch.planning.program import SolverProgram
from dispatch.planning.progress import Progress
from dispatch.roads.base import UNREACHABLE as NO_WAY
from dispatch.roads.base import Floats, Profile

from .days import order, van
from .streets import SPARE, Streets

STOPS_PER_VAN = 50
METRES_PER_DEGREE = 111_320
DETOUR, METRES_PER_S = 1.35, 7.0
COMPARED_TO = 3000
WATCH_S = 0.25


@dataclass(frozen=True, eq=False)
class Drawn:
    """A city that is not there: ways as the crow flies with a detour. ``points``: ``(n, 2)`` metres."""

    points: Floats

    def block(self, origins: Places, destinations: Places) -> Mapping[str, Matrix]:
        """See ``Ways.block``."""
        apart = self.points[origins][:, None] - self.points[destinations][None]
        metres = DETOUR * np.hypot(apart[..., 0], apart[..., 1])
        seconds = np.rint(metres / METRES_PER_S).astype(np.int32)
        return {"van": Matrix(seconds, np.rint(metres).astype(np.int32))}


@dataclass(frozen=True, eq=False)
class Driven:
    """Ways along the streets, asked for when they are needed. ``points``: ``(n, 2)`` latitude, longitude."""

    streets: Streets
    points: Floats

    def block(self, origins: Places, destinations: Places) -> Mapping[str, Matrix]:
        """See ``Ways.block``."""
        own, at = np.unique(np.r_[origins, destinations], return_inverse=True)
        rows, columns = at[: len(origins)], at[len(origins) :]
        ways = self.streets.roads.matrix(self.points[own], Profile.VAN, sources=rows, destinations=columns)
        gone = ways.durations >= NO_WAY
        durations = np.where(gone, UNREACHABLE, ways.durations).astype(np.int32)
        return {"van": Matrix(durations, np.where(gone, 0, ways.distances).astype(np.int32))}


def drawn(stops: int, seed: int) -> tuple[Problem, Ways]:
    """A third of the stops strewn over 30 km, the others around twelve centres; the station at the edge."""
    dice = np.random.default_rng(seed)
    centres = dice.uniform(4000, 26000, (12, 2))
    near = centres[dice.integers(0, 12, stops)] + dice.normal(0, 1500, (stops, 2))
    wide = dice.uniform(0, 30000, (stops, 2))
    spots = np.where(dice.random((stops, 1)) < 1 / 3, wide, near)
    points = np.vstack([[0.0, 15000.0], spots])
    return day(points, stops, seed), Drawn(points)


def driven(streets: Streets, stops: int, seed: int) -> tuple[Problem, Ways]:
    """Addresses of Copenhagen, a few more at a door where there are not enough; the station at the city's edge."""
    dice = np.random.default_rng(seed)
    known = streets.addresses
    edge = int(known[:, 1].argmin())
    reached = Driven(streets, known)
    every = np.arange(len(known), dtype=np.intp)
    home = every[edge : edge + 1]
    out, back = (reached.block(*pair)["van"].durations for pair in ((home, every), (every, home)))
    good = np.flatnonzero((out.ravel() < UNREACHABLE) & (back.ravel() < UNREACHABLE))
    drawn = dice.choice(good, stops, replace=len(good) < stops * SPARE)
    points = known[np.r_[edge, drawn]]
    metres = (points - points[0]) * METRES_PER_DEGREE * [1, cos(radians(points[0, 0]))]
    return day(metres[:, ::-1], stops, seed), Driven(streets, points)


def day(metres: Floats, stops: int, seed: int) -> Problem:
    """Parcels, quicker than the orders of other days: a van for fifty of them, half as many windows."""
    dice = np.random.default_rng(seed)
    jobs = tuple(parcel(order(dice, place), dice) for place in range(1, stops + 1))
    fleet = tuple(replace(van(number), capacity=(250,)) for number in range(ceil(stops / STOPS_PER_VAN)))
    return Problem(jobs, fleet, {}, ("crates",), points=np.rint(metres).astype(np.int32))


def parcel(job: Job, dice: np.random.Generator) -> Job:
    """A minute or two at the door; half of the windows stay."""
    windows = job.windows if dice.random() < 1 / 2 else ()
    return replace(job, windows=windows, service_s=int(dice.integers(60, 150)), setup_s=30)


class Memory:
    """The most that this process and all below it held at once."""

    def __init__(self) -> None:
        self.most, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        me = psutil.Process()
        while not self._over.wait(WATCH_S):
            self.most = max(self.most, sum(_held(each) for each in [me, *me.children(recursive=True)]))


def _held(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        prog="bench.planning.parts", description="Days too large for one search."
    )
    parser.add_argument("--stops", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=240.0)
    parser.add_argument("--size", type=int, default=SIZE, help="jobs to a part")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cities", nargs="+", choices=("drawn", "streets"), default=("drawn", "streets"))
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("LASTMILE_DATA"), help="default: $LASTMILE_DATA"
    )
    said = parser.parse_args()
    for city in said.cities:
        if city == "drawn":
            _report(city, *drawn(said.stops, said.seed), said)
        elif said.data is None:
            print("streets: skipped, LASTMILE_DATA is not set")
        else:
            with tempfile.TemporaryDirectory() as folder:
                _report(city, *driven(Streets(said.data, Path(folder)), said.stops, said.seed), said)


def _report(city: str, problem: Problem, ways: Ways, said: argparse.Namespace) -> None:
    print(f"{city}: {len(problem.jobs)} stops, {len(problem.vehicles)} vans, {said.seconds:g} s", flush=True)
    with Memory() as memory, Crew(ways, said.workers) as crew:
        crew.wait_ready()
        began = time.perf_counter()
        solution = solve_parts(
            problem, ways, crew.run_all, workers=said.workers, size=said.size, seed=said.seed,
            time_limit_s=said.seconds, on_progress=_tell,
        )  # fmt: skip
        took = time.perf_counter() - began
    left = len(solution.unassigned)
    print(
        f"  parts      {took:6.1f} s  {memory.most / 2**30:.2f} GiB  cost {solution.cost.total / 100:12,.2f}"
        f"  {len(solution.routes)} routes  {left} left out  {crew.lost} lost",
        flush=True,
    )
    if len(problem.jobs) <= COMPARED_TO:
        _portfolio(problem, ways, said)


def _tell(progress: Progress) -> None:
    left = len(progress.solution.unassigned)
    print(f"    {progress.elapsed_s:6.1f} s  {progress.cost / 100:12,.2f}  {left} left out", flush=True)


def _portfolio(problem: Problem, ways: Ways, said: argparse.Namespace) -> None:
    every = np.arange(len(problem.jobs) + 1, dtype=np.intp)
    whole = replace(problem, matrices=ways.block(every, every))
    with SolverProgram() as program:
        began = time.perf_counter()
        solution = program.solve(whole, time_limit_s=said.seconds, seed=said.seed)
    print(f"  portfolio  {time.perf_counter() - began:6.1f} s  cost {solution.cost.total / 100:12,.2f}")


if __name__ == "__main__":
    main()
