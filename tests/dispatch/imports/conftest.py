"""A station with a shop, a city of one street, and no thread beside the test's own transaction."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from dispatch.models import Shop, Station
from lastmile import jobs
from tests.dispatch.fake_city import FakeGeocoder
from tests.scenarios import make_shop, make_station


class City:
    """What imports ask of a city."""

    def __init__(self) -> None:
        self.geocoder = FakeGeocoder()


@pytest.fixture
def city() -> City:
    return City()


@pytest.fixture(autouse=True)
def one_process(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path, city: City) -> None:
    monkeypatch.setattr(jobs, "held", nullcontext)
    for module in ("dispatch.services.imports", "dispatch.services.import_diff"):
        monkeypatch.setattr(f"{module}.open_city", lambda station: city)
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def station() -> Station:
    return make_station()


@pytest.fixture
def shop(station: Station) -> Shop:
    return make_shop(station)
