"""A station's city as a process holds it: one road engine per city, of its newest build."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from dispatch.services import cities
from dispatch.services.cities import StationCity


@pytest.fixture(autouse=True)
def nothing_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cities, "_roads", {})


def city(name: str, build: str) -> StationCity:
    return StationCity(SimpleNamespace(name=name, path=Path("/nowhere") / name / build))  # type: ignore[arg-type]


def test_a_new_build_takes_the_place_of_the_old_engine() -> None:
    """An engine holds hundreds of megabytes; one for every build ever made would fill a server in weeks."""
    first = city("turku", "1").roads
    other = city("espoo", "1").roads
    assert city("turku", "1").roads is first
    second = city("turku", "2").roads
    assert second is not first
    assert city("espoo", "1").roads is other
    assert len(cities._roads) == 2


def test_a_station_without_a_city_has_one_engine_too() -> None:
    """Straight lines are cheap, but callers may hold on to what they got."""
    assert StationCity(None).roads is StationCity(None).roads
    assert StationCity(None).roads.approximate
