"""OSRM in this process. Matrices go from OSRM's containers into numpy without a Python list between."""

from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from dispatch.roads.base import (
    UNREACHABLE,
    Floats,
    Indexes,
    Int32s,
    Matrix,
    Profile,
    RoadsError,
    require_indexes,
    require_points,
)
from dispatch.roads.osrm_base import Osrm, no_route
from dispatch.roads.osrm_engine import bindings, engine_for

CELLS_AT_ONCE: Final = 2_000_000
"""One question's share of a matrix: OSRM's answer takes about 130 bytes per cell while it is read."""


class OsrmLocal(Osrm):
    """Answers from datasets on disk, one per profile; opens each on first use (see `osrm_engine`).

    `datasets` maps profiles to ".../city.osrm". Safe to share between threads.
    """

    kind = "osrm_local"
    route_points = 500

    def __init__(self, datasets: Mapping[Profile, Path]) -> None:
        self._datasets = dict(datasets)

    def matrix(
        self,
        points: Floats,
        profile: Profile,
        *,
        sources: Sequence[int] | Indexes | None = None,
        destinations: Sequence[int] | Indexes | None = None,
    ) -> Matrix:
        """See `Roads.matrix`."""
        points = require_points(points)
        rows = require_indexes(sources, len(points))
        columns = require_indexes(destinations, len(points))
        matrix = _blank(len(rows), len(columns))
        if not (len(rows) and len(columns)):
            return matrix
        engine = self._engine(profile)
        same = sources is None and destinations is None
        step = max(1, CELLS_AT_ONCE // len(columns))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            whole = same and len(part) == len(rows)
            answer = _table(engine, points[part], None if whole else points[columns])
            _fill(matrix, slice(start, start + len(part)), answer)
        return matrix

    def _route(self, points: Floats, profile: Profile, *, steps: bool) -> Any:
        parameters = bindings().RouteParameters(
            coordinates=_coordinates(points),
            steps=steps,
            annotations=[] if steps else ["distance"],
            overview="false" if steps else "full",
            geometries="geojson",
            generate_hints=False,
            continue_straight=False,
        )
        return _ask(self._engine(profile).Route, parameters)

    def _nearest(self, points: Floats, profile: Profile) -> Any:
        parameters = bindings().NearestParameters(coordinates=_coordinates(points), generate_hints=False)
        return _ask(self._engine(profile).Nearest, parameters)

    def _engine(self, profile: Profile) -> Any:
        dataset = self._datasets.get(profile)
        if dataset is None:
            raise RoadsError(
                "roads_profile_missing",
                f"There are no roads for {profile}.",
                "Build the city's roads with this profile.",
            )
        return engine_for(dataset)


def _ask(question: Any, parameters: Any) -> Any:
    try:
        return question(parameters)
    except RuntimeError as error:
        if "NoRoute" in str(error):
            raise no_route("No road connects two of the points.") from error
        raise RoadsError(
            "roads_refused", f"OSRM refused the question: {error}", "Check the points and the dataset."
        ) from error


def _table(engine: Any, starts: Floats, ends: Floats | None) -> Any:
    """Ask for all pairs of `starts` and `ends`; None stands for the same points."""
    parameters = bindings().TableParameters(
        coordinates=_coordinates(starts if ends is None else np.concatenate([starts, ends])),
        sources=[] if ends is None else range(len(starts)),
        destinations=[] if ends is None else range(len(starts), len(starts) + len(ends)),
        annotations=["duration", "distance"],
        # Without a fallback, missing pairs come as None among the numbers; with it they are listed.
        fallback_speed=1.0,
        generate_hints=False,
    )
    return _ask(engine.Table, parameters)


def _blank(rows: int, columns: int) -> Matrix:
    shape = rows, columns
    return Matrix(
        np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(rows), np.zeros(columns), False
    )


def _fill(matrix: Matrix, rows: slice, answer: Any) -> None:
    durations, distances = matrix.durations[rows], matrix.distances[rows]
    _read_numbers(answer["durations"], durations)
    _read_numbers(answer["distances"], distances)
    cells = answer["fallback_speed_cells"]
    if len(cells):
        pairs = np.fromiter(chain.from_iterable(cells), np.float64, 2 * len(cells)).astype(np.intp)
        durations[pairs[0::2], pairs[1::2]] = UNREACHABLE
        distances[pairs[0::2], pairs[1::2]] = UNREACHABLE
    matrix.source_snaps[rows] = _snaps(answer["sources"])
    matrix.destination_snaps[:] = _snaps(answer["destinations"])


def _read_numbers(rows: Any, out: Int32s) -> None:
    out[:] = np.rint(np.fromiter(chain.from_iterable(rows), np.float64, out.size)).reshape(out.shape)


def _snaps(waypoints: Any) -> Floats:
    return np.fromiter((waypoint["distance"] for waypoint in waypoints), np.float64, len(waypoints))


def _coordinates(points: Floats) -> list[tuple[float, float]]:
    return list(zip(points[:, 1].tolist(), points[:, 0].tolist(), strict=True))
