"""Build the machine code of walker and search ahead of the first plan: ``python -m dispatch.planning.warm``.

The first build takes a minute and is kept beside the sources; afterwards this is a matter of seconds. Without it
whoever asks for the first plan after an installation would wait for it.
"""

from __future__ import annotations

import sys
import time

import numpy as np

from .evaluate import evaluate, walk
from .model import Break, Job, Matrix, Problem, Vehicle, Window
from .search.hunt import Hunt
from .slots import slots


def main() -> None:
    """Walk and search a plan of three jobs; say how long the build took where it took long."""
    began = time.perf_counter()
    warm_up()
    took = time.perf_counter() - began
    if took > 10:
        print(f"The planner's machine code was built in {took:.0f} s.", file=sys.stderr)


def load_walker() -> None:
    """Load what walks single routes, without the search: a quarter of a second that nobody's first drag waits for."""
    problem = _small()
    evaluate(problem, {"van": ("job 1", "job 2")})


def _small() -> Problem:
    table = np.array([[0, 60, 60, 60], [60, 0, 60, 60], [60, 60, 0, 60], [60, 60, 60, 0]], dtype=np.int32)
    pause = Break("rest", 60, (Window(0, 3600),))
    van = Vehicle("van", 0, 0, shift=Window(0, 7200), breaks=(pause,), fixed_cost=10)
    jobs = tuple(Job(f"job {place}", place, windows=(Window(0, 5400),)) for place in (1, 2, 3))
    return Problem(jobs, (van,), {"van": Matrix(table, table)})


def warm_up() -> None:
    """Call everything compiled once."""
    problem = _small()
    plan = {"van": ("job 1", "job 2")}
    evaluate(problem, plan)
    walk(problem, "van", ("job 3",), now=600, at=2, after="job 2")
    hunt = Hunt(problem, plan)
    hunt.fill()
    hunt.anneal(2, 1.0, 1.0, 2)
    slots(problem, plan, "job 3", [Window(0, 5400)])


if __name__ == "__main__":
    main()
