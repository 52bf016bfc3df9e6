"""Streets that are closed or slow right now: a copy of a city's datasets, contracted afresh with other speeds.

A street is named by two or more points clicked along it. Each profile finds the street by itself, as OSRM's node ids,
from its own answers: no extract is needed.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dispatch.roads.base import Floats, Profile, RoadsError, require_points
from dispatch.roads.build import DATASET, SPLIT_CLASSES, contract
from dispatch.roads.osrm_engine import bindings, is_built, open_engine

CLOSED: Final = 0
FAR_M: Final = 60.0
"""A point farther from every street of a profile names none of its streets."""

MOST_POINTS: Final = 100
type Pieces = dict[tuple[int, int], tuple[float, float]]
"""(from node, to node) -> km/h and rate (metres per unit of weight) of a piece of street in one direction."""


@dataclass(frozen=True, slots=True)
class Slow:
    """A street and the percent of its speed that is left; `CLOSED` closes it. Both directions."""

    points: tuple[tuple[float, float], ...]
    percent: int = CLOSED


def close_streets(
    roads: Path,
    target: Path,
    slows: Sequence[Slow],
    *,
    profiles: Sequence[Profile] = tuple(Profile),
    check: Callable[[], None] = lambda: None,
) -> dict[Profile, int]:
    """Make `target/<profile>/…` out of `roads/<profile>/…` with these streets; pieces of street changed, by profile.

    A profile that has none of the streets is left out, like one that has no roads. `target` appears when it is whole.
    `check` is called at least twice a second and may raise to stop. Raises `roads_build_failed`, `roads_no_osrm`.
    """
    workshop = target.with_name(target.name + ".building")
    shutil.rmtree(workshop, ignore_errors=True)
    changed: dict[Profile, int] = {}
    try:
        workshop.mkdir(parents=True)
        for profile in profiles:
            if is_built(roads / profile / DATASET):
                changed[profile] = _close(roads / profile, workshop / profile, slows, check)
        shutil.rmtree(target, ignore_errors=True)
        workshop.rename(target)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return changed


def _close(source: Path, target: Path, slows: Sequence[Slow], check: Callable[[], None]) -> int:
    speeds = speeds_of(source / DATASET, slows)
    if speeds:
        # Not the companions: contracting them as well would take three times as long.
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(*SPLIT_CLASSES))
        table = target / "speeds.csv"
        rows = (f"{a},{b},{speed:.6g},{rate:.6g}\n" for (a, b), (speed, rate) in speeds.items())
        table.write_text("".join(rows))
        contract(target / DATASET, on_output=lambda text: check(), speeds=table)
    return len(speeds)


def speeds_of(dataset: Path, slows: Sequence[Slow]) -> Pieces:
    """New speeds of all pieces of the streets; of streets that overlap, the slowest. Unknown streets are left out."""
    engine = open_engine(dataset)
    found: Pieces = {}
    for slow in slows:
        share = max(0, slow.percent) / 100
        for ends, (speed, rate) in street(engine, require_points(slow.points)).items():
            before = found.get(ends)
            if before is None or speed * share < before[0]:
                found[ends] = speed * share, rate * share
    return found


def length_of(dataset: Path, points: Sequence[Sequence[float]]) -> float | None:
    """Metres of the street that the points name; None where a point is on no street or the streets do not meet."""
    engine, chain = open_engine(dataset), require_points(points)
    ways = [way for way in (_way(engine, chain), _way(engine, chain[::-1])) if way is not None]
    return min((metres for metres, _ in ways), default=None)


def street(engine: Any, points: Floats) -> Pieces:
    """The pieces of street from point to point, in each direction in which one may drive; none where there is none."""
    forward, backward = _way(engine, points), _way(engine, points[::-1])
    ways = [way for way in (forward, backward) if way is not None]
    if not ways:
        return {}
    # Against a one-way street the way goes around the block: the shorter of the two is the street itself.
    _metres, pieces = min(ways, key=lambda way: way[0])
    named = {frozenset(ends) for ends in pieces}
    other = {ends: at for _, way in ways for ends, at in way.items() if frozenset(ends) in named}
    for (start, end), at in pieces.items():
        other.setdefault((start, end), at)
    return other


def _way(engine: Any, points: Floats) -> tuple[float, Pieces] | None:
    parameters = bindings().RouteParameters(
        coordinates=list(zip(points[:, 1].tolist(), points[:, 0].tolist(), strict=True)),
        radiuses=[FAR_M] * len(points),
        annotations=["duration", "distance", "weight", "nodes"],
        overview="false",
        generate_hints=False,
    )
    try:
        route = engine.Route(parameters)["routes"][0]
    except RuntimeError as error:
        if "NoRoute" in str(error) or "NoSegment" in str(error):
            return None
        raise RoadsError(
            "roads_refused", f"OSRM refused the question: {error}", "Check the points."
        ) from error
    pieces: Pieces = {}
    for leg in route["legs"]:
        _read_leg(leg["annotation"], pieces)
    return float(route["distance"]), pieces


def _read_leg(annotation: Any, pieces: Pieces) -> None:
    nodes = [int(node) for node in annotation["nodes"]]
    told = zip(annotation["distance"], annotation["duration"], annotation["weight"], strict=True)
    for start, end, (metres, seconds, weight) in zip(nodes, nodes[1:], told, strict=False):
        if metres > 0 and seconds > 0 and weight > 0:
            pieces[start, end] = 3.6 * metres / seconds, metres / weight
