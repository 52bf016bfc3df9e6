"""Building datasets: what is made, what is refused, what stays when a build stops."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dispatch.roads.base import Profile, RoadsError
from dispatch.roads.build import TruckLimits, build_roads
from dispatch.roads.dataset import dataset_path, open_roads
from dispatch.roads.osrm_local import OsrmLocal
from dispatch.roads.osrm_tools import run
from tests.dispatch.roads.town import places, write_buildings, write_town


def silent(stage: str, fraction: float) -> None:
    """A progress listener for tests that do not look at progress."""


def test_the_summary_counts_what_was_built(tmp_path: Path) -> None:
    """The city page prints these numbers; the town's first way names two missing nodes."""
    write_town(tmp_path / "town.osm.pbf")
    summary = build_roads(
        tmp_path / "town.osm.pbf", tmp_path / "roads", profiles=[Profile.VAN], progress=silent
    )
    # 8 + 8 streets of 7 blocks; bridge street 2, works drive 2; the island 7 + 7 of 6; rock lane 2
    assert summary.profiles[Profile.VAN].segments == 112 + 2 + 2 + 84 + 2
    assert summary.profiles[Profile.VAN].bytes > 10_000
    assert summary.missing_nodes == 2
    assert summary.without_roads == ()
    assert sorted(path.name for path in (tmp_path / "roads").iterdir()) == ["van"]


def test_progress_rises_to_one(tmp_path: Path) -> None:
    """A bar that jumps back is taken for a fault."""
    write_town(tmp_path / "town.osm.pbf")
    seen: list[tuple[str, float]] = []
    two = [Profile.VAN, Profile.FOOT]
    build_roads(
        tmp_path / "town.osm.pbf",
        tmp_path / "roads",
        profiles=two,
        progress=lambda stage, fraction: seen.append((stage, fraction)),
    )
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[0] < 0.1
    assert fractions[-1] == 1.0
    assert {stage.split(":")[0] for stage, _ in seen} == {"van", "foot", "roads"}


def test_a_smaller_truck_fits_under_the_bridge(tmp_path: Path) -> None:
    """Truck limits are the fleet's own; they must reach the profile."""
    write_town(tmp_path / "town.osm.pbf")
    build_roads(
        tmp_path / "town.osm.pbf",
        tmp_path / "roads",
        profiles=[Profile.TRUCK],
        progress=silent,
        truck=TruckLimits(height_m=2.8),
    )
    bridge = places((4, 11))[0]
    assert open_roads(tmp_path).nearest(bridge, Profile.TRUCK).metres < 1


def truncated(path: Path) -> None:
    write_town(path)
    path.write_bytes(path.read_bytes()[:-200])


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda path: path.write_bytes(b"<html>not found</html>" * 50), "roads_extract_unreadable"),
        (lambda path: path.write_bytes(b""), "roads_extract_unreadable"),
        (truncated, "roads_extract_unreadable"),
        (write_buildings, "roads_extract_empty"),
        (lambda path: None, "roads_extract_missing"),
        (lambda path: path.mkdir(), "roads_extract_missing"),
    ],
)
def test_bad_extracts_are_refused_and_leave_nothing(
    tmp_path: Path, make: Callable[[Path], object], code: str
) -> None:
    """Each bad file has its own cause and action; no half dataset may look like a city."""
    make(tmp_path / "bad.osm.pbf")
    with pytest.raises(RoadsError) as caught:
        build_roads(tmp_path / "bad.osm.pbf", tmp_path / "roads", profiles=[Profile.VAN], progress=silent)
    assert caught.value.code == code
    assert caught.value.action
    assert "bad.osm.pbf" in caught.value.cause
    assert not list((tmp_path / "roads").glob("*"))


def test_a_cancelled_build_keeps_the_old_dataset(tmp_path: Path) -> None:
    """Cancel is an exception out of the progress listener: programs end at once, the city stays as it was."""
    write_town(tmp_path / "town.osm.pbf")
    options = {"profiles": [Profile.VAN]}
    build_roads(tmp_path / "town.osm.pbf", tmp_path / "roads", progress=silent, **options)
    before = dataset_path(tmp_path, Profile.VAN).with_name("city.osrm.hsgr").stat().st_ino

    class Cancelled(Exception):
        pass

    def cancel(stage: str, fraction: float) -> None:
        if "preparing" in stage:
            raise Cancelled

    with pytest.raises(Cancelled):
        build_roads(tmp_path / "town.osm.pbf", tmp_path / "roads", progress=cancel, **options)
    assert dataset_path(tmp_path, Profile.VAN).with_name("city.osrm.hsgr").stat().st_ino == before
    assert [path.name for path in (tmp_path / "roads").iterdir()] == ["van"]


def test_a_program_is_killed_when_its_listener_gives_up(tmp_path: Path) -> None:
    """A program that says nothing must still be stoppable, and may not live on."""
    pid_file = tmp_path / "pid"

    def give_up(text: str) -> None:
        if pid_file.exists() and pid_file.read_text().strip():
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(["/bin/sh", "-c", f"echo $$ > {pid_file}; exec sleep 60"], environment={}, on_output=give_up)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


def test_programs_run_at_low_priority() -> None:
    """A build beside a working day must not slow the board."""
    # The priority is set just after the start: the shell waits before it looks.
    said = run(["/bin/sh", "-c", "sleep 0.2; nice"], environment={}, on_output=lambda text: None)
    assert int(said) >= 10


@pytest.mark.parametrize("extract", ["copenhagen-2011.osm.pbf", "lauf-de-2020.osm.pbf"])
def test_a_clipped_city_is_built_and_connected(data_folder: Path, tmp_path: Path, extract: str) -> None:
    """Real extracts lack nodes at their edges; small cut-off pieces must not leave places unreachable."""
    summary = build_roads(
        data_folder / "osm" / extract, tmp_path / "roads", profiles=[Profile.VAN], progress=silent
    )
    assert summary.missing_nodes > 0
    roads = OsrmLocal({Profile.VAN: dataset_path(tmp_path, Profile.VAN)})
    box = {"copenhagen-2011.osm.pbf": ((55.66, 12.53), (55.70, 12.60))}
    low, high = box.get(extract, ((49.50, 11.26), (49.53, 11.30)))
    points = np.random.default_rng(1).uniform(low, high, (200, 2))
    matrix = roads.matrix(points, Profile.VAN)
    assert matrix.unreachable_pairs().size == 0
    off_diagonal = ~np.eye(200, dtype=bool)
    speeds = matrix.distances[off_diagonal] / np.maximum(1, matrix.durations[off_diagonal]) * 3.6
    # door to door in a town, junctions included
    assert 15 < np.median(speeds) < 45
    assert (matrix.durations != matrix.durations.T).any()
    timed = roads.matrix(points, Profile.VAN, shares=True)
    assert timed.shares is not None
    told = (timed.shares.main + timed.shares.through)[off_diagonal].sum() / timed.durations[
        off_diagonal
    ].sum()
    assert 0.2 < told < 0.95  # main and through roads carry a good part of every town's ways
