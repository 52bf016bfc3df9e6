"""What the text formats of the literature have in common: planar points, one depot, distance as time and as cost.

Their distances are real numbers; the planner's are whole. So everything is multiplied by ``scale`` (distances,
windows, service times), and ``rounding`` says how a distance becomes whole. One unit of cost is one unit of
scaled distance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..model import IntMatrix, Matrix, Problem, Vehicle
from ..solution import Solution
from ..validate.ranges import MAX_CENTS
from .errors import FormatError

type Rounding = Literal["nearest", "down", "up"]

MAX_NODES = 12_000
LARGEST = 10**8
"""No scaled time, distance or load may be larger: sums of a route must stay below ``NEVER``."""


@dataclass(frozen=True, slots=True)
class Convention:
    """How real numbers become whole. ``fewest_vehicles``: a vehicle less is worth any distance."""

    scale: int = 100
    rounding: Rounding = "nearest"
    fewest_vehicles: bool = False


DIMACS = Convention(10, "down")
"""Distances cut off after one decimal, as the DIMACS challenge of 2022 counts them."""

TSPLIB = Convention(1, "nearest")
"""Distances rounded to whole numbers, as TSPLIB defines ``EUC_2D``."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A problem of the literature. ``labels``: what routes call each job. ``points``: ``None`` where the file has
    only a matrix.
    """

    name: str
    problem: Problem
    convention: Convention
    labels: Mapping[str, str]
    points: NDArray[np.float64] | None = None


def euclidean(points: NDArray[np.float64], convention: Convention) -> IntMatrix:
    """Scaled distances between all points, ``(n, n)``."""
    if len(points) > MAX_NODES:
        cause = f"There are {len(points)} places."
        raise FormatError("too_many_places", cause, f"This reader takes {MAX_NODES}.")
    difference = points[:, None, :] - points[None, :, :]
    exact = np.hypot(difference[..., 0], difference[..., 1]) * convention.scale
    if len(points) and float(exact.max()) > LARGEST:
        raise FormatError(
            "out_of_range", "The places are too far apart.", f"Use a scale below {convention.scale}."
        )
    if convention.rounding == "nearest":
        return np.floor(exact + 0.5).astype(np.int32)
    tiny = 1e-9 * convention.scale  # 3, 4, 5 must stay 5, whatever the machine's last digit
    whole = np.floor(exact + tiny) if convention.rounding == "down" else np.ceil(exact - tiny)
    return whole.astype(np.int32)


def scaled(
    value: float, convention: Convention, line: int | None = None, *, multiple: int | None = None
) -> int:
    """A stated time or load as a whole number."""
    factor = convention.scale if multiple is None else multiple
    number = float(value) * factor
    if not 0 <= number <= LARGEST:
        raise FormatError(
            "out_of_range", f"{value} is not within 0 and {LARGEST / factor:g}.", "Correct it.", line=line
        )
    return int(number + 0.5)


def must_serve_all(problem: Problem, convention: Convention) -> Problem:
    """The problem with prices that make leaving a customer dearer than any way, and vehicles as asked."""
    tables = next(iter(problem.matrices.values()))
    home = problem.vehicles[0].start or 0
    places = [job.place for job in problem.jobs]
    alone = int(
        tables.distances[home, places].sum(dtype=np.int64)
        + tables.distances[places, home].sum(dtype=np.int64)
    )
    price = min(MAX_CENTS // 20, alone + 1) if convention.fewest_vehicles else 0
    leave = min(MAX_CENTS, 10 * (price + int(tables.distances.max(initial=0))) + 1)
    return replace(
        problem,
        jobs=tuple(replace(job, leave_price=leave) for job in problem.jobs),
        vehicles=tuple(replace(vehicle, fixed_cost=price) for vehicle in problem.vehicles),
    )


def alike(vehicle: Vehicle, count: int) -> tuple[Vehicle, ...]:
    """So many of the same vehicle."""
    return tuple(replace(vehicle, id=str(number)) for number in range(1, count + 1))


def one_table(distances: IntMatrix) -> Mapping[str, Matrix]:
    """Time is distance."""
    return {"van": Matrix(distances, distances)}


@dataclass(frozen=True, slots=True)
class Score:
    """The figures papers print. ``distance`` and ``exact`` are in the file's own unit; ``exact`` is unrounded and
    missing where there are no coordinates.
    """

    vehicles: int
    distance: float
    exact: float | None
    unassigned: int
    violations: int


def score(instance: Instance, solution: Solution, violations: int) -> Score:
    """What a plan is worth."""
    distance = sum(route.cost.distance for route in solution.routes) / instance.convention.scale
    exact = None
    if instance.points is not None:
        exact = sum(
            _length(instance.points, [step.place for step in route.steps]) for route in solution.routes
        )
    return Score(len(solution.routes), distance, exact, len(solution.unassigned), violations)


def _length(points: NDArray[np.float64], places: Sequence[int | None]) -> float:
    """As the crow flies through these places."""
    visited = points[[place for place in places if place is not None]]
    return float(np.hypot(*np.diff(visited, axis=0).T).sum())


def sol_text(instance: Instance, solution: Solution, figures: Score, seconds: float) -> str:
    """The plan as a ``.sol`` file, with one summary line at its end."""
    labels, convention = instance.labels, instance.convention
    lines = [
        f"Route #{number}: {' '.join(labels[job] for job in route.jobs)}"
        for number, route in enumerate(solution.routes, 1)
    ]
    lines.append(f"Cost {_figure(figures.distance)}")
    exact = "" if figures.exact is None else f" exact {figures.exact:.2f}"
    lines.append(
        f"Summary cost {_figure(figures.distance)}{exact} vehicles {figures.vehicles}"
        f" unassigned {figures.unassigned} violations {figures.violations}"
        f" scale {convention.scale} rounding {convention.rounding} seconds {seconds:.1f}"
    )
    return "\n".join(lines) + "\n"


def _figure(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
