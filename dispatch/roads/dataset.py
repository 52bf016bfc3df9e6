"""Choosing the road engine of a city: a remote OSRM, datasets on disk, straight lines where neither is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from dispatch.roads.base import (
    AS_IT_COMES,
    Floats,
    Indexes,
    Line,
    Manners,
    Matrix,
    Profile,
    Roads,
    Snap,
    Turn,
)
from dispatch.roads.build import DATASET
from dispatch.roads.crowfly import CrowFly
from dispatch.roads.osrm_engine import is_built
from dispatch.roads.osrm_http import OsrmHttp, parse_urls
from dispatch.roads.osrm_local import OsrmLocal


def dataset_path(city_dir: Path, profile: Profile) -> Path:
    """Where a city keeps a profile's dataset: `<city_dir>/roads/<profile>/city.osrm` and its companions."""
    return city_dir / "roads" / profile / DATASET


def open_roads(city_dir: Path | None, *, url: str | None = None, closures: Path | None = None) -> Roads:
    """The road engine for a city. Cheap: datasets are opened on first use.

    `url` (see `osrm_http.parse_urls`) goes before `city_dir`; profiles that neither serves fly as the crow.
    Raises `roads_bad_url`. Call it again after a city was added: which profiles exist is decided here. `closures` is
    a folder like `city_dir` with the same roads less closed streets (see `closures`), of some or all profiles; a
    remote OSRM knows nothing of them.
    """
    if url:
        urls = parse_urls(url)
        return _with_fallback(OsrmHttp(urls), urls)
    built = _built(city_dir)
    return _with_fallback(OsrmLocal(built | _built(closures), originals=built), built)


def _built(folder: Path | None) -> dict[Profile, Path]:
    paths = {profile: dataset_path(folder, profile) for profile in Profile} if folder else {}
    return {profile: path for profile, path in paths.items() if is_built(path)}


def _with_fallback(roads: Roads, served: Mapping[Profile, object]) -> Roads:
    if not served:
        return CrowFly()
    return roads if set(Profile) <= set(served) else MixedRoads(roads, frozenset(served))


class MixedRoads:
    """One engine for the profiles it serves, straight lines for the others."""

    kind = "mixed"
    approximate = True

    def __init__(self, roads: Roads, served: frozenset[Profile]) -> None:
        self._roads = roads
        self._served = served
        self._fallback = CrowFly()

    @property
    def approximate_profiles(self) -> frozenset[Profile]:
        """The profiles answered by straight lines."""
        return frozenset(Profile) - self._served

    def matrix(
        self,
        points: Floats,
        profile: Profile,
        *,
        sources: Sequence[int] | Indexes | None = None,
        destinations: Sequence[int] | Indexes | None = None,
        manners: Manners = AS_IT_COMES,
        shares: bool = False,
    ) -> Matrix:
        """See `Roads.matrix`."""
        return self._for(profile).matrix(
            points, profile, sources=sources, destinations=destinations, manners=manners, shares=shares
        )

    def line(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> Line:
        """See `Roads.line`."""
        return self._for(profile).line(points, profile, manners=manners)

    def nearest(self, point: Floats | Sequence[float], profile: Profile) -> Snap:
        """See `Roads.nearest`."""
        return self._for(profile).nearest(point, profile)

    def turns(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> list[Turn]:
        """See `Roads.turns`."""
        return self._for(profile).turns(points, profile, manners=manners)

    def _for(self, profile: Profile) -> Roads:
        return self._roads if profile in self._served else self._fallback
