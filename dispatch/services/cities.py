"""A station's city: its streets, its addresses and its map, opened once per process."""

from math import cos, radians
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from dispatch.models import Station
from dispatch.places.city import City
from dispatch.places.errors import PlacesError
from dispatch.places.geocoder import Geocoder
from dispatch.places.layers import MAX_ZOOM
from dispatch.roads.base import Roads
from dispatch.roads.dataset import open_roads
from dispatch.services import city as cities
from dispatch.services.placing import Reach

MARGIN = 0.02  # degrees: a house at the edge of the map is still in the city
FAR = 3.0  # degrees of latitude, about 330 km

# By city and station, with the build and the closed streets it came from.
_roads: dict[tuple[str, int | None], tuple[tuple[Path | None, Path | None], Roads]] = {}


class StationCity:
    """What one OpenStreetMap extract gives a station; without one, straight lines and no addresses."""

    def __init__(self, city: City | None, station_id: int | None = None) -> None:
        self.city = city
        self.station_id = station_id

    @property
    def geocoder(self) -> Geocoder | None:
        return self.city.geocoder() if self.city else None

    @property
    def roads(self) -> Roads:
        """The road engine of the present build, less the station's closed streets; new ones take the place, and the
        memory, of the old."""
        name, build = (self.city.name, self.city.path) if self.city else ("", None)
        closures = current_closures(self.city, self.station_id) if self.city and self.station_id else None
        held = _roads.get((name, self.station_id))
        if held is None or held[0] != (build, closures):
            roads = open_roads(build, url=settings.OSRM_URL or None, closures=closures)
            held = _roads[name, self.station_id] = ((build, closures), roads)
        return held[1]

    def tiles(self) -> dict[str, Any]:
        """Where the map comes from: no address where the background is plain."""
        if self.city is None:
            return {"url": None, "attribution": "", "max_zoom": MAX_ZOOM, "bounds": None}
        box = self.city.info.bounds
        return {
            "url": tile_url(self.city),
            "attribution": self.city.info.attribution,
            "max_zoom": MAX_ZOOM,
            "bounds": [[box.south, box.west], [box.north, box.east]],
        }


def open_city(station: Station) -> StationCity:
    """The city of a station; one that was never added is no error, pages say that they fly as the crow."""
    try:
        return StationCity(cities.open_city(settings.CITIES_HOME, station.city), station.pk)
    except PlacesError as error:
        if error.code != "city_unknown":
            raise
        return StationCity(None)


def closures_folder(city: City, station_id: int) -> Path:
    """Where a city keeps a station's roads with closed streets: a folder each, and the link `current`."""
    return city.path.parent.parent / "closures" / str(station_id)


def current_closures(city: City, station_id: int) -> Path | None:
    """The roads with closed streets that are in use; none of an older build, whose streets may be others."""
    folder = closures_folder(city, station_id)
    try:
        name = (folder / "current").readlink().name
    except OSError:
        return None
    return folder / name if name.startswith(f"{city.build}-") else None


def reach_of(station: Station) -> Reach:
    """Where the station's places may lie: in its city's map, or without one as far as a van may go in a day."""
    city = open_city(station).city
    if city is not None:
        box = city.info.bounds
        return Reach(
            box.south - MARGIN,
            box.west - MARGIN,
            box.north + MARGIN,
            box.east + MARGIN,
            f"the map of {city.name}",
        )
    # Degrees of longitude shrink towards the poles; near them everything counts as near.
    wide = FAR / max(0.05, cos(radians(station.lat)))
    return Reach(
        station.lat - FAR, station.lng - wide, station.lat + FAR, station.lng + wide, "the station's reach"
    )


def tile_url(city: City) -> str | None:
    """The address of the tiles with {z}, {x} and {y} left open."""
    if not city.info.tiles:
        return None
    one = reverse("tile", kwargs={"city": city.name, "build": city.build, "z": 0, "x": 0, "y": 0})
    return one.removesuffix("0/0/0.mvt") + "{z}/{x}/{y}.mvt"
