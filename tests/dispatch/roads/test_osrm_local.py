"""The in-process engine on the hand-made town."""

import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from dispatch.roads import osrm_engine, osrm_local
from dispatch.roads.base import FAR_FROM_ROAD_M, UNREACHABLE, Profile, RoadsError
from dispatch.roads.dataset import dataset_path
from dispatch.roads.osrm_local import OsrmLocal, _read_numbers
from tests.dispatch.roads.town import ISLAND_NORTH_BLOCKS, ROCK_EAST_BLOCKS, places

WEST, EAST = (0, 1), (0, 6)


def test_a_one_way_street_makes_the_matrix_asymmetric(town: OsrmLocal) -> None:
    """Planning on symmetric times would send vans the wrong way; east is 5 blocks, west 7 by the next row."""
    matrix = town.matrix(places(WEST, EAST), Profile.VAN)
    assert matrix.distances.tolist() == pytest.approx(np.array([[0, 500], [700, 0]]), abs=3)
    assert matrix.durations[0, 1] == pytest.approx(500 / (23 / 3.6), abs=3)
    assert matrix.durations[1, 0] > 700 / (23 / 3.6)


def test_foot_goes_against_the_one_way_street(town: OsrmLocal) -> None:
    """A courier on foot is not bound by it: 500 m at 4.8 km/h both ways."""
    matrix = town.matrix(places(WEST, EAST), Profile.FOOT)
    assert matrix.distances.tolist() == pytest.approx(np.array([[0, 500], [500, 0]]), abs=3)
    assert matrix.durations.tolist() == pytest.approx(np.array([[0, 375], [375, 0]]), abs=3)


def test_matrices_are_contiguous_int32_for_the_solvers(town: OsrmLocal) -> None:
    """Solvers take the buffers as they are; another type would be copied or refused."""
    matrix = town.matrix(places(WEST, EAST, (3, 3)), Profile.VAN)
    for values in (matrix.durations, matrix.distances):
        assert values.dtype == np.int32
        assert values.flags.c_contiguous
        assert values.shape == (3, 3)
    assert not matrix.approximate


def test_sources_and_destinations_choose_rows_and_columns(town: OsrmLocal) -> None:
    """Adding one stop must not cost a whole matrix; the part must equal the same part of the whole."""
    points = places(*[(row, column) for row in range(4) for column in range(4)])
    whole = town.matrix(points, Profile.VAN)
    part = town.matrix(points, Profile.VAN, sources=[5, 2], destinations=[0, 15, 7])
    assert part.durations.tolist() == whole.durations[np.ix_([5, 2], [0, 15, 7])].tolist()
    assert part.distances.tolist() == whole.distances[np.ix_([5, 2], [0, 15, 7])].tolist()
    assert part.source_snaps.shape == (2,)
    assert part.destination_snaps.shape == (3,)


