"""A remote `osrm-routed`, asked over HTTP. Tables travel as FlatBuffers: 4 bytes a number, no parsing.

One `osrm-routed` serves one dataset and ignores the profile in the path, so addresses are given per
profile: "http://osrm-{profile}:5000", or "van=http://a:5000,foot=http://b:5000".
"""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np

from dispatch.roads import flatbuffer
from dispatch.roads.base import (
    AS_IT_COMES,
    MOTOR_PROFILES,
    UNREACHABLE,
    Floats,
    Indexes,
    Manners,
    Matrix,
    Profile,
    RoadsError,
    require_indexes,
    require_points,
)
from dispatch.roads.osrm_base import Osrm, no_route
from dispatch.roads.shares import typical_shares

CHECK_SERVER: Final = "Check that the routing server runs and that its address is right."
FLOAT: Final = np.dtype("<f4")
CELL: Final = np.dtype("<u4")


def parse_urls(text: str) -> dict[Profile, str]:
    """Addresses per profile out of one setting; `RoadsError("roads_bad_url")` where it cannot be read.

    Either one address, in which "{profile}" is replaced, or "profile=address" pairs with commas between.
    """
    if "=" not in text.split("://", 1)[0]:
        return {profile: _checked(text.strip().replace("{profile}", profile)) for profile in Profile}
    pairs = [pair.strip().partition("=") for pair in text.split(",")]
    unknown = [name for name, _, _ in pairs if name not in set(Profile)]
    if unknown:
        raise _bad_url(f"{unknown[0]!r} is not a profile")
    return {Profile(name): _checked(url.strip()) for name, _, url in pairs}


class OsrmHttp(Osrm):
    """Answers from remote servers by profile. `timeout_s` holds per request.

    `max_table` is the server's `--max-table-size` (100 unless raised): larger matrices are asked in blocks.
    """

    kind = "osrm_http"
    route_points = 100

    def __init__(self, urls: Mapping[Profile, str], *, timeout_s: float = 10.0, max_table: int = 100) -> None:
        self._urls = {profile: _checked(url) for profile, url in urls.items()}
        self._timeout_s = timeout_s
        self._max_table = max(2, max_table)

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
        """See `Roads.matrix`. Raises `roads_server_down`, `roads_server_refused`, `roads_server_odd` too."""
        points = require_points(points)
        rows = require_indexes(sources, len(points))
        columns = require_indexes(destinations, len(points))
        shape = len(rows), len(columns)
        durations, distances = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        matrix = Matrix(durations, distances, np.zeros(shape[0]), np.zeros(shape[1]), False)
        for block_rows, block_columns in self._blocks(*shape):
            starts, ends = points[rows[block_rows]], points[columns[block_columns]]
            _fill(matrix, block_rows, block_columns, self._table(starts, ends, profile, manners))
        if shares and profile in MOTOR_PROFILES:
            return replace(matrix, shares=typical_shares(durations))
        return matrix

    def _blocks(self, rows: int, columns: int) -> Iterator[tuple[slice, slice]]:
        side = self._max_table // 2
        for top in range(0, rows, side):
            for left in range(0, columns, side):
                yield slice(top, min(top + side, rows)), slice(left, min(left + side, columns))

    def _table(self, starts: Floats, ends: Floats, profile: Profile, manners: Manners) -> bytes:
        middle, end = len(starts), len(starts) + len(ends)
        query = (
            "annotations=duration,distance&fallback_speed=1&generate_hints=false"
            f"&sources={_numbers(0, middle)}&destinations={_numbers(middle, end)}"
            f"{_manners(manners, profile, end)}"
        )
        path = f"table/v1/{profile}/{_coordinates(np.concatenate([starts, ends]))}.flatbuffers?{query}"
        return self._get(path, profile)

    def _route(self, points: Floats, profile: Profile, *, steps: bool, manners: Manners) -> Any:
        shape = "steps=true&overview=false" if steps else "annotations=distance&overview=full"
        query = (
            f"{shape}&geometries=geojson&generate_hints=false&continue_straight=false"
            f"{_manners(manners, profile, len(points))}"
        )
        return self._get_json(f"route/v1/{profile}/{_coordinates(points)}?{query}", profile, "routes")

    def _nearest(self, points: Floats, profile: Profile) -> Any:
        path = f"nearest/v1/{profile}/{_coordinates(points)}?generate_hints=false"
        return self._get_json(path, profile, "waypoints")

    def _get_json(self, path: str, profile: Profile, wanted: str) -> Any:
        body = self._get(path, profile)
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise _odd(self._urls[profile], str(error)) from error
        if not isinstance(answer, dict) or not answer.get(wanted):
            raise _odd(self._urls[profile], f"there are no {wanted} in it")
        return answer

    def _get(self, path: str, profile: Profile) -> bytes:
        url = self._urls.get(profile)
        if url is None:
            raise RoadsError(
                "roads_profile_missing", f"No routing server is set for {profile}.", "Set its address."
            )
        try:
            # The scheme was checked when the address was set.
            with urllib.request.urlopen(f"{url}/{path}", timeout=self._timeout_s) as response:  # noqa: S310
                body: bytes = response.read()
                return body
        except urllib.error.HTTPError as error:
            raise _refused(url, error) from error
        except (OSError, http.client.HTTPException) as error:
            cause = f"The routing server at {url} does not answer: {error}"
            raise RoadsError("roads_server_down", cause, CHECK_SERVER, status=503) from error


