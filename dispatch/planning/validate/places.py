"""Matrices, points, depots and chargers; and where everything else says it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..model import UNREACHABLE, Charger, Depot, Matrix, Problem
from .times import windows

MAX_COORDINATE = 5 * 10**8
"""Metres: a crow's way on foot between any two points is still an int32 of seconds."""


def matrices(problem: Problem) -> Iterator[InputError]:
    """Shapes, types and signs; the same places in all of them; one for every vehicle."""
    sizes = set()
    for profile, matrix in problem.matrices.items():
        yield from _matrix(profile, matrix)
        sizes.add(matrix.durations.shape)
    if len(sizes) > 1:
        yield InputError(
            "matrix_sizes_differ",
            f"The profiles' matrices have different shapes: {sorted(map(str, sizes))}.",
            "Compute all profiles for the same list of places.",
        )
    for profile in sorted({v.profile for v in problem.vehicles} - set(problem.matrices)):
        yield InputError(
            "matrix_missing",
            f"There is no matrix for profile {profile!r}.",
            "Add it, or change the vehicles.",
            profile,
        )


def _matrix(profile: str, matrix: Matrix) -> Iterator[InputError]:
    yield from _table(profile, "durations", matrix.durations)
    yield from _table(profile, "distances", matrix.distances)
    if matrix.durations.shape != matrix.distances.shape:
        yield InputError(
            "matrix_shape",
            f"Durations and distances of {profile!r} differ in shape.",
            "Give both (n, n).",
            profile,
        )
    before = -1
    for period in matrix.periods:
        yield from _table(profile, f"durations from {period.start}", period.durations)
        if period.start <= before:
            cause = f"The periods of profile {profile!r} are not in order: {period.start} after {before}."
            yield InputError("periods_out_of_order", cause, "Sort them by their starts, each once.", profile)
        before = period.start
        yield from _reach(profile, matrix.durations, period.start, period.durations)


def _reach(profile: str, whole: NDArray[Any], start: int, table: NDArray[Any]) -> Iterator[InputError]:
    if table.shape != whole.shape:
        cause = f"Durations from {start} on and durations of {profile!r} differ in shape."
        yield InputError("matrix_shape", cause, "Give both (n, n).", profile)
    elif bool(((table == UNREACHABLE) != (whole == UNREACHABLE)).any()):
        cause = f"From {start} on, profile {profile!r} reaches other places than before."
        action = "Mark the same legs as unreachable in every period."
        yield InputError("period_reach_differs", cause, action, profile)


def _table(profile: str, name: str, table: NDArray[Any]) -> Iterator[InputError]:
    where = f"{name} of profile {profile!r}"
    if table.ndim != 2 or table.shape[0] != table.shape[1]:
        cause = f"The {where} are not square: {table.shape}."
        yield InputError("matrix_shape", cause, "Give (n, n).", profile)
    elif table.dtype != np.int32:
        fractional = table.dtype.kind == "f" and not bool(np.isfinite(table).all())
        code = "matrix_not_finite" if fractional else "matrix_not_int32"
        cause = f"The {where} are {table.dtype}, not int32."
        yield InputError(code, cause, "Round to whole seconds and metres.", profile)
    elif table.size and int(table.min()) < 0:
        yield InputError("matrix_negative", f"The {where} hold negative numbers.", "Give 0 or more.", profile)


def place(problem: Problem, subject: str, where: object) -> Iterator[InputError]:
    """A place must be a row of the matrices."""
    size = next((m.durations.shape[0] for m in problem.matrices.values()), 0)
    if isinstance(where, bool) or not isinstance(where, int) or not 0 <= where < size:
        yield InputError(
            "place_unknown",
            f"{subject!r} is at place {where!r}, the matrices have {size} places.",
            "Give a row number of the matrices.",
            subject,
        )


def stations(problem: Problem) -> Iterator[InputError]:
    """Depots and chargers: where and when."""
    both: list[Depot | Charger] = [*problem.depots, *problem.chargers]
    for station in both:
        yield from place(problem, station.id, station.place)
        yield from windows(station.id, station.windows)


def points(problem: Problem) -> Iterator[InputError]:
    """Points are (n, 2) int32, and there where somebody walks or compactness has a price."""
    if problem.points is not None:
        yield from _points(problem, problem.points)
        return
    if problem.weights.compact_per_km:
        cause = "Compact routes have a price, but there are no points to measure them by."
        yield InputError("points_missing", cause, "Give points, or no compact_per_km.", "compact_per_km")
    parked = next((job for job in problem.jobs if job.parking), None)
    if parked is not None and problem.walk_profile not in problem.matrices:
        cause = f"Job {parked.id!r} shares a parking spot, but nothing says how far the walks are."
        action = f"Give points, or a matrix for {problem.walk_profile!r}."
        yield InputError("points_missing", cause, action, parked.id)


def _points(problem: Problem, table: NDArray[Any]) -> Iterator[InputError]:
    size = next((m.durations.shape[0] for m in problem.matrices.values()), 0)
    if table.shape != (size, 2):
        cause = f"The points are {table.shape}, the matrices have {size} places."
        yield InputError("points_shape", cause, "Give one pair of metres per place.", "points")
    elif table.dtype != np.int32:
        fractional = table.dtype.kind == "f" and not bool(np.isfinite(table).all())
        code = "points_not_finite" if fractional else "points_not_int32"
        cause = f"The points are {table.dtype}, not int32."
        yield InputError(code, cause, "Round to whole metres.", "points")
    elif table.size and int(np.abs(table.astype(np.int64)).max()) > MAX_COORDINATE:
        cause = f"A point lies more than {MAX_COORDINATE} metres from the origin."
        yield InputError("points_too_far", cause, "Measure from an origin nearby.", "points")
