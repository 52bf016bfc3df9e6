"""A city on disk: where its files are, what its ``city.json`` says, and how to open them.

``<home>/<name>/builds/<build>/{city.json, addresses.sqlite, tiles.mbtiles, roads/<profile>/city.osrm*}`` and
``<home>/<name>/current``, a link to the build in use. A build never changes once ``city.json`` is there.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from dispatch.places.errors import Note, PlacesError
from dispatch.places.geocoder import Geocoder
from dispatch.places.geometry import Box
from dispatch.places.tiles import TileStore

FORMAT = 1
"""Raised when a build of an older program can no longer be used; such a city must be added again."""
ATTRIBUTION = "© OpenStreetMap contributors, ODbL"
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")
BUILD = re.compile(r"[0-9]{8}T[0-9]{6}-[0-9a-f]{8}(?:-[0-9]{1,3})?")


@dataclass(frozen=True)
class CityInfo:
    """What ``city.json`` holds.

    profiles: those that have roads; tiles: whether the map has them; missing_nodes: places that ways name and
    the extract lacks; nameless: numbered things left out of the search because no street is given.
    """

    name: str
    build: str
    bounds: Box
    addresses: int
    streets: int
    roads: int
    missing_nodes: int
    nameless: int
    extract_name: str
    extract_sha256: str
    built_at: datetime
    profiles: tuple[str, ...]
    tiles: bool
    notes: tuple[Note, ...]
    attribution: str = ATTRIBUTION
    format: int = field(default=FORMAT)

    @property
    def centre(self) -> tuple[float, float]:
        """(lat, lng) of the middle of the bounds."""
        lng, lat = self.bounds.centre
        return lat, lng

    def as_json(self) -> dict[str, Any]:
        """The form of ``city.json``."""
        return asdict(self) | {
            "built_at": self.built_at.isoformat(),
            "centre": dict(zip(("lat", "lng"), self.centre, strict=True)),
        }


@dataclass(frozen=True)
class City:
    """One build of a city, ready for use; threads may share it."""

    path: Path
    info: CityInfo

    @property
    def name(self) -> str:
        """The name it was added under."""
        return self.info.name

    @property
    def build(self) -> str:
        """The id of this build, part of the address of its tiles."""
        return self.info.build

    @property
    def addresses_path(self) -> Path:
        """The address index."""
        return self.path / "addresses.sqlite"

    @property
    def tiles_path(self) -> Path:
        """The tiles; only there where info.tiles is true."""
        return self.path / "tiles.mbtiles"

    @property
    def roads_path(self) -> Path:
        """The folder of the road datasets, one folder a profile."""
        return self.path / "roads"

    def dataset(self, profile: str) -> Path | None:
        """The base path of a profile's OSRM dataset (``…/city.osrm``), or None where it has no roads."""
        return self.roads_path / profile / "city.osrm" if profile in self.info.profiles else None

    def geocoder(self) -> Geocoder:
        """The address search, opened once."""
        return self._geocoder

    def tiles(self) -> TileStore | None:
        """The tiles, opened once; None where the city has a plain background."""
        return self._tiles

    @cached_property
    def _geocoder(self) -> Geocoder:
        return Geocoder(self.addresses_path)

    @cached_property
    def _tiles(self) -> TileStore | None:
        return TileStore(self.tiles_path) if self.info.tiles else None


def city_folder(home: Path, name: str) -> Path:
    """Where a city lives; raises PlacesError ``city_name_invalid`` (names become folders and addresses)."""
    if not NAME.fullmatch(name):
        action = "Use up to 40 small letters, digits and hyphens, such as 'helsinki' or 'lauf-2020'."
        raise PlacesError("city_name_invalid", f"'{name[:60]}' cannot be the name of a city.", action)
    return home / name


def current_build(home: Path, name: str) -> Path:
    """The folder of the build in use; raises PlacesError ``city_unknown``."""
    link = city_folder(home, name) / "current"
    try:
        return link.parent / link.readlink()
    except OSError as problem:
        action = "Add it with 'manage.py city add', or see 'manage.py city list'."
        raise PlacesError("city_unknown", f"There is no city '{name}'.", action, status=404) from problem


def build_folder(home: Path, name: str, build: str) -> Path:
    """The folder of any build; raises ``city_unknown`` for what cannot be the id of one."""
    if not BUILD.fullmatch(build):
        raise PlacesError(
            "city_unknown", f"'{build[:60]}' is no build of a city.", "Reload the page.", status=404
        )
    return city_folder(home, name) / "builds" / build


def open_build(path: Path) -> City:
    """Open one build; raises PlacesError ``city_broken`` or ``city_outdated``."""
    try:
        data = json.loads((path / "city.json").read_text(encoding="utf-8"))
        found = data["format"]
        info = _info(data) if found == FORMAT else None
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise PlacesError("city_broken", f"{path} is no whole city.", "Add the city again.") from problem
    if info is None:
        cause = f"{path} was built in format {found}, this program reads {FORMAT}."
        raise PlacesError("city_outdated", cause, "Add the city again.")
    return City(path, info)


def write_info(path: Path, info: CityInfo) -> None:
    """Write ``city.json``, the last file of a build."""
    text = json.dumps(info.as_json(), ensure_ascii=False, indent=1)
    (path / "city.json").write_text(text + "\n", encoding="utf-8")


def _info(data: dict[str, Any]) -> CityInfo:
    values = {key: value for key, value in data.items() if key != "centre"}
    values["bounds"] = Box(**data["bounds"])
    values["built_at"] = datetime.fromisoformat(data["built_at"])
    values["profiles"] = tuple(data["profiles"])
    values["notes"] = tuple(Note(**note) for note in data["notes"])
    return CityInfo(**values)
