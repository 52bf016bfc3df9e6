"""From the village to vector tiles: layers, joined streets, sea, house numbers."""

import gzip
import json
import subprocess
from pathlib import Path

import pytest

from dispatch.places import basemap, layers
from dispatch.places.build import PlacesSummary, build_places
from dispatch.places.errors import PlacesError
from dispatch.places.lines import join, thin
from dispatch.places.tiles import TileStore

from .village import Village

needs_tippecanoe = pytest.mark.skipif(basemap.tippecanoe() is None, reason="no tippecanoe on this platform")
TILE = (14, 8738, 5181)


def decoded(path: Path) -> dict[str, list[dict[str, object]]]:
    """Features by layer of the tile around the village, by tippecanoe's own reader."""
    program = basemap.tippecanoe()
    assert program is not None
    command = [str(program.with_name("tippecanoe-decode")), str(path), *map(str, TILE)]
    said = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    tile = json.loads(said)
    return {layer["properties"]["layer"]: layer["features"] for layer in tile["features"]}


@needs_tippecanoe
def test_the_tile_holds_every_layer(built: tuple[Path, PlacesSummary]) -> None:
    """Ground, sea, lake, park, streets with names, the town's name."""
    found = decoded(built[0] / "tiles.mbtiles")
    kinds = {layer: {one["properties"].get("kind") for one in features} for layer, features in found.items()}  # type: ignore[attr-defined]
    assert {"ground", "water", "green", "roads", "street_names", "places"} <= set(found)
    assert kinds["water"] == {"water", "sea"}
    assert kinds["places"] == {"town"}


@needs_tippecanoe
def test_tiles_are_served_as_stored_and_none_outside(built: tuple[Path, PlacesSummary]) -> None:
    """Gzip inside, the usual y, and None for empty, wrong or absurd addresses."""
    store = TileStore(built[0] / "tiles.mbtiles")
    data = store.tile(*TILE)
    assert data is not None
    assert b"ground" in gzip.decompress(data)
    for z, x, y in ((12, 0, 0), (12, 5000, 1), (-1, 0, 0), (12, 1, -1), (99, 0, 0)):
        assert store.tile(z, x, y) is None


@needs_tippecanoe
def test_notes_say_what_is_limited(built: tuple[Path, PlacesSummary]) -> None:
    """The number without a street is counted; the sea of the village needs no note."""
    summary = built[1]
    assert (summary.index.nameless, summary.tiles) == (1, True)
    assert [note.code for note in summary.notes] == ["addresses_without_street"]


def test_without_tippecanoe_the_background_is_plain(
    extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A platform without the program still gets streets and addresses, and is told."""
    monkeypatch.setattr("dispatch.places.build.tippecanoe", lambda: None)
    summary = build_places(extract, tmp_path, lambda stage, share: None)
    assert not summary.tiles
    assert "no_tiles" in [note.code for note in summary.notes]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["addresses.sqlite"]


def test_a_failing_program_is_an_error_with_its_words(tmp_path: Path) -> None:
    """Never half a map in silence."""
    program = tmp_path / "tippecanoe"
    program.write_text("#!/bin/sh\necho 'No space left on device' >&2\nexit 1\n")
    program.chmod(0o755)
    with pytest.raises(PlacesError) as caught:
        basemap.make_tiles(program, tmp_path / "in", tmp_path / "out", layers_box(), lambda share: None)
    assert caught.value.code == "no_space"


def layers_box() -> basemap.Box:
    return basemap.Box(0, 0, 1, 1)


def test_no_addresses_is_a_limit_not_an_error(tmp_path: Path) -> None:
    """A roads-only extract plans well; orders are placed by hand."""
    village = Village()
    village.line((0, 0), (100, 0), highway="residential", name="Lone Road")
    source = village.write(tmp_path / "v.osm.pbf")
    (tmp_path / "out").mkdir()
    summary = build_places(source, tmp_path / "out", lambda stage, share: None)
    assert "no_addresses" in [note.code for note in summary.notes]
    assert summary.index.streets == 1


def test_ways_of_one_street_become_one_line() -> None:
    """Three ways drawn in different directions; the fork at node 9 stays an end."""
    ways = [
        ([1, 2], [(0.0, 0.0), (1.0, 0.0)]),
        ([3, 2], [(2.0, 0.0), (1.0, 0.0)]),
        ([3, 9], [(2.0, 0.0), (3.0, 0.0)]),
    ]
    forks = [([9, 10], [(3.0, 0.0), (3.0, 1.0)]), ([9, 11], [(3.0, 0.0), (3.0, -1.0)])]
    joined = join([*ways, *forks])
    assert [(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)] in joined
    assert len(joined) == 3


def test_a_ring_of_ways_is_walked_once() -> None:
    """A roundabout in two halves must not loop for ever."""
    ring = join([([1, 2], [(0.0, 0.0), (1.0, 0.0)]), ([2, 1], [(1.0, 0.0), (0.0, 0.0)])])
    assert ring == [[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]]


def test_thinning_keeps_corners_and_drops_wobble() -> None:
    """One metre of wobble goes, a corner of a hundred stays."""
    metre = 1 / 111_195
    wobbly = [(0.0, 0.0), (50 * metre, metre), (100 * metre, 0.0), (100 * metre, 100 * metre)]
    assert thin(wobbly, 4.0) == [wobbly[0], wobbly[2], wobbly[3]]


@pytest.mark.parametrize(
    ("tags", "layer"),
    [
        ({"building": "yes"}, "buildings"),
        ({"natural": "water"}, "water"),
        ({"leisure": "park", "name": "P"}, "green"),
        ({"place": "islet"}, "islands"),
        ({"building": "no"}, None),
        ({"amenity": "bench"}, None),
    ],
)
def test_areas_find_their_layer(tags: dict[str, str], layer: str | None) -> None:
    """The table of layers, by example."""
    paint = layers.area(tags)
    assert (paint.layer if paint else None) == layer
