"""Closed and slow streets: found by points along them, in a copy of the roads; the city's own stay as they are."""

from pathlib import Path

import pytest

from dispatch.roads.base import Profile
from dispatch.roads.closures import Slow, close_streets, length_of, speeds_of
from dispatch.roads.dataset import dataset_path, open_roads
from tests.dispatch.roads.town import place, places

BLOCK = (place(3, 1.3), place(3, 2.7))
AROUND = places((3, 1), (3, 3))


def test_a_closed_street_is_driven_around_in_both_directions(town_dir: Path, tmp_path: Path) -> None:
    """The copy goes around the two blocks; the original does not know of it; shares still add up."""
    changed = close_streets(town_dir / "roads", tmp_path / "roads", [Slow(BLOCK)], profiles=[Profile.VAN])
    assert changed == {Profile.VAN: 4}
    closed, usual = open_roads(town_dir, closures=tmp_path), open_roads(town_dir)
    assert usual.matrix(AROUND, Profile.VAN).distances.tolist() == [[0, 200], [200, 0]]
    found = closed.matrix(AROUND, Profile.VAN, shares=True)
    assert found.distances.tolist() == [[0, 400], [400, 0]]
    assert found.shares is not None
    assert (found.shares.main + found.shares.through <= found.durations + 1).all()
    assert closed.line(AROUND, Profile.VAN).distance_m == 400
    assert closed.matrix(AROUND, Profile.FOOT).distances[0, 1] == 200  # not asked for


def test_a_slow_street_takes_longer(town_dir: Path, tmp_path: Path) -> None:
    """80 % of the speed on a street without a better way around is 125 % of the seconds."""
    close_streets(town_dir / "roads", tmp_path / "roads", [Slow(BLOCK, 80)], profiles=[Profile.VAN])
    inside = places((3, 1.3), (3, 2.7))
    usual = open_roads(town_dir).matrix(inside, Profile.VAN)
    slow = open_roads(town_dir, closures=tmp_path).matrix(inside, Profile.VAN)
    assert slow.durations[0, 1] == pytest.approx(usual.durations[0, 1] / 0.8, abs=1)
    assert slow.distances[0, 1] == usual.distances[0, 1]


def test_a_one_way_street_clicked_against_its_direction_is_that_street(town_dir: Path) -> None:
    """The way against it goes around the block: the street is the shorter way, and nothing else is closed."""
    van = dataset_path(town_dir, Profile.VAN)
    against = speeds_of(van, [Slow((place(0, 3.3), place(0, 2.7)))])
    along = speeds_of(van, [Slow((place(0, 2.7), place(0, 3.3)))])
    assert against == along
    assert len(along) == 2
    assert all(at == (0, 0) for at in along.values())


def test_points_off_every_street_close_nothing(town_dir: Path, tmp_path: Path) -> None:
    """A profile without the street keeps the city's own roads: there is no copy of it."""
    slow = Slow((place(20, 1), place(22, 1)))
    assert close_streets(town_dir / "roads", tmp_path / "roads", [slow], profiles=[Profile.VAN]) == {
        Profile.VAN: 0
    }
    assert not (tmp_path / "roads" / "van").exists()
    assert length_of(dataset_path(town_dir, Profile.VAN), slow.points) is None


def test_of_two_tellings_of_one_street_the_slower_holds(town_dir: Path) -> None:
    """Closed wins over slow, whichever was told first."""
    van = dataset_path(town_dir, Profile.VAN)
    for slows in ([Slow(BLOCK), Slow(BLOCK, 50)], [Slow(BLOCK, 50), Slow(BLOCK)]):
        assert {speed for speed, _rate in speeds_of(van, slows).values()} == {0}


def test_a_stop_leaves_nothing_behind(town_dir: Path, tmp_path: Path) -> None:
    """A cancelled job must not leave a half-made copy that could be taken for a whole one."""

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        close_streets(
            town_dir / "roads", tmp_path / "roads", [Slow(BLOCK)], profiles=[Profile.VAN], check=stop
        )
    assert list(tmp_path.iterdir()) == []
