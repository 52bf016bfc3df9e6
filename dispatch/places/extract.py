"""Read an OpenStreetMap extract once and hand its objects to those who want them."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any, Protocol

import osmium

from dispatch.places.errors import PlacesError
from dispatch.places.geometry import Box, Point, box_of

type Progress = Callable[[float], None]
"""Called with the share done, 0..1."""

type Tags = dict[str, str]

_ROAD_CLASSES = (
    "motorway trunk primary secondary tertiary unclassified residential living_street service pedestrian "
    "motorway_link trunk_link primary_link secondary_link tertiary_link track cycleway footway path road "
)
ROAD_CLASSES = frozenset(_ROAD_CLASSES.split())
DRIVABLE = ROAD_CLASSES - {"pedestrian", "track", "cycleway", "footway", "path"}
AREA_KEYS = (
    "building",
    "natural",
    "landuse",
    "leisure",
    "waterway",
    "amenity",
    "highway",
    "place",
    "man_made",
)
BYTES_PER_OBJECT = 40
CHUNK = 1 << 20


@dataclass(frozen=True)
class Ring:
    """One outer ring of an area with its holes, each closed."""

    outer: list[Point]
    holes: list[list[Point]]


class Consumer(Protocol):
    """Somebody who wants the objects of an extract, one after another."""

    def node(self, tags: Tags, point: Point) -> None:
        """A node that carries tags."""

    def way(self, tags: Tags, refs: list[int], points: list[Point], closed: bool) -> None:
        """A tagged way; refs and points are those whose place is known, in order."""

    def area(self, tags: Tags, rings: list[Ring], from_relation: bool) -> None:
        """A closed way or a multipolygon, as rings."""


@dataclass(frozen=True)
class Scan:
    """What one reading of an extract found.

    bounds: from the header, else around the roads. roads: drivable ways with two known points or more.
    missing_nodes: node references of ways with a highway tag whose place is not in the file.
    """

    bounds: Box
    nodes: int
    ways: int
    areas: int
    roads: int
    missing_nodes: int


def sha256_of(path: Path, progress: Progress = lambda share: None) -> str:
    """Fingerprint of the file; raises PlacesError where it is missing, unreadable or empty."""
    size = size_of(path)
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            done += len(chunk)
            progress(min(1.0, done / size))
    return digest.hexdigest()


def size_of(path: Path) -> int:
    """Bytes of the extract; raises ``missing_file``, ``unreadable_file`` or ``empty_file``."""
    if not path.is_file():
        raise PlacesError("missing_file", f"There is no file {path}.", "Check the path of the extract.")
    try:
        with path.open("rb"):
            size = path.stat().st_size
    except OSError as problem:
        cause = f"{path.name} cannot be read: {problem.strerror}."
        raise PlacesError("unreadable_file", cause, "Check the permissions of the file.") from problem
    if size == 0:
        raise PlacesError("empty_file", f"{path.name} is empty.", "Download the extract again.")
    return size


def read(path: Path, consumers: Sequence[Consumer], progress: Progress = lambda share: None) -> Scan:
    """Stream the extract through the consumers and count what was there.

    Nodes that are missing (as at the edge of a clipped extract) are left out of their ways and counted.
    Raises PlacesError: ``not_a_pbf``, ``truncated``, ``no_roads`` and those of `size_of`.
    """
    reader = _Reading(size_of(path), consumers, progress)
    for thing in _objects(path):
        reader.take(thing)
    if reader.roads == 0:
        raise PlacesError(
            "no_roads",
            f"{path.name} holds no road that a vehicle can use ({reader.ways} tagged ways).",
            "Use an extract with highways; a file cut after its nodes looks like this too.",
        )
    progress(1.0)
    return reader.scan(_header_box(path))


def _objects(path: Path) -> Iterator[Any]:
    wanted = osmium.filter.KeyFilter(*AREA_KEYS)
    try:
        processor = osmium.FileProcessor(osmium.io.File(str(path), "pbf"))
        yield from processor.with_areas(wanted).with_filter(osmium.filter.EmptyTagFilter())
    except (RuntimeError, ValueError) as problem:
        raise _broken(path, str(problem)) from problem


def _broken(path: Path, message: str) -> PlacesError:
    if _begins_like_pbf(path) or "truncated" in message or "EOF" in message:
        cause = f"{path.name} is cut short or damaged ({message})."
        return PlacesError("truncated", cause, "Download the extract again and compare its size.")
    cause = f"{path.name} is not an OpenStreetMap PBF file ({message})."
    return PlacesError("not_a_pbf", cause, "Give a file that ends in .osm.pbf, as extract services offer it.")


def _begins_like_pbf(path: Path) -> bool:
    with path.open("rb") as file:
        return b"OSMHeader" in file.read(32)


def _header_box(path: Path) -> Box | None:
    with osmium.io.Reader(osmium.io.File(str(path), "pbf"), osmium.osm.NOTHING) as reader:
        box = reader.header().box()
    if not box.valid():
        return None
    low, high = box.bottom_left, box.top_right
    if high.lon - low.lon <= 0 or high.lat - low.lat <= 0:
        return None
    return Box(low.lon, low.lat, high.lon, high.lat)


class _Reading:
    """Counts and hands on; one instance for one pass."""

    def __init__(self, size: int, consumers: Sequence[Consumer], progress: Progress) -> None:
        self.consumers = consumers
        self.progress = progress
        self.expected = max(1.0, size / BYTES_PER_OBJECT)
        self.nodes = self.ways = self.areas = self.roads = self.missing = 0
        self.extent: Box | None = None

    def take(self, thing: Any) -> None:
        """Dispatch one object of pyosmium by its type."""
        if thing.is_node():
            self.nodes += 1
            self._node(thing)
        elif thing.is_way():
            self.ways += 1
            self._way(thing)
        elif thing.is_area():
            self.areas += 1
            self._area(thing)
        seen = self.nodes + self.ways + self.areas
        if seen % 2000 == 0:
            self.progress(0.99 * (1 - exp(-2 * seen / self.expected)))

    def scan(self, box: Box | None) -> Scan:
        """The result; a file without a usable box in its header gets the box of its roads."""
        bounds = box or self.extent
        if bounds is None:
            raise PlacesError("no_roads", "No road has a known place.", "Use a complete extract.")
        return Scan(bounds, self.nodes, self.ways, self.areas, self.roads, self.missing)

    def _node(self, node: Any) -> None:
        if node.location.valid():
            tags = dict(node.tags)
            for consumer in self.consumers:
                consumer.node(tags, (node.lon, node.lat))

    def _way(self, way: Any) -> None:
        tags = dict(way.tags)
        refs: list[int] = []
        points: list[Point] = []
        for node in way.nodes:
            if node.location.valid():
                refs.append(node.ref)
                points.append((node.lon, node.lat))
        if tags.get("highway") in ROAD_CLASSES:
            self.missing += len(way.nodes) - len(points)
            self._road(tags, points)
        if points:
            closed = way.is_closed() and len(points) == len(way.nodes)
            for consumer in self.consumers:
                consumer.way(tags, refs, points, closed)

    def _road(self, tags: Tags, points: list[Point]) -> None:
        if len(points) < 2 or tags["highway"] not in DRIVABLE:
            return
        self.roads += 1
        mine = box_of(points)
        old = self.extent or mine
        self.extent = Box(
            min(old.west, mine.west),
            min(old.south, mine.south),
            max(old.east, mine.east),
            max(old.north, mine.north),
        )

    def _area(self, area: Any) -> None:
        rings = [
            Ring(_closed(outer), [_closed(hole) for hole in area.inner_rings(outer)])
            for outer in area.outer_rings()
        ]
        rings = [ring for ring in rings if len(ring.outer) >= 4]
        if rings:
            tags = dict(area.tags)
            for consumer in self.consumers:
                consumer.area(tags, rings, not area.from_way())


def _closed(ring: Any) -> list[Point]:
    return [(node.lon, node.lat) for node in ring]


def no_space(problem: BaseException) -> bool:
    """True where the error, or one it came from, says that the disk is full."""
    step: BaseException | None = problem
    while step is not None:
        full = isinstance(step, OSError) and step.errno in (errno.ENOSPC, errno.EDQUOT)
        if full or "disk is full" in str(step) or "No space left" in str(step):
            return True
        step = step.__cause__ or step.__context__
    return False