def test_a_matrix_asked_in_parts_equals_the_whole(town: OsrmLocal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large matrices are asked in parts to bound memory: no row may move, none may be lost."""
    crossings = [(row, column) for row in range(5) for column in range(5)]
    points = places(*crossings, (ISLAND_NORTH_BLOCKS + 3, 3), (2, ROCK_EAST_BLOCKS))
    whole = town.matrix(points, Profile.CARGO_BIKE)
    monkeypatch.setattr(osrm_local, "CELLS_AT_ONCE", 100)
    parts = town.matrix(points, Profile.CARGO_BIKE)
    assert np.array_equal(whole.durations, parts.durations)
    assert np.array_equal(whole.distances, parts.distances)
    assert np.array_equal(whole.source_snaps, parts.source_snaps)
    assert np.array_equal(whole.destination_snaps, parts.destination_snaps)


def test_an_unreachable_pair_is_marked_not_guessed(town: OsrmLocal) -> None:
    """An island without a bridge must be seen by the planner, never get an invented time."""
    matrix = town.matrix(places(WEST, (ISLAND_NORTH_BLOCKS + 3, 3), EAST), Profile.VAN)
    assert matrix.unreachable_pairs().tolist() == [[0, 1], [1, 0], [1, 2], [2, 1]]
    assert matrix.durations[0, 1] == matrix.distances[0, 1] == UNREACHABLE
    assert matrix.durations[0, 2] < UNREACHABLE
    assert np.iinfo(np.int32).max >= UNREACHABLE + UNREACHABLE + UNREACHABLE


def test_a_place_far_from_the_roads_used_for_it_is_visible(town: OsrmLocal) -> None:
    """A three-house rock is moved to the mainland by OSRM; the caller must be able to flag that order."""
    matrix = town.matrix(places(WEST, (1, ROCK_EAST_BLOCKS)), Profile.VAN)
    assert matrix.far_sources().tolist() == [1]
    assert matrix.far_destinations().tolist() == [1]
    assert matrix.source_snaps[0] < 1
    assert matrix.source_snaps[1] > FAR_FROM_ROAD_M
    assert matrix.unreachable_pairs().size == 0


def test_each_profile_uses_its_own_ways(town: OsrmLocal) -> None:
    """The cycleway is the bike's and the walker's alone; the truck does not fit under the low bridge."""
    canal, bridge = places((2, 11))[0], places((4, 11))[0]
    assert town.nearest(canal, Profile.CARGO_BIKE).street == "Canal Path"
    assert town.nearest(canal, Profile.FOOT).street == "Canal Path"
    assert town.nearest(canal, Profile.VAN).street == "Bridge Street"
    assert town.nearest(bridge, Profile.VAN).metres < 1
    assert town.nearest(bridge, Profile.TRUCK).metres == pytest.approx(400, abs=5)


def test_a_private_road_may_be_delivered_to(town: OsrmLocal) -> None:
    """Half of a city's addresses lie behind a private sign; refusing them would strand their orders."""
    matrix = town.matrix(places((7, 6), (11, 7)), Profile.VAN)
    assert matrix.distances[0, 1] == pytest.approx(500, abs=3)
    assert matrix.distances[1, 0] == pytest.approx(500, abs=3)


def test_the_line_follows_the_streets(town: OsrmLocal) -> None:
    """A route drawn through houses is a wrong route: every point lies on a row or a column of the grid."""
    line = town.line(places((1, 1), (1, 4), (5, 4), (5, 4), (2, 2)), Profile.VAN)
    assert len(line.legs) == 4
    assert line.reachable
    assert not line.approximate
    blocks = (line.points - np.array(places((0, 0))[0])) / (places((1, 1))[0] - places((0, 0))[0])
    off_grid = np.abs(blocks - np.rint(blocks)).min(axis=1)
    assert off_grid.max() < 0.02
    assert line.distance_m == pytest.approx(300 + 400 + 0 + 500, abs=8)


def test_legs_index_the_line_end_to_end(town: OsrmLocal) -> None:
    """The board colours legs by these indexes; each must begin where the one before ended."""
    stops = places((1, 1), (1, 4), (5, 4), (5, 4), (2, 2))
    line = town.line(stops, Profile.VAN)
    assert line.legs[0].first == 0
    assert line.legs[-1].last == len(line.points) - 1
    for before, after in zip(line.legs, line.legs[1:], strict=False):
        assert before.last == after.first
    for index, leg in enumerate(line.legs):
        np.testing.assert_allclose(line.points[leg.first], stops[index], atol=2e-5)
        np.testing.assert_allclose(line.leg_points(index)[-1], stops[index + 1], atol=2e-5)


def test_line_and_matrix_agree(town: OsrmLocal) -> None:
    """A plan timed by the matrix and drawn by the line must tell one time."""
    stops = places((0, 6), (0, 1), (5, 3), (3, 7))
    matrix, line = town.matrix(stops, Profile.VAN), town.line(stops, Profile.VAN)
    assert [leg.duration_s for leg in line.legs] == pytest.approx(np.diag(matrix.durations, 1), abs=1)
    assert [leg.distance_m for leg in line.legs] == pytest.approx(np.diag(matrix.distances, 1), abs=2)


def test_a_long_route_is_asked_in_pieces(town: OsrmLocal, monkeypatch: pytest.MonkeyPatch) -> None:
    """A route of 700 stops exceeds one question; pieces must join without losing a leg."""
    stops = places(*[(row, column) for row in range(1, 5) for column in range(6)])
    whole = town.line(stops, Profile.VAN)
    turns = town.turns(stops, Profile.VAN)
    monkeypatch.setattr(OsrmLocal, "route_points", 5)
    pieces = town.line(stops, Profile.VAN)
    assert [leg.distance_m for leg in pieces.legs] == [leg.distance_m for leg in whole.legs]
    assert pieces.legs[-1].last == len(pieces.points) - 1
    assert town.turns(stops, Profile.VAN) == turns


def test_one_bad_hop_does_not_spoil_the_line(town: OsrmLocal) -> None:
    """The board must draw the other legs and show the missing one, not fail."""
    stops = places((1, 1), (1, 4), (ISLAND_NORTH_BLOCKS + 3, 3), (ISLAND_NORTH_BLOCKS + 3, 5))
    line = town.line(stops, Profile.VAN)
    assert [leg.reachable for leg in line.legs] == [True, False, True]
    assert line.legs[1].duration_s == UNREACHABLE
    assert line.duration_s == line.distance_m == UNREACHABLE
    assert line.approximate
    np.testing.assert_allclose(line.leg_points(1), stops[1:3])
    assert line.legs[2].distance_m == pytest.approx(200, abs=3)


def test_no_points_and_one_point_have_no_legs(town: OsrmLocal) -> None:
    """An empty route is a normal thing on the board."""
    assert town.line(np.empty((0, 2)), Profile.VAN).legs == ()
    assert town.line(places((1, 1)), Profile.VAN).duration_s == 0
    assert town.turns(places((1, 1)), Profile.VAN) == []
    assert town.matrix(np.empty((0, 2)), Profile.VAN).durations.shape == (0, 0)


def test_nearest_names_the_street_and_the_distance(town: OsrmLocal) -> None:
    """A click on the map must answer with the street it was moved to."""
    snap = town.nearest(places((3.2, 4.5))[0], Profile.VAN)
    assert snap.street == "Main Row 3"
    assert snap.metres == pytest.approx(20, abs=1)
    assert (snap.lat, snap.lng) == pytest.approx(tuple(places((3, 4.5))[0]), abs=1e-5)
    assert not snap.far


def test_turns_read_like_directions(town: OsrmLocal) -> None:
    """The driver's list: set off, the turn with the street after it, an arrival for each stop."""
    turns = town.turns(places((1, 1.5), (1, 4), (4, 4.4)), Profile.VAN)
    assert [turn.kind for turn in turns if turn.leg == 0] == ["depart", "arrive"]
    assert turns[0].instruction == "Set off onto Main Row 1"
    assert turns[0].metres == pytest.approx(250, abs=3)
    assert any(turn.instruction == "Turn right onto Main Row 4" for turn in turns if turn.leg == 1)
    assert turns[-1].kind == "arrive"
    assert (turns[-1].lat, turns[-1].lng) == pytest.approx(tuple(places((4, 4.4))[0]), abs=1e-5)


def test_turns_without_a_connection_say_so(town: OsrmLocal) -> None:
    """A turn list with a hole would be followed into the water."""
    with pytest.raises(RoadsError) as caught:
        town.turns(places((1, 1), (ISLAND_NORTH_BLOCKS + 3, 3)), Profile.VAN)
    assert caught.value.code == "roads_no_route"


@pytest.mark.parametrize(
    ("points", "sources"),
    [
        ([[91.0, 10.0]], None),
        ([[float("nan"), 10.0]], None),
        ([[1.0, 2.0, 3.0]], None),
        ([[50.0, 10.0]], [1]),
    ],
)
def test_bad_points_are_refused_by_code(
    town: OsrmLocal, points: list[list[float]], sources: list[int] | None
) -> None:
    """OSRM answers nonsense for nonsense; swapped coordinates must not become a plan."""
    with pytest.raises(RoadsError) as caught:
        town.matrix(np.array(points), Profile.VAN, sources=sources)
    assert caught.value.code == "roads_bad_points"


def test_missing_and_broken_datasets_are_told_apart(town_dir: Path, tmp_path: Path) -> None:
    """An operator needs to know whether to build or to repair."""
    point = places((1, 1))[0]
    with pytest.raises(RoadsError) as caught:
        OsrmLocal({Profile.VAN: tmp_path / "city.osrm"}).nearest(point, Profile.VAN)
    assert caught.value.code == "roads_dataset_missing"
    with pytest.raises(RoadsError) as caught:
        OsrmLocal({}).nearest(point, Profile.VAN)
    assert caught.value.code == "roads_profile_missing"
    shutil.copytree(dataset_path(town_dir, Profile.VAN).parent, tmp_path / "half")
    (tmp_path / "half" / "city.osrm.geometry").unlink()
    with pytest.raises(RoadsError) as caught:
        OsrmLocal({Profile.VAN: tmp_path / "half" / "city.osrm"}).nearest(point, Profile.VAN)
    assert caught.value.code == "roads_dataset_broken"


def test_a_replaced_dataset_is_opened_anew(town_dir: Path, tmp_path: Path) -> None:
    """After a city is rebuilt, running processes must answer from the new streets."""
    live = tmp_path / "live"
    shutil.copytree(dataset_path(town_dir, Profile.VAN).parent, live)
    roads = OsrmLocal({Profile.VAN: live / "city.osrm"})
    before = roads.matrix(places(EAST, WEST), Profile.VAN).distances[0, 1]
    live.rename(tmp_path / "old")
    shutil.copytree(dataset_path(town_dir, Profile.FOOT).parent, live)
    after = roads.matrix(places(EAST, WEST), Profile.VAN).distances[0, 1]
    assert (before, after) == (pytest.approx(700, abs=3), pytest.approx(500, abs=3))


def test_threads_share_one_engine(town_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A web process answers from several threads; the dataset is to be opened once."""
    shutil.copytree(dataset_path(town_dir, Profile.VAN).parent, tmp_path / "van")
    opened: list[Path] = []
    real = osrm_engine.open_engine
    monkeypatch.setattr(osrm_engine, "open_engine", lambda path: (opened.append(path), real(path))[1])
    roads = OsrmLocal({Profile.VAN: tmp_path / "van" / "city.osrm"})
    answers: list[int] = []
    points = places(WEST, EAST)
    threads = [
        threading.Thread(
            target=lambda: answers.append(int(roads.matrix(points, Profile.VAN).distances[1, 0]))
        )
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1
    assert len(set(answers)) == 1
    assert len(answers) == 6


FORK = """
import os, sys, threading
from pathlib import Path
import numpy as np
from dispatch.roads import osrm_engine
from dispatch.roads.base import Profile
from dispatch.roads.osrm_local import OsrmLocal

dataset = Path(sys.argv[1])
roads = OsrmLocal({Profile.VAN: dataset})
points = np.array([[float(n) for n in pair.split(",")] for pair in sys.argv[2].split(";")])
expected = roads.matrix(points, Profile.VAN).distances.tolist()
parents = osrm_engine._opened[dataset].engine
osrm_engine._lock.acquire()  # as if another thread were opening an engine at the moment of the fork
child = os.fork()
if child == 0:
    same = roads.matrix(points, Profile.VAN).distances.tolist() == expected
    own = osrm_engine._opened[dataset].engine is not parents
    os._exit(0 if same and own else 3)
osrm_engine._lock.release()
_, status = os.waitpid(child, 0)
assert roads.matrix(points, Profile.VAN).distances.tolist() == expected
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_a_forked_child_opens_its_own_engine(town_dir: Path) -> None:
    """Celery forks its workers: a child using its parent's engine, or waiting for its lock, would hang."""
    pairs = ";".join(f"{lat},{lng}" for lat, lng in places(WEST, EAST).tolist())
    arguments = [sys.executable, "-c", FORK, str(dataset_path(town_dir, Profile.VAN)), pairs]
    root = Path(__file__).parents[3]
    done = subprocess.run(arguments, cwd=root, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_a_metre_less_than_none_counts_as_none() -> None:
    """Two doors at one point of a street: OSRM has been seen to answer -1 m, which the planner would refuse."""
    whole, parts = np.zeros((1, 3), np.int32), np.zeros((1, 3), np.float32)
    for out in (whole, parts):
        _read_numbers([[-1.0, 0.0, 2.6]], out)
    assert whole.tolist() == [[0, 0, 3]]
    assert parts.min() == 0
