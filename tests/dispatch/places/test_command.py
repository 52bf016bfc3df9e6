"""The command line of cities and the two addresses of the map."""

import gzip
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from dispatch.management.commands.city import Bar
from dispatch.services import city as cities

from .test_city import NOW, quick_roads
from .village import strandby

pytestmark = pytest.mark.urls("tests.dispatch.places.urls")


@pytest.fixture
def home(extract: Path, tmp_path: Path, settings: object) -> Iterator[Path]:
    settings.CITIES_HOME = tmp_path  # type: ignore[attr-defined]
    cities.add_city(name="strandby", extract=extract, home=tmp_path, now=NOW, roads=quick_roads)
    return tmp_path


def test_list_tells_what_there_is_and_its_limits(home: Path) -> None:
    """One line a city, one a limit."""
    out = io.StringIO()
    call_command("city", "list", home=home, stdout=out)
    assert "strandby: 16 addresses" in out.getvalue()
    assert "[addresses_without_street]" in out.getvalue()


def test_errors_are_one_sentence_each_with_a_code(home: Path) -> None:
    """No traceback for a mistyped path or name."""
    for words, code in (
        (("add", "x", "/none.osm.pbf"), "missing_file"),
        (("remove", "gone"), "city_unknown"),
    ):
        with pytest.raises(CommandError, match=code):
            call_command("city", *words, home=home)


def test_adds_with_real_roads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole way once, OSRM included, on the village; plain lines where there is no terminal."""
    out = io.StringIO()
    source = strandby().write(tmp_path / "v.osm.pbf")
    call_command("city", "add", "strandby", str(source), home=tmp_path, stdout=out)
    assert "van" in out.getvalue()
    city = cities.open_city(tmp_path, "strandby")
    dataset = city.dataset("van")
    assert dataset is not None
    assert list(dataset.parent.glob("city.osrm*"))
    assert "roads: 100 %" in capsys.readouterr().err


def test_the_bar_shows_percent_and_time_left() -> None:
    """On a terminal one line a stage, rewritten in place; the share never falls."""
    out = io.StringIO()
    bar = Bar(out)
    bar.terminal = True
    for share in (0.1, 0.5, 0.4):
        bar.wrote = 0.0
        bar("map", share)
    bar("roads", 0.0)
    bar.close()
    assert " 50 %" in out.getvalue()
    assert "left" in out.getvalue()
    assert "40 %" not in out.getvalue()
    assert out.getvalue().count("\n") == 2


def test_tiles_are_cached_for_ever_under_their_build(home: Path, client: Client) -> None:
    """Gzip as stored, the plain bytes for those who cannot, 304 for those who have it, 204 for the open sea."""
    described = client.get("/tiles/strandby/city.json").json()
    url = described["tile_url"].format(z=14, x=8738, y=5181)
    assert url == f"/tiles/strandby/{described['build']}/14/8738/5181.mvt"
    packed = client.get(url, headers={"accept-encoding": "gzip"})
    plain = client.get(url)
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.content) == plain.content
    assert "immutable" in packed["Cache-Control"]
    assert client.get(url, headers={"if-none-match": packed["ETag"]}).status_code == 304
    assert client.get(described["tile_url"].format(z=12, x=0, y=0)).status_code == 204


def test_unknown_tiles_answer_without_a_body(home: Path, client: Client) -> None:
    """The map library would read an error page as a tile."""
    for url in ("/tiles/strandby/20260101T000000-00000000/1/1/1.mvt", "/tiles/gone/x/1/1/1.mvt"):
        answer = client.get(url)
        assert (answer.status_code, answer.content) == (404, b"")


def test_city_json_says_what_a_page_needs(home: Path, client: Client) -> None:
    """Bounds, centre, attribution, limits; an unknown city is a problem with code, cause and action."""
    found = client.get("/tiles/strandby/city.json")
    assert {"bounds", "centre", "attribution", "notes", "max_data_zoom"} <= set(found.json())
    assert (
        client.get("/tiles/strandby/city.json", headers={"if-none-match": found["ETag"]}).status_code == 304
    )
    gone = client.get("/tiles/gone/city.json")
    assert (gone.status_code, gone.json()["code"]) == (404, "city_unknown")
