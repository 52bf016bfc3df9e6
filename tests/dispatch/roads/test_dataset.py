"""Which engine a city gets."""

import shutil
from pathlib import Path

import pytest

from dispatch.roads.base import Profile, RoadsError
from dispatch.roads.dataset import dataset_path, open_roads
from tests.dispatch.roads.town import places


def test_a_built_city_is_answered_in_process(town_dir: Path) -> None:
    """The default: exact, no banner."""
    roads = open_roads(town_dir)
    assert roads.kind == "osrm_local"
    assert not roads.approximate
    assert roads.approximate_profiles == frozenset()
    assert not roads.matrix(places((1, 1), (2, 2)), Profile.VAN).approximate


@pytest.mark.parametrize("exists", [True, False])
def test_without_a_dataset_the_crow_flies(tmp_path: Path, exists: bool) -> None:
    """A station must work before its city is loaded, and say what it rests on."""
    roads = open_roads(tmp_path if exists else None)
    assert roads.kind == "crowfly"
    assert roads.approximate
    assert roads.approximate_profiles == frozenset(Profile)


def test_a_missing_profile_flies_alone(town_dir: Path, tmp_path: Path) -> None:
    """An extract without cycleways must not take the vans' streets away; only the bike is approximate."""
    van = dataset_path(tmp_path, Profile.VAN).parent
    shutil.copytree(dataset_path(town_dir, Profile.VAN).parent, van)
    roads = open_roads(tmp_path)
    points = places((0, 6), (0, 1))
    assert roads.kind == "mixed"
    assert roads.approximate
    assert roads.approximate_profiles == frozenset(Profile) - {Profile.VAN}
    assert roads.matrix(points, Profile.VAN).distances[0, 1] == pytest.approx(700, abs=3)
    assert not roads.line(points, Profile.VAN).approximate
    assert roads.matrix(points, Profile.CARGO_BIKE).approximate
    assert roads.line(points, Profile.CARGO_BIKE).approximate
    assert roads.nearest(places((0, 3.5))[0], Profile.VAN).street == "Main Row 0"
    assert roads.nearest(points[0], Profile.CARGO_BIKE).street == ""
    assert len(roads.turns(points, Profile.CARGO_BIKE)) == 2


def test_an_address_goes_before_the_disk(town_dir: Path) -> None:
    """Several machines share one routing server; a profile it lacks flies as the crow."""
    assert open_roads(town_dir, url="http://osrm-{profile}:5000").kind == "osrm_http"
    mixed = open_roads(town_dir, url="van=http://osrm:5000")
    assert mixed.kind == "mixed"
    assert Profile.VAN not in mixed.approximate_profiles
    with pytest.raises(RoadsError) as caught:
        open_roads(town_dir, url="not an address")
    assert caught.value.code == "roads_bad_url"
