"""OSRM in this process. Matrices go from OSRM's containers into numpy without a Python list between."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from dispatch.roads.base import (
    AS_IT_COMES,
    MOTOR_PROFILES,
    UNREACHABLE,
    Float32s,
    Floats,
    Indexes,
    Int32s,
    Manners,
    Matrix,
    Profile,
    RoadsError,
    require_indexes,
    require_points,
)
from dispatch.roads.build import SPLIT_CLASSES
from dispatch.roads.osrm_base import Osrm, no_route
from dispatch.roads.osrm_engine import bindings, engine_for, is_built
from dispatch.roads.shares import Shares, read_shares, typical_shares

CELLS_AT_ONCE: Final = 2_000_000
"""One question's share of a matrix: OSRM's answer takes about 130 bytes per cell while it is read."""


class OsrmLocal(Osrm):
    """Answers from datasets on disk, one per profile; opens each on first use (see `osrm_engine`).

    `datasets` maps profiles to ".../city.osrm". `originals`: of datasets with closed streets, those that they were
    made from, which keep the companions that tell shares. Safe to share between threads.
    """

    kind = "osrm_local"
    route_points = 500

    def __init__(
        self, datasets: Mapping[Profile, Path], *, originals: Mapping[Profile, Path] | None = None
    ) -> None:
        self._datasets = dict(datasets)
        self._originals = self._datasets | dict(originals or {})

    def matrix(
        self,
        points: Floats,
        profile: Profile,
        *,
        sources: Sequence[int] | Indexes | None = None,
        destinations: Sequence[int] | Indexes | None = None,
        manners: Manners = AS_IT_COMES,
        shares: bool = False,
    ) -> Matrix:
        """See `Roads.matrix`."""
        points = require_points(points)
        rows = require_indexes(sources, len(points))
        columns = require_indexes(destinations, len(points))
        matrix = _blank(len(rows), len(columns))
        if not (len(rows) and len(columns)):
            return matrix
        ask = _Ask(profile, manners, points, rows, columns, same=sources is None and destinations is None)
        wanted = shares and profile in MOTOR_PROFILES
        exact = np.zeros(matrix.durations.shape, np.float32) if wanted else None
        for part, answer in ask.tables(self._engine(profile)):
            _fill(matrix, part, answer, exact)
        return matrix if exact is None else replace(matrix, shares=self._shares(matrix, exact, ask))

    def _shares(self, matrix: Matrix, exact: Float32s, ask: "_Ask") -> Shares:
        """Shares by the companions of the dataset; a city built before there were any has typical ones."""
        original = self._originals[ask.profile]
        companions = [original.parent / name / original.name for name in SPLIT_CLASSES]
        if not all(is_built(companion) for companion in companions):
            return typical_shares(matrix.durations)
        exact[matrix.durations >= UNREACHABLE] = UNREACHABLE
        usual = exact if original == self._datasets[ask.profile] else ask.seconds(original)
        return read_shares(exact, usual, [ask.seconds(companion) for companion in companions])

    def _route(self, points: Floats, profile: Profile, *, steps: bool, manners: Manners) -> Any:
        parameters = bindings().RouteParameters(
            coordinates=_coordinates(points),
            approaches=_approaches(manners, len(points)),
            exclude=list(manners.excluded(profile)),
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
            "roads_refused",
            f"OSRM refused the question: {error}",
            "Check the points, or build the roads again.",
        ) from error


@dataclass(frozen=True, slots=True)
class _Ask:
    """A matrix to be asked for, of one dataset or of its companions, in parts that memory allows."""

    profile: Profile
    manners: Manners
    points: Floats
    rows: Indexes
    columns: Indexes
    same: bool

    def seconds(self, dataset: Path) -> Float32s:
        """The seconds of another dataset of the same streets, with their fractions."""
        seconds = np.zeros((len(self.rows), len(self.columns)), np.float32)
        for part, answer in self.tables(engine_for(dataset), distances=False):
            _read_numbers(answer["durations"], seconds[part])
        return seconds

    def tables(self, engine: Any, *, distances: bool = True) -> Iterator[tuple[slice, Any]]:
        """Rows of the matrix and OSRM's answer for them, part by part."""
        step = max(1, CELLS_AT_ONCE // len(self.columns))
        for start in range(0, len(self.rows), step):
            part = self.rows[start : start + step]
            whole = self.same and len(part) == len(self.rows)
            ends = None if whole else self.points[self.columns]
            yield (
                slice(start, start + len(part)),
                self._table(engine, self.points[part], ends, distances=distances),
            )

    def _table(self, engine: Any, starts: Floats, ends: Floats | None, *, distances: bool) -> Any:
        """Ask for all pairs of `starts` and `ends`; None stands for the same points."""
        points = starts if ends is None else np.concatenate([starts, ends])
        parameters = bindings().TableParameters(
            coordinates=_coordinates(points),
            sources=[] if ends is None else range(len(starts)),
            destinations=[] if ends is None else range(len(starts), len(points)),
            annotations=["duration", "distance"] if distances else ["duration"],
            approaches=_approaches(self.manners, len(points)),
            exclude=list(self.manners.excluded(self.profile)),
            # Without a fallback, missing pairs come as None among the numbers; with it they are listed.
            fallback_speed=1.0,
            generate_hints=False,
        )
        return _ask(engine.Table, parameters)


def _approaches(manners: Manners, count: int) -> list[str]:
    return ["curb"] * count if manners.curb else []


def _blank(rows: int, columns: int) -> Matrix:
    shape = rows, columns
    return Matrix(
        np.zeros(shape, np.int32), np.zeros(shape, np.int32), np.zeros(rows), np.zeros(columns), False
    )


def _fill(matrix: Matrix, rows: slice, answer: Any, exact: Float32s | None) -> None:
    """Whole seconds and metres into the matrix, and seconds with their fractions into `exact`."""
    durations, distances = matrix.durations[rows], matrix.distances[rows]
    if exact is None:
        _read_numbers(answer["durations"], durations)
    else:
        _read_numbers(answer["durations"], exact[rows])
        durations[:] = np.rint(exact[rows])
    _read_numbers(answer["distances"], distances)
    cells = answer["fallback_speed_cells"]
    if len(cells):
        pairs = np.fromiter(chain.from_iterable(cells), np.float64, 2 * len(cells)).astype(np.intp)
        durations[pairs[0::2], pairs[1::2]] = UNREACHABLE
        distances[pairs[0::2], pairs[1::2]] = UNREACHABLE
    matrix.source_snaps[rows] = _snaps(answer["sources"])
    matrix.destination_snaps[:] = _snaps(answer["destinations"])


def _read_numbers(rows: Any, out: Int32s | Float32s) -> None:
    """OSRM says -1 metre now and then, between doors that it moved to one point of a street."""
    numbers = np.fromiter(chain.from_iterable(rows), np.float64, out.size).reshape(out.shape)
    np.maximum(numbers, 0.0, out=numbers)
    out[:] = np.rint(numbers) if out.dtype == np.int32 else numbers


def _snaps(waypoints: Any) -> Floats:
    return np.fromiter((waypoint["distance"] for waypoint in waypoints), np.float64, len(waypoints))


def _coordinates(points: Floats) -> list[tuple[float, float]]:
    return list(zip(points[:, 1].tolist(), points[:, 0].tolist(), strict=True))
