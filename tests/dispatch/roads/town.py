"""A hand-made town for road tests, small enough to know every answer beforehand.

Eight rows (west to east) and eight columns (south to north) of residential streets cross every 100 m, south-
west corner at ORIGIN. Row 0, the southern edge, is one-way to the east. Off the grid: a footpath across the
block in the north-west corner, a street under a bridge 3.0 m high at the east edge, a far island of three
places, and a bigger island with a grid of its own.
"""

import math
from pathlib import Path

import numpy as np
import osmium
from osmium.osm.mutable import Node, Way

from dispatch.roads.base import Floats

ORIGIN = (50.0, 10.0)
BLOCK_M = 100.0
SIDE = 8
ISLAND_NORTH_BLOCKS = 40
ROCK_EAST_BLOCKS = 60
LAT_M = 6_371_008.8 * math.pi / 180


def place(row: float, column: float) -> tuple[float, float]:
    """Latitude and longitude of a crossing, or of any place in units of blocks."""
    lat = ORIGIN[0] + row * BLOCK_M / LAT_M
    lng = ORIGIN[1] + column * BLOCK_M / (LAT_M * math.cos(math.radians(ORIGIN[0])))
    return lat, lng


def places(*crossings: tuple[float, float]) -> Floats:
    """Several places as the engines take them."""
    return np.array([place(row, column) for row, column in crossings])


class TownWriter:
    """Collects ways by crossings; one node per distinct place."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[float, float], int] = {}
        self._ways: list[tuple[list[int], dict[str, str]]] = []

    def way(self, crossings: list[tuple[float, float]], **tags: str) -> None:
        ids = [self._nodes.setdefault(crossing, len(self._nodes) + 1) for crossing in crossings]
        self._ways.append((ids, tags))

    def grid(self, north: float, side: int, name: str, *, one_way_edge: bool) -> None:
        for row in range(side):
            line = [(north + row, column) for column in range(side)]
            edge = {"oneway": "yes"} if one_way_edge and row == 0 else {}
            self.way(line, highway="residential", name=f"{name} Row {row}", **edge)
        for column in range(side):
            line = [(north + row, column) for row in range(side)]
            self.way(line, highway="residential", name=f"{name} Column {column}")

    def write(self, path: Path, *, missing: bool = False) -> None:
        """The extract; with `missing`, a way names two nodes that are not in it."""
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for (row, column), number in self._nodes.items():
                lat, lng = place(row, column)
                writer.add_node(Node(id=number, location=(lng, lat)))
            for number, (ids, tags) in enumerate(self._ways, start=1):
                extra = [900_001, 900_002] if missing and number == 1 else []
                writer.add_way(Way(id=number, nodes=ids + extra, tags=tags))


def write_town(path: Path) -> None:
    """The whole town of the module's docstring."""
    writer = TownWriter()
    writer.grid(0, SIDE, "Main", one_way_edge=True)
    writer.way([(7, 0), (6, 1)], highway="footway", name="Short Cut")
    writer.way([(4, 7), (4, 8), (4, 12)], highway="residential", name="Bridge Street", maxheight="3.0")
    writer.way([(2, 7), (2, 12)], highway="cycleway", name="Canal Path")
    writer.way([(7, 7), (8, 7), (12, 7)], highway="service", name="Works Drive", access="private")
    writer.grid(ISLAND_NORTH_BLOCKS, 7, "Island", one_way_edge=False)
    rock = [(0, ROCK_EAST_BLOCKS), (1, ROCK_EAST_BLOCKS), (2, ROCK_EAST_BLOCKS)]
    writer.way(rock, highway="residential", name="Rock Lane")
    writer.write(path, missing=True)


def write_buildings(path: Path) -> None:
    """An extract without a single road."""
    writer = TownWriter()
    writer.way([(0, 0), (0, 1), (1, 1), (0, 0)], building="yes")
    writer.write(path)
