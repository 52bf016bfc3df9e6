"""Copenhagen: numbered addresses and the ways between them, by OSRM in this process."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import osmium

from dispatch.planning.model import UNREACHABLE, Matrix
from dispatch.roads.base import FAR_FROM_ROAD_M, Floats, Profile
from dispatch.roads.base import UNREACHABLE as NO_WAY
from dispatch.roads.build import build_roads
from dispatch.roads.dataset import dataset_path
from dispatch.roads.osrm_engine import is_built
from dispatch.roads.osrm_local import OsrmLocal

EXTRACT = "osm/copenhagen-2011.osm.pbf"
SPARE = 1.2


class Streets:
    """The city. ``folder`` keeps its dataset from one run to the next."""

    def __init__(self, data: Path, folder: Path) -> None:
        self.extract = data / EXTRACT
        if not is_built(dataset_path(folder, Profile.VAN)):
            folder.mkdir(parents=True, exist_ok=True)
            build_roads(
                self.extract, folder / "roads", profiles=[Profile.VAN], progress=lambda stage, done: None
            )
        self.roads = OsrmLocal({Profile.VAN: dataset_path(folder, Profile.VAN)})
        self._addresses: Floats | None = None

    @property
    def addresses(self) -> Floats:
        """Every numbered address that is a point, ``(n, 2)``."""
        if self._addresses is None:
            nodes = osmium.FileProcessor(str(self.extract), osmium.osm.NODE)
            nodes = nodes.with_filter(osmium.filter.KeyFilter("addr:housenumber"))
            self._addresses = np.array(
                [(node.location.lat, node.location.lon) for node in nodes if node.location.valid()]
            )
        return self._addresses

    def places(self, count: int, seed: int) -> Floats:
        """The station, at the city's edge, and so many addresses that can be reached from it and left for it."""
        dice = np.random.default_rng(seed)
        edge = int(self.addresses[:, 1].argmin())
        drawn = dice.choice(len(self.addresses), round(count * SPARE) + 8, replace=False)
        points = self.addresses[[edge, *drawn[drawn != edge]]]
        ways = self.roads.matrix(points, Profile.VAN)
        near = ways.source_snaps <= FAR_FROM_ROAD_M
        open_both = (ways.durations[0] < NO_WAY) & (ways.durations[:, 0] < NO_WAY)
        good = np.flatnonzero(near & open_both)
        return points[np.r_[0, good[good > 0][:count]]]

    def matrix(self, points: Floats) -> tuple[Matrix, float]:
        """(ways between all points, seconds it took)."""
        began = time.perf_counter()
        ways = self.roads.matrix(points, Profile.VAN)
        gone = ways.durations >= NO_WAY
        made = Matrix(
            np.where(gone, UNREACHABLE, ways.durations).astype(np.int32),
            np.where(gone, 0, ways.distances).astype(np.int32),
        )
        return made, time.perf_counter() - began
