"""How much of a way is on which class of road, and what a time of day makes of it."""

from pathlib import Path

import numpy as np
import pytest

from dispatch.roads.base import UNREACHABLE, Manners, Profile
from dispatch.roads.build import build_roads
from dispatch.roads.crowfly import CrowFly
from dispatch.roads.dataset import open_roads
from dispatch.roads.osrm_local import OsrmLocal
from dispatch.roads.shares import FREE, Shares, Speeds, read_shares, seconds_from, typical_shares
from tests.dispatch.roads.town import TownWriter, place, places


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One road straight to the east: five blocks primary, five tertiary, five residential; a toll road beside it."""
    folder = tmp_path_factory.mktemp("classes")
    writer = TownWriter()
    for start, kind in ((0, "primary"), (5, "tertiary"), (10, "residential")):
        writer.way([(0, start + step) for step in range(6)], highway=kind, name=kind)
    for column in range(15):
        writer.way([(1, column), (1, column + 1)], highway="residential", name="back")
    writer.way([(0, 0), (1, 0)], highway="residential")
    writer.way([(0, 15), (1, 15)], highway="residential")
    for row in range(1, 10):
        writer.way([(row, 15), (row + 1, 15)], highway="residential", toll="yes")
    writer.way([(0, column) for column in range(15, 120)], highway="residential", name="long")
    writer.write(folder / "town.osm.pbf")
    build_roads(
        folder / "town.osm.pbf", folder / "roads", profiles=[Profile.VAN], progress=lambda stage, done: None
    )
    return folder


def test_the_seconds_of_each_class_are_told(classes: Path) -> None:
    """A way over all three classes is split where the classes change; the way itself is the plain one."""
    roads = open_roads(classes)
    points = places((0, 0.5), (0, 4.5), (0, 9.5), (0, 14.5))
    found, plain = roads.matrix(points, Profile.VAN, shares=True), roads.matrix(points, Profile.VAN)
    assert found.shares is not None
    assert (found.durations == plain.durations).all()
    main, through = found.shares.main, found.shares.through
    assert main[0, 1] == pytest.approx(found.durations[0, 1], abs=1)
    assert through[0, 1] == pytest.approx(0, abs=0.2)
    assert main[0, 3] == pytest.approx(450 / (42 / 3.6), rel=0.02)
    assert through[0, 3] == pytest.approx(500 / (32 / 3.6), rel=0.02)
    assert plain.shares is None


def test_a_factor_acts_on_its_class_alone(classes: Path) -> None:
    """Half the speed on main roads adds exactly the main seconds; free speeds change nothing."""
    found = open_roads(classes).matrix(places((0, 0.5), (0, 14.5)), Profile.VAN, shares=True)
    assert found.shares is not None
    slow = found.shares.at(found.durations, Speeds(main=50))
    assert slow[0, 1] - found.durations[0, 1] == pytest.approx(found.shares.main[0, 1], abs=1)
    assert (found.shares.at(found.durations, FREE) == found.durations).all()
    assert slow.dtype == np.int32


def test_what_is_unreachable_or_here_stays_so() -> None:
    """A period is unreachable where the table is, zero where it is zero, and never less than a second elsewhere."""
    durations = np.array([[0, 1, UNREACHABLE]], np.int32)
    fast = typical_shares(durations).at(durations, Speeds(200, 200, 200))
    assert fast.tolist() == [[0, 1, UNREACHABLE]]


def test_shares_never_exceed_the_way() -> None:
    """Tables that do not add up, as ways of equal liking make them, are cut to the seconds there are."""
    plain = np.array([[100.0, 50.0, UNREACHABLE]], np.float32)
    slowed = [np.array([[900.0, 40.0, 7.0]], np.float32), np.array([[400.0, 110.0, 7.0]], np.float32)]
    shares = read_shares(plain, plain, slowed)
    assert shares.main.tolist() == [[100, 0, 0]]
    assert shares.through.tolist() == [[0, 20, 0]]


def test_straight_lines_and_bicycles_have_no_rush_hour(town: OsrmLocal) -> None:
    """Their seconds are the whole day's: shares are asked for and none are told."""
    points = places((1, 1), (2, 2))
    assert CrowFly().matrix(points, Profile.VAN, shares=True).shares is None
    assert town.matrix(points, Profile.CARGO_BIKE, shares=True).shares is None


@pytest.mark.parametrize(
    ("leave", "seconds"),
    [
        (0, 100),  # there before anything changes
        (950, 150),  # half the way free, half at half speed
        (1000, 200),  # all of it slow
        (1900, 150),  # half the way slow, then free again
    ],
)
def test_a_way_goes_on_at_the_speed_of_the_hour(leave: int, seconds: int) -> None:
    """The share that is left at a change takes as long as it does then."""
    assert seconds_from(leave, 100, [(1000, 200), (2000, 100)]) == seconds


def test_who_leaves_later_never_arrives_earlier() -> None:
    """Whatever the periods, second by second."""
    pieces = [(40, 300), (90, 20), (130, 500), (200, 60)]
    arrivals = [leave + seconds_from(leave, 80, pieces) for leave in range(400)]
    assert arrivals == sorted(arrivals)


def test_tolls_are_avoided_where_asked(classes: Path) -> None:
    """Over the toll road one gets to the door; without it only to the nearest street that is free, which is told."""
    roads = open_roads(classes)
    points = places((0, 3), (9, 15))
    assert roads.matrix(points, Profile.VAN).destination_snaps[1] < 1
    free = roads.matrix(points, Profile.VAN, manners=Manners(free_roads=True))
    assert free.destination_snaps[1] > 500
    assert free.far_destinations().tolist() == [1]


def test_the_van_stops_on_its_own_side(classes: Path) -> None:
    """A door on the left of the long street costs the way to where one can turn; on the right nothing."""
    roads = open_roads(classes)
    right, left = place(-0.05, 40), place(0.05, 40)
    for side, more in ((right, False), (left, True)):
        points = np.array([place(-0.05, 20), side])
        usual = roads.matrix(points, Profile.VAN).distances[0, 1]
        curb = roads.matrix(points, Profile.VAN, manners=Manners(curb=True))
        line = roads.line(points, Profile.VAN, manners=Manners(curb=True))
        assert bool(curb.distances[0, 1] > usual + 1000) == more
        assert line.distance_m == pytest.approx(curb.distances[0, 1], abs=2)


def test_no_shares_are_made_up_for_a_class_that_is_absent() -> None:
    """Shares of a table without main roads are zero, not noise below zero."""
    plain = np.array([[30.0]], np.float32)
    shares = read_shares(plain, plain, [np.array([[29.9]], np.float32), np.array([[30.0]], np.float32)])
    assert isinstance(shares, Shares)
    assert shares.main[0, 0] == shares.through[0, 0] == 0
