"""The village, built once for all tests of this folder."""

import os
from pathlib import Path

import pytest

from dispatch.places.build import PlacesSummary, build_places
from dispatch.places.geocoder import Geocoder

from .village import strandby


@pytest.fixture(scope="session")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return strandby().write(tmp_path_factory.mktemp("village") / "strandby.osm.pbf")


@pytest.fixture(scope="session")
def built(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlacesSummary]:
    target = tmp_path_factory.mktemp("built")
    return target, build_places(extract, target, lambda stage, share: None)


@pytest.fixture
def geocoder(built: tuple[Path, PlacesSummary]) -> Geocoder:
    return Geocoder(built[0] / "addresses.sqlite")


@pytest.fixture(scope="session")
def osm_data() -> Path:
    named = os.environ.get("LASTMILE_DATA")
    if not named:
        pytest.skip("LASTMILE_DATA is not set")
    return Path(named) / "osm"