def _fill(matrix: Matrix, rows: slice, columns: slice, body: bytes) -> None:
    try:
        result = flatbuffer.Table.root(body)
        table = result.table(flatbuffer.RESULT_TABLE)
        if table is None:
            raise ValueError("no table in it")
        shape = matrix.durations[rows, columns].shape
        # row and column of each pair that has no connection
        cells = table.vector(flatbuffer.TABLE_FALLBACK_CELLS, CELL).reshape(-1, 2)
        targets = matrix.durations, matrix.distances
        for target, field in zip(
            targets, (flatbuffer.TABLE_DURATIONS, flatbuffer.TABLE_DISTANCES), strict=True
        ):
            block = np.rint(np.maximum(table.vector(field, FLOAT), 0)).astype(np.int32).reshape(shape)
            block[cells[:, 0], cells[:, 1]] = UNREACHABLE
            target[rows, columns] = block
        matrix.source_snaps[rows] = flatbuffer.snaps(result.tables(flatbuffer.RESULT_WAYPOINTS))
        matrix.destination_snaps[columns] = flatbuffer.snaps(table.tables(flatbuffer.TABLE_DESTINATIONS))
    except (ValueError, IndexError) as error:
        raise _odd("the address set", str(error)) from error


def _refused(url: str, error: urllib.error.HTTPError) -> RoadsError:
    body = error.read(10_000)
    try:
        answer = json.loads(body)
        code, message = str(answer["code"]), str(answer["message"])
    except (ValueError, KeyError, TypeError):
        code, message = "", f"status {error.code}"
    if code == "NoRoute":
        return no_route("No road connects two of the points.")
    return RoadsError(
        "roads_server_refused",
        f"The routing server at {url} refused: {message}",
        "Raise the server's limits, or lower the table size in the settings.",
        status=502,
    )


def _odd(where: str, cause: str) -> RoadsError:
    return RoadsError(
        "roads_server_odd",
        f"The answer from {where} is not OSRM's: {cause}",
        "Check that the address is an osrm-routed of version 5.23 or later.",
        status=502,
    )


def _checked(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise _bad_url(f"{url!r} is not a web address")
    return url.rstrip("/")


def _bad_url(cause: str) -> RoadsError:
    return RoadsError(
        "roads_bad_url", cause, "Give http://host:port, with {profile} in it, or profile=address pairs."
    )


def _coordinates(points: Floats) -> str:
    return ";".join(f"{lng:.6f},{lat:.6f}" for lat, lng in points.tolist())


def _manners(manners: Manners, profile: Profile, count: int) -> str:
    excluded = manners.excluded(profile)
    approaches = f"&approaches={';'.join(['curb'] * count)}" if manners.curb else ""
    return approaches + (f"&exclude={','.join(excluded)}" if excluded else "")


def _numbers(start: int, end: int) -> str:
    return ";".join(map(str, range(start, end)))
