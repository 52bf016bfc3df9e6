"""The town of `town.py`, built with OSRM's own programs once per test run, whatever the number of workers."""

import fcntl
from pathlib import Path

import pytest

from dispatch.roads.base import Profile
from dispatch.roads.build import build_roads
from dispatch.roads.dataset import dataset_path
from dispatch.roads.osrm_local import OsrmLocal
from tests.dispatch.roads.town import write_town


@pytest.fixture(scope="session")
def town_dir(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A city folder with all four profiles; beside them the extract, `town.osm.pbf`."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "roads-town"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            write_town(folder / "town.osm.pbf")
            build_roads(folder / "town.osm.pbf", folder / "roads", progress=lambda stage, fraction: None)
            (folder / "ready").touch()
    return folder


@pytest.fixture(scope="session")
def town(town_dir: Path) -> OsrmLocal:
    """The town's roads, in process."""
    return OsrmLocal({profile: dataset_path(town_dir, profile) for profile in Profile})
