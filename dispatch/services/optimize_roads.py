"""The streets a problem without matrices lies on: those of a city that holds all its points, else straight lines."""

from collections.abc import Callable, Iterable

import numpy as np

from dispatch.places.city import City
from dispatch.planning.formats.errors import FormatError
from dispatch.planning.model import UNREACHABLE, IntMatrix
from dispatch.roads.base import UNREACHABLE as NO_WAY
from dispatch.roads.base import Floats, Profile, Roads
from dispatch.services.cities import MARGIN, StationCity

ROWS = 1000
PROFILES = {
    Profile.VAN: ("van", "car", "auto", "driving", "driving-car"),
    Profile.TRUCK: ("truck", "hgv", "driving-hgv"),
    Profile.CARGO_BIKE: (
        "cargo_bike",
        "bike",
        "bicycle",
        "cycling-regular",
        "cycling-road",
        "cycling-mountain",
        "cycling-electric",
    ),
    Profile.FOOT: ("foot", "pedestrian", "walking", "foot-walking", "foot-hiking"),
}
BY_NAME = {name: profile for profile, names in PROFILES.items() for name in names}


class CityStreets:
    """`Streets` of the formats: chooses a city at the first question.."""

    def __init__(self, cities: Callable[[], Iterable[City]]) -> None:
        self.cities = cities

    def matrix(self, points: Floats, profile: str) -> tuple[IntMatrix, IntMatrix]:
        roads, known = self._roads(points), profile_of(profile)
        durations = np.empty((len(points), len(points)), dtype=np.int32)
        distances = np.empty_like(durations)
        for first in range(0, len(points), ROWS):  # all at once, thousands of places would take gigabytes
            rows = np.arange(first, min(first + ROWS, len(points)))
            found = roads.matrix(points, known, sources=rows)
            no_way = found.durations >= NO_WAY
            durations[rows] = np.where(no_way, UNREACHABLE, found.durations)
            distances[rows] = np.where(no_way, 0, found.distances)
        return durations, distances

    def line(self, points: Floats, profile: str) -> Floats:
        # Where matrices were given, their profiles are the caller's own names.
        known = BY_NAME.get(profile.lower(), Profile.VAN)
        return self._roads(points).line(points, known).points

    def _roads(self, points: Floats) -> Roads:
        city = next((city for city in self.cities() if _holds(city, points)), None)
        return StationCity(city).roads


def _holds(city: City, points: Floats) -> bool:
    box = city.info.bounds
    low = np.array([box.south - MARGIN, box.west - MARGIN])
    high = np.array([box.north + MARGIN, box.east + MARGIN])
    return bool(((points >= low) & (points <= high)).all())


def profile_of(name: str) -> Profile:
    """Ours for VROOM's and openrouteservice's names. Raises FormatError ``profile_unknown``."""
    profile = BY_NAME.get(name.lower())
    if profile is None:
        known = ", ".join(sorted(BY_NAME))
        cause = f"Profile {ascii(name)[:60]} is not known."
        raise FormatError("profile_unknown", cause, f"Use one of {known}, or give matrices.")
    return profile
