"""The two real extracts beside the repository: how much is found, and how well."""

import random
import sqlite3
from pathlib import Path

import pytest

from dispatch.places import extract
from dispatch.places.addresses import AddressCollector, write_index
from dispatch.places.build import PlacesSummary, build_places
from dispatch.places.geocoder import Geocoder
from dispatch.places.geometry import metres
from dispatch.places.match import Verdict


@pytest.fixture(scope="module")
def copenhagen(osm_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, PlacesSummary]:
    target = tmp_path_factory.mktemp("copenhagen")
    return target, build_places(osm_data / "copenhagen-2011.osm.pbf", target, lambda stage, share: None)


def test_every_numbered_thing_is_searched_or_counted(copenhagen: tuple[Path, PlacesSummary]) -> None:
    """35,124 numbered things in the file: 35,115 in the search, 9 name no street."""
    summary = copenhagen[1]
    assert (summary.index.addresses, summary.index.nameless) == (35_115, 9)
    assert [note.code for note in summary.notes] == ["addresses_without_street", "missing_nodes"]


def test_addresses_are_found_where_they_are_even_misspelt(copenhagen: tuple[Path, PlacesSummary]) -> None:
    """300 addresses as written, then with one wrong letter in the street: within 150 m, as the rates say."""
    rows = sqlite3.connect(copenhagen[0] / "addresses.sqlite").execute(
        "SELECT s.name, a.label, a.postcode, a.place, a.lng, a.lat"
        " FROM addresses a JOIN streets s ON s.id = a.street"
    )
    chance = random.Random(7)
    sample = chance.sample(rows.fetchall(), 300)
    geocoder = Geocoder(copenhagen[0] / "addresses.sqlite")
    rates = []
    for misspelt in (False, True):
        right = 0
        for street, number, postcode, place, lng, lat in sample:
            spot = chance.randrange(1, len(street))
            written = street[:spot] + "x" + street[spot + 1 :] if misspelt else street
            best = geocoder.geocode(f"{written} {number}, {postcode} {place}").best
            right += best is not None and metres((best.lng, best.lat), (lng, lat)) < 150
        rates.append(right / len(sample))
    assert rates[0] == 1.0
    assert rates[1] > 0.95


def test_a_german_town(osm_data: Path, tmp_path: Path) -> None:
    """Lauf: sharp s, and Str. written short; every one of its numbers has a street."""
    found = AddressCollector()
    extract.read(osm_data / "lauf-de-2020.osm.pbf", [found])
    written = write_index(found, tmp_path / "addresses.sqlite")
    assert (written.addresses, written.nameless) == (5_425, 0)
    answer = Geocoder(tmp_path / "addresses.sqlite").geocode("Hersbrucker Str. 53, 91207 Lauf")
    assert answer.verdict is Verdict.FOUND
    assert answer.best is not None
    assert answer.best.street == "Hersbrucker Straße"
