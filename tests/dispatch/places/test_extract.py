"""Reading an extract: what is counted, what is tolerated, what is refused and in which words."""

from pathlib import Path

import pytest

from dispatch.places import extract as reading
from dispatch.places.addresses import AddressCollector
from dispatch.places.errors import PlacesError

from .village import BOX, Village, strandby


def test_counts_roads_and_takes_bounds_from_the_header(extract: Path) -> None:
    """The footway is a street with a name but no road for a vehicle; the header's box is the city's."""
    scan = reading.read(extract, [])
    assert (scan.roads, scan.missing_nodes) == (5, 0)
    assert (scan.bounds.west, scan.bounds.north) == pytest.approx((BOX[0], BOX[3]), abs=1e-6)


def test_bounds_come_from_the_roads_where_the_header_has_none(tmp_path: Path) -> None:
    """Many tools write no box; the city must still have a middle."""
    scan = reading.read(strandby().write(tmp_path / "v.osm.pbf", with_box=False), [])
    assert (scan.bounds.west, scan.bounds.south) == pytest.approx((BOX[0], BOX[1]), abs=1e-6)


def test_missing_nodes_are_counted_and_the_rest_of_the_way_is_kept(tmp_path: Path) -> None:
    """Clipped extracts name nodes that they do not hold: a reader must cope and say how many."""
    village = Village()
    known = [village.node(0, 0), village.node(100, 0)]
    village.way([*known, 9001, 9002], highway="residential", name="Clipped Street")
    village.way([9001, 9002, 9003, 9001], building="yes", addr__street="Gone", addr__housenumber="1")
    village.way([known[0], 9001, known[1], known[0]], leisure="park")
    streets = AddressCollector()
    scan = reading.read(village.write(tmp_path / "v.osm.pbf"), [streets])
    assert (scan.roads, scan.missing_nodes) == (1, 2)
    assert list(streets.street_points) == ["Clipped Street"]
    assert streets.addresses == []


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty_file"), (b"<osm version='0.6'></osm>", "not_a_pbf"), (bytes(range(256)) * 40, "not_a_pbf")],
)
def test_what_is_no_pbf_is_refused(tmp_path: Path, content: bytes, code: str) -> None:
    """Each refusal carries a code, a cause and something to do."""
    path = tmp_path / "x.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(PlacesError) as caught:
        reading.read(path, [])
    assert caught.value.code == code
    assert "x.osm.pbf" in caught.value.cause
    assert caught.value.action


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A mistyped path is the commonest mistake of all."""
    with pytest.raises(PlacesError) as caught:
        reading.read(tmp_path / "none.osm.pbf", [])
    assert caught.value.code == "missing_file"


def test_no_cut_of_a_file_is_ever_read_as_whole(extract: Path, tmp_path: Path) -> None:
    """A download that stopped: wherever it did, it is refused, as cut or as a file without roads."""
    whole = extract.read_bytes()
    for share in (0.02, 0.2, 0.5, 0.8, 0.95, 0.999):
        path = tmp_path / "cut.osm.pbf"
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(PlacesError) as caught:
            reading.read(path, [])
        assert caught.value.code in ("truncated", "not_a_pbf", "no_roads"), share


def test_an_extract_without_roads_is_refused(tmp_path: Path) -> None:
    """Addresses alone plan nothing."""
    village = Village()
    village.address("Nowhere", "1", 10, 10)
    village.line((0, 0), (10, 0), highway="footway")
    with pytest.raises(PlacesError) as caught:
        reading.read(village.write(tmp_path / "v.osm.pbf"), [])
    assert caught.value.code == "no_roads"


def test_progress_never_goes_back_and_ends_at_one(extract: Path) -> None:
    """A bar that jumps back is not believed."""
    shares: list[float] = []
    reading.read(extract, [], shares.append)
    reading.sha256_of(extract, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
