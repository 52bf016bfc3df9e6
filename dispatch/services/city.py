"""Add, open, list and remove cities. Until a new build is complete, the old one stays in its place."""

import contextlib
import fcntl
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from dispatch.places.build import PlacesSummary, build_places
from dispatch.places.city import City, CityInfo, city_folder, current_build, open_build, write_info
from dispatch.places.errors import Note, PlacesError
from dispatch.places.extract import no_space, sha256_of, size_of
from dispatch.roads.base import RoadsError
from dispatch.roads.build import RoadsSummary, build_roads

type StageProgress = Callable[[str, float], None]
type RoadsBuilder = Callable[[Path, Path, StageProgress], tuple[str, ...]]

STAGES = ("checking", "reading", "addresses", "map", "roads")
SPACE_PER_BYTE = 40
SPACE_AT_LEAST = 50 * 2**20

_opened: dict[Path, City] = {}
_opening = threading.Lock()


def osrm_roads(extract: Path, target: Path, progress: StageProgress) -> tuple[str, ...]:
    """Build the roads of all profiles and name those that have some."""
    summary: RoadsSummary = build_roads(extract, target, progress=progress)
    return tuple(str(profile) for profile in summary.profiles)


def add_city(
    *,
    name: str,
    extract: Path,
    home: Path,
    progress: StageProgress = lambda stage, share: None,
    now: datetime | None = None,
    roads: RoadsBuilder = osrm_roads,
) -> City:
    """Build a city from an extract and put it in the place of the one of that name.

    `progress(stage, share)` is called for each of STAGES with its share, 0..1. Raises
    PlacesError or RoadsError; then, as after a kill, the city is what it was before.
    """
    folder = city_folder(home, name)
    with _one_at_a_time(home, name):
        _sweep(folder)
        sha256 = sha256_of(extract, lambda share: progress("checking", share))
        _require_space(home, size_of(extract))
        build = _new_build(folder, now or datetime.now(UTC), sha256)
        try:
            info = _build(name, build, extract, sha256, now or datetime.now(UTC), progress, roads)
            write_info(build, info)
            _flush(build)
            _swap(folder, build)
        except BaseException as problem:
            shutil.rmtree(build, ignore_errors=True)
            if no_space(problem) and not isinstance(problem, PlacesError):
                raise _full(home) from problem
            raise
    return open_city(home, name)


def _build(
    name: str,
    build: Path,
    extract: Path,
    sha256: str,
    now: datetime,
    progress: StageProgress,
    roads: RoadsBuilder,
) -> CityInfo:
    places = build_places(extract, build, progress)
    profiles, notes = _roads(extract, build / "roads", progress, roads)
    return _info(name, build.name, extract, sha256, now, places, profiles, notes)


def _roads(
    extract: Path, target: Path, progress: StageProgress, roads: RoadsBuilder
) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    try:
        return roads(extract, target, lambda stage, share: progress("roads", share)), ()
    except RoadsError as problem:
        if problem.code != "roads_no_osrm":
            raise
        text = "Routes follow straight lines: OSRM is not on this machine."
        return (), (Note("no_road_engine", text),)


def _info(
    name: str,
    build: str,
    extract: Path,
    sha256: str,
    now: datetime,
    places: PlacesSummary,
    profiles: tuple[str, ...],
    notes: tuple[Note, ...],
) -> CityInfo:
    return CityInfo(
        name=name,
        build=build,
        bounds=places.scan.bounds,
        addresses=places.index.addresses,
        streets=places.index.streets,
        roads=places.scan.roads,
        missing_nodes=places.scan.missing_nodes,
        nameless=places.index.nameless,
        extract_name=extract.name,
        extract_sha256=sha256,
        built_at=now,
        profiles=profiles,
        tiles=places.tiles,
        notes=(*places.notes, *notes),
    )


@contextlib.contextmanager
def _one_at_a_time(home: Path, name: str) -> Iterator[None]:
    """Hold the city's lock file; the system frees it when the process ends, however it ends."""
    locks = home / ".locks"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        file = (locks / f"{name}.lock").open("w")
    except OSError as problem:
        if no_space(problem):
            raise _full(home) from problem
        cause = f"{home} cannot be written: {problem.strerror}."
        raise PlacesError(
            "home_unwritable", cause, "Check the folder's permissions or give --home."
        ) from problem
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as problem:
            cause = f"The city '{name}' is being built by another program right now."
            raise PlacesError("city_busy", cause, "Wait until it is done.", status=409) from problem
        yield


def _sweep(folder: Path) -> None:
    """Remove what killed runs left behind, and the build before the current one."""
    used = folder / "current"
    kept = used.readlink().name if used.is_symlink() else ""
    for build in (folder / "builds").glob("*"):
        if build.name != kept:
            shutil.rmtree(build)
    (folder / "next").unlink(missing_ok=True)


def _require_space(home: Path, size: int) -> None:
    free = shutil.disk_usage(home).free
    needed = max(SPACE_AT_LEAST, size * SPACE_PER_BYTE)
    if free < needed:
        cause = f"{home} has {free // 2**20} MiB free; this extract needs about {needed // 2**20} MiB."
        raise PlacesError("no_space", cause, "Free some disk space, or give another folder with --home.")


def _full(home: Path) -> PlacesError:
    return PlacesError(
        "no_space", f"The disk of {home} is full.", "Free some disk space and add the city again."
    )


def _new_build(folder: Path, now: datetime, sha256: str) -> Path:
    builds = folder / "builds"
    builds.mkdir(parents=True, exist_ok=True)
    base = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}-{sha256[:8]}"
    names = [base, *(f"{base}-{number}" for number in range(2, 100))]
    free = next(name for name in names if not (builds / name).exists())
    (builds / free).mkdir()
    return builds / free


def _flush(build: Path) -> None:
    """On disk before the link points there: a power cut must not leave a city of empty files."""
    for path in build.rglob("*"):
        if path.is_file():
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _swap(folder: Path, build: Path) -> None:
    following = folder / "next"
    following.symlink_to(Path("builds") / build.name)
    following.replace(folder / "current")


def open_city(home: Path, name: str) -> City:
    """The city as it is now: opened once a process, and again when a new build has taken its place.

    Raises PlacesError ``city_unknown``, ``city_broken``, ``city_outdated``.
    """
    path = current_build(home, name)
    link = path.parent.parent
    city = _opened.get(link)
    if city is not None and city.path == path:
        return city
    with _opening:
        city = _opened.get(link)
        if city is None or city.path != path:
            city = _opened[link] = open_build(path)
    return city


def list_cities(home: Path) -> list[City]:
    """Every city that can be opened, by name."""
    names = sorted(path.parent.name for path in home.glob("*/current") if path.is_symlink())
    return [open_city(home, name) for name in names]


def remove_city(*, name: str, home: Path) -> None:
    """Take a city away; raises PlacesError ``city_unknown`` or ``city_busy``."""
    current_build(home, name)
    folder = city_folder(home, name)
    with _one_at_a_time(home, name):
        (folder / "current").unlink(missing_ok=True)
        shutil.rmtree(folder)
        with _opening:
            _opened.pop(folder, None)
