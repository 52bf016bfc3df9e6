"""Straight lines, checked against numbers worked out by hand."""

import math

import numpy as np
import pytest

from dispatch.roads.base import Profile
from dispatch.roads.crowfly import PACES, CrowFly

# One degree of latitude on a sphere of 6,371,008.8 m is 111,195.08 m; of longitude at 60 degrees north, half.
DEGREE_M = 111_195.08


def test_a_degree_north_is_known() -> None:
    """The one distance everybody can check: circuity and speed must be applied once each."""
    matrix = CrowFly().matrix(np.array([[0.0, 0.0], [1.0, 0.0]]), Profile.VAN)
    road = DEGREE_M * 1.4
    assert matrix.distances.tolist() == [[0, round(road)], [round(road), 0]]
    assert matrix.durations[0, 1] == round(road / (25 / 3.6))
    assert matrix.durations.dtype == matrix.distances.dtype == np.int32


def test_longitude_shrinks_with_latitude() -> None:
    """Forgetting the cosine doubles every east-west distance in Helsinki."""
    matrix = CrowFly().matrix(np.array([[60.0, 10.0], [60.0, 10.1]]), Profile.FOOT)
    chord = 2 * 6_371_008.8 * math.asin(0.5 * math.sin(math.radians(0.05)))
    assert matrix.distances[0, 1] == pytest.approx(chord * 1.25, abs=1)
    assert matrix.distances[0, 1] == pytest.approx(DEGREE_M / 20 * 1.25, abs=2)


@pytest.mark.parametrize("profile", list(Profile))
def test_every_profile_has_a_believable_pace(profile: Profile) -> None:
    """A kilometre takes anybody who delivers 1.5 to 20 minutes; no profile may fall out of the table."""
    points = np.array([[50.0, 10.0], [50.0 + 1000 / DEGREE_M, 10.0]])
    seconds = CrowFly().matrix(points, profile).durations[0, 1]
    assert 90 < seconds < 1200
    assert 1.0 < PACES[profile].circuity < 2.0


def test_the_line_is_straight_and_says_so() -> None:
    """The board draws it dashed under a banner."""
    points = np.array([[50.0, 10.0], [50.1, 10.0], [50.1, 10.1]])
    line = CrowFly().line(points, Profile.VAN)
    assert line.approximate
    assert np.array_equal(line.points, points)
    assert [(leg.first, leg.last) for leg in line.legs] == [(0, 1), (1, 2)]
    matrix = CrowFly().matrix(points, Profile.VAN)
    assert [leg.duration_s for leg in line.legs] == np.diag(matrix.durations, 1).tolist()
    assert matrix.approximate
    assert CrowFly().line(points[:1], Profile.VAN).legs == ()


def test_part_of_a_matrix_equals_that_part_of_the_whole() -> None:
    """Rows and columns may not be exchanged."""
    points = np.random.default_rng(3).uniform((50, 10), (51, 11), (6, 2))
    whole = CrowFly().matrix(points, Profile.VAN)
    part = CrowFly().matrix(points, Profile.VAN, sources=[4], destinations=[1, 5, 0])
    assert part.durations.tolist() == whole.durations[np.ix_([4], [1, 5, 0])].tolist()


def test_turns_are_a_departure_and_an_arrival_per_hop() -> None:
    """A driver without a road network still gets the order of the stops."""
    turns = CrowFly().turns(np.array([[50.0, 10.0], [50.01, 10.0], [50.01, 10.01]]), Profile.VAN)
    assert [(turn.leg, turn.kind) for turn in turns] == [
        (0, "depart"),
        (0, "arrive"),
        (1, "depart"),
        (1, "arrive"),
    ]
    assert turns[0].metres == round(DEGREE_M / 100 * 1.4)


def test_nearest_is_the_place_itself() -> None:
    """No roads, so nothing to be far from."""
    snap = CrowFly().nearest([50.0, 10.0], Profile.VAN)
    assert (snap.lat, snap.lng, snap.metres, snap.street, snap.far) == (50.0, 10.0, 0.0, "", False)
