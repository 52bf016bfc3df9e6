"""Plan quality against plain PyVRP, same problems, same seconds: ``python -m bench.planning [--seconds 1 5]``.

Problems: Solomon files under ``$LASTMILE_DATA/vrptw/solomon`` where the variable is set, and made ones. Plain PyVRP
sees every job as required and no breaks; its routes are priced by our walker.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from pyvrp import Client, solve
from pyvrp.stop import MaxRuntime

from dispatch.planning.engines import portfolio
from dispatch.planning.engines.pyvrp_data import from_pyvrp, state
from dispatch.planning.evaluate import evaluate
from dispatch.planning.model import Break, Job, Matrix, Problem, Vehicle, Window
from dispatch.planning.progress import Progress
from dispatch.planning.verify import verify

SOLOMON = ("c101", "r101", "r201", "rc101", "rc208")
LUNCH = (Break("lunch", 1800, (Window(12 * 3600, 13 * 3600),)),)


def made(jobs: int, vans: int, *, breaks: bool = False) -> Problem:
    """Addresses over 20 km, half with a two-hour window; the day of ``jobs`` orders."""
    dice = np.random.default_rng(jobs)
    spots = dice.uniform(0, 20_000, (jobs + 1, 2))
    metres = np.rint(np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))).astype(np.int32)
    work = []
    for i in range(jobs):
        opens = int(dice.integers(8, 16)) * 3600
        windows = (Window(opens, opens + 7200),) if dice.random() < 0.5 else ()
        work.append(Job(f"{i}", i + 1, windows, 180, 60, delivery=(int(dice.integers(1, 9)),)))
    van = Vehicle(
        "v", 0, 0, Window(28_800, 64_800), None, (120,), fixed_cost=3000, cost_per_km=30, cost_per_hour=2400
    )
    fleet = tuple(replace(van, id=f"v{k}", breaks=LUNCH if breaks else ()) for k in range(vans))
    return Problem(tuple(work), fleet, {"van": Matrix((metres / 9).astype(np.int32), metres)})


def solomon(path: Path) -> Problem:
    """A Solomon file; distances are times 10 and cut, as is usual, and the cost is the distance."""
    rows = [
        [int(x) for x in line.split()] for line in path.read_text().splitlines() if line.strip()[:1].isdigit()
    ]
    count, capacity = rows[0]
    table = np.array(rows[1:])
    spots = table[:, 1:3].astype(float)
    ways = (np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1)) * 10).astype(np.int32)
    jobs = tuple(
        Job(str(n), n, (Window(a * 10, b * 10),), stay * 10, delivery=(load,))
        for n, _, _, load, a, b, stay in rows[2:]
    )
    shift = Window(rows[1][4] * 10, rows[1][5] * 10)
    fleet = tuple(Vehicle(f"v{k}", 0, 0, shift, None, (capacity,), cost_per_km=1000) for k in range(count))
    return Problem(jobs, fleet, {"van": Matrix(ways, ways)})


def problems() -> Iterator[tuple[str, Problem]]:
    """What is measured."""
    folder = os.environ.get("LASTMILE_DATA")
    for name in SOLOMON if folder else ():
        for path in sorted(Path(folder or "", "vrptw", "solomon").rglob("*.txt")):
            if path.stem.lower() == name:
                yield name, solomon(path)
    yield "made 200", made(200, 15)
    yield "made 200 breaks", made(200, 15, breaks=True)
    yield "made 300 breaks", made(300, 22, breaks=True)
    yield "made 500", made(500, 35)
    yield "made 1000 breaks", made(1000, 70, breaks=True)


def plain_pyvrp(problem: Problem, seconds: float) -> int | None:
    """Cents of plain PyVRP's plan, every job required; ``None`` if it found none that keeps its rules."""
    bare = replace(problem, vehicles=tuple(replace(v, breaks=()) for v in problem.vehicles))
    statement = state(bare)
    if statement is None:
        return None
    clients = [_required(client) for client in statement.data.clients()]
    statement.data = statement.data.replace(clients=clients)
    result = solve(statement.data, MaxRuntime(seconds), seed=1, collect_stats=False)
    if not result.best.is_feasible():
        return None
    return evaluate(bare, from_pyvrp(bare, statement, result.best, None)).cost.total


def _required(client: Client) -> Client:
    return Client(
        client.location, client.delivery, client.pickup, client.service_duration, client.tw_early, client.tw_late,
        client.release_time, 0, True,
    )  # fmt: skip


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="bench.planning")
    parser.add_argument("--seconds", type=float, nargs="+", default=[1.0, 5.0])
    options = parser.parse_args()
    print(
        f"{'problem':<18}{'s':>6}{'first plan cpu s':>18}{'ours':>11}{'left':>6}{'plain PyVRP':>13}{'ratio':>8}"
    )
    for name, problem in problems():
        for seconds in options.seconds:
            seen: list[Progress] = []
            first_cpu: list[float] = []

            def note(progress: Progress, seen: list[Progress] = seen, cpu: list[float] = first_cpu) -> None:
                seen.append(progress)
                cpu.append(time.process_time())

            began, cpu = time.perf_counter(), time.process_time()
            ours = portfolio.solve(problem, time_limit_s=seconds, seed=1, on_progress=note)
            took = time.perf_counter() - began
            assert not verify(problem, ours), "an unverified plan"
            plain = plain_pyvrp(problem, seconds)
            ratio = "" if plain is None else f"{ours.cost.total / plain:8.3f}"
            print(
                f"{name:<18}{took:>6.1f}{first_cpu[0] - cpu:>18.3f}{ours.cost.total:>11}{len(ours.unassigned):>6}"
                f"{plain if plain is not None else 'none':>13}{ratio}",
                flush=True,
            )


if __name__ == "__main__":
    main()
