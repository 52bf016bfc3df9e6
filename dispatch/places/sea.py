"""Make sea polygons out of coastlines, clipped to the box of the extract.

OpenStreetMap draws no sea: it draws coastlines with the land on their left and the water on their right.
The lines are joined, cut at the edges of the box, and closed along the edges clockwise, which keeps the water
on the right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from dispatch.places.extract import Ring, Tags
from dispatch.places.geometry import Box, Point, inside, metres, signed_area

BRIDGED_METRES = 400.0
"""A line that stops inside the box (a clipped extract lost its next nodes) is led to an edge this near."""
TOLERATED_WET = 0.02
"""Share of known dry points that may lie in the sea before the sea is held to be wrong."""


@dataclass
class CoastCollector:
    """A consumer of `extract.read` that keeps coastlines as lists of points."""

    lines: list[list[Point]] = field(default_factory=list)

    def node(self, tags: Tags, point: Point) -> None:
        """Nodes are no coast."""

    def way(self, tags: Tags, refs: list[int], points: list[Point], closed: bool) -> None:
        """Keep a coastline."""
        if tags.get("natural") == "coastline" and len(points) > 1:
            self.lines.append(points)

    def area(self, tags: Tags, rings: list[Ring], from_relation: bool) -> None:
        """Areas are no coast."""


@dataclass(frozen=True)
class Sea:
    """Polygons of the sea, and whether the coastline could be trusted."""

    polygons: list[Ring]
    usable: bool


def make_sea(lines: Sequence[list[Point]], box: Box, dry: Sequence[Point]) -> Sea:
    """Sea polygons inside the box; unusable where a line ends in mid-air or known dry points get wet.

    dry: points known to be on land, such as addresses.
    """
    chains = _join(lines)
    rings = [
        chain for chain in chains if chain[0] == chain[-1] and all(box.contains(point) for point in chain)
    ]
    runs = [run for chain in chains if chain not in rings for run in _cut(chain, box)]
    closed = [run for run in (_to_edges(run, box) for run in runs) if run is not None]
    if len(closed) < len(runs):
        return Sea([], usable=False)
    outlines = _close(closed, box) + [ring for ring in rings if signed_area(ring) < 0]
    islands = [ring for ring in rings if signed_area(ring) > 0]
    if islands and not outlines:
        outlines = [box.ring()]
    polygons = [Ring(outer, [hole for hole in islands if inside(hole[0], outer)]) for outer in outlines]
    return Sea(polygons, usable=True) if _plausible(polygons, dry) else Sea([], usable=False)


def _join(lines: Sequence[list[Point]]) -> list[list[Point]]:
    """Lines put end to end wherever one begins where another stops."""
    waiting: dict[Point, list[Point]] = {}
    chains: list[list[Point]] = []
    for line in lines:
        if line[0] == line[-1] or line[0] in waiting:
            chains.append(line)
        else:
            waiting[line[0]] = line
    ends = {line[-1] for line in waiting.values()}
    heads = [start for start in waiting if start not in ends]
    while waiting:
        start = heads.pop() if heads else next(iter(waiting))
        chain = list(waiting.pop(start))
        while chain[-1] in waiting:
            chain += waiting.pop(chain[-1])[1:]
        chains.append(chain)
    return chains


def _cut(chain: list[Point], box: Box) -> list[list[Point]]:
    """The parts of a line inside the box, in its direction."""
    if chain[0] == chain[-1]:
        first_outside = next((place for place, point in enumerate(chain) if not box.contains(point)), 0)
        chain = chain[first_outside:] + chain[1 : first_outside + 1]
    runs: list[list[Point]] = []
    current: list[Point] = []
    for a, b in pairwise(chain):
        piece = _clip(a, b, box)
        if piece is None:
            current = _flush(current, runs)
            continue
        if not current:
            current = [piece[0]]
        if piece[1] != current[-1]:
            current.append(piece[1])
        if piece[1] != b:
            current = _flush(current, runs)
    _flush(current, runs)
    return runs


def _flush(current: list[Point], runs: list[list[Point]]) -> list[Point]:
    if len(current) > 1:
        runs.append(current)
    return []


def _clip(a: Point, b: Point, box: Box) -> tuple[Point, Point] | None:
    """The part of a segment inside the box (Liang and Barsky, 1984)."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    low, high = 0.0, 1.0
    for step, room in (
        (-dx, a[0] - box.west),
        (dx, box.east - a[0]),
        (-dy, a[1] - box.south),
        (dy, box.north - a[1]),
    ):
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            low = max(low, room / step)
        else:
            high = min(high, room / step)
    if low >= high:
        return None
    start = a if low == 0.0 else (a[0] + low * dx, a[1] + low * dy)
    stop = b if high == 1.0 else (a[0] + high * dx, a[1] + high * dy)
    return start, stop


def _to_edges(run: list[Point], box: Box) -> list[Point] | None:
    """The run with both ends on an edge; None where an end hangs too far inside."""
    first, last = _edge_point(run[0], box), _edge_point(run[-1], box)
    if metres(run[0], first) > BRIDGED_METRES or metres(run[-1], last) > BRIDGED_METRES:
        return None
    return [first, *run, last]


def _edge_point(point: Point, box: Box) -> Point:
    x, y = point
    candidates = [(box.west, y), (box.east, y), (x, box.south), (x, box.north)]
    return min(candidates, key=lambda candidate: metres(point, candidate))


def _around(point: Point, box: Box) -> float:
    """How far along the outline of the box, clockwise from the south-west corner: 0..4, one for each edge."""
    x = (point[0] - box.west) / (box.east - box.west)
    y = (point[1] - box.south) / (box.north - box.south)
    gaps = [abs(x), abs(1 - y), abs(1 - x), abs(y)]
    edge = gaps.index(min(gaps))
    return (y, 1 + x, 3 - y, 4 - x)[edge] % 4


def _corners(start: float, stop: float, box: Box) -> list[Point]:
    """The corners passed going clockwise from one place of the outline to another."""
    corners = [(box.west, box.south), (box.west, box.north), (box.east, box.north), (box.east, box.south)]
    if stop <= start:
        stop += 4
    return [corners[turn % 4] for turn in range(int(start) + 1, int(stop) + 1) if start < turn < stop]


def _close(runs: list[list[Point]], box: Box) -> list[list[Point]]:
    """Rings of water: from the end of each run clockwise along the edge to the next beginning."""
    left = {number: _around(run[0], box) for number, run in enumerate(runs)}
    rings = []
    while left:
        first = number = next(iter(left))
        ring: list[Point] = []
        while True:
            ring += runs[number]
            end = _around(runs[number][-1], box)
            following = min(left, key=lambda other: (left[other] - end) % 4)
            ring += _corners(end, left[following], box)
            del left[following]
            if following == first:
                break
            number = following
        rings.append([*ring, ring[0]])
    return rings


def _plausible(polygons: list[Ring], dry: Sequence[Point]) -> bool:
    """A sample of the dry points is dry."""
    sample = dry[:: max(1, len(dry) // 500)]
    wet = sum(1 for point in sample if any(_in_water(point, polygon) for polygon in polygons))
    return wet <= TOLERATED_WET * max(1, len(sample))


def _in_water(point: Point, polygon: Ring) -> bool:
    return inside(point, polygon.outer) and not any(inside(point, hole) for hole in polygon.holes)
