"""What every road engine takes and gives. Points are (n, 2) float64 arrays of latitude, longitude in degrees.

Times are whole seconds, distances whole metres, both int32. Results that rest on straight lines and not on
streets say so in `approximate`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import numpy.typing as npt

from lastmile.kernel.errors import LastmileError

if TYPE_CHECKING:
    from dispatch.roads.shares import Shares

type Floats = npt.NDArray[np.float64]
type Float32s = npt.NDArray[np.float32]
type Int32s = npt.NDArray[np.int32]
type Indexes = npt.NDArray[np.intp]

UNREACHABLE: Final = 2**29
"""Duration and distance of a pair with no connection (17 years; three of them still add up within int32)."""

FAR_FROM_ROAD_M: Final = 500.0
"""A place farther than this from the road it was moved to deserves a human eye."""


class RoadsError(LastmileError):
    """A road request or a dataset build that cannot be served; `code`, `cause` and `action` as everywhere."""


class Profile(StrEnum):
    """How one travels. The value names the dataset's folder and the OSRM profile file."""

    VAN = "van"
    TRUCK = "truck"
    CARGO_BIKE = "cargo_bike"
    FOOT = "foot"


MOTOR_PROFILES: Final = frozenset({Profile.VAN, Profile.TRUCK})
"""Profiles that rush hours slow down, and that know tolls and ferries."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How a vehicle uses the roads of its profile.

    `curb`: it stops where the place is on its own side of the street (the right, where one drives on the right), and
    goes on the way it came, without a U-turn. `free_roads`: never over a toll road or by a ferry; a place on
    such a road is moved to the nearest free one, as its snap tells. It holds for van and truck; others know no tolls.
    """

    curb: bool = False
    free_roads: bool = False

    def excluded(self, profile: Profile) -> tuple[str, ...]:
        """OSRM's names of what is avoided."""
        return ("toll", "ferry") if self.free_roads and profile in MOTOR_PROFILES else ()


AS_IT_COMES: Final = Manners()


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Travel between sources (rows) and destinations (columns).

    `durations` (seconds) and `distances` (metres) are C-contiguous int32 of one shape; a pair without a
    connection is `UNREACHABLE` in both. `source_snaps` and `destination_snaps` (float64 metres) tell how far
    each place was moved to reach a road; all zero where `approximate`. `shares`, where they were asked for, tell how
    much of the seconds is on main and on through roads.
    """

    durations: Int32s
    distances: Int32s
    source_snaps: Floats
    destination_snaps: Floats
    approximate: bool
    shares: "Shares | None" = None

    def unreachable_pairs(self) -> Indexes:
        """(k, 2) row and column of each pair without a connection, in row order."""
        return np.argwhere(self.durations >= UNREACHABLE)

    def far_sources(self, limit_m: float = FAR_FROM_ROAD_M) -> Indexes:
        """Rows whose place lies more than `limit_m` metres from the road used for it."""
        return np.flatnonzero(self.source_snaps > limit_m)

    def far_destinations(self, limit_m: float = FAR_FROM_ROAD_M) -> Indexes:
        """Columns whose place lies more than `limit_m` metres from the road used for it."""
        return np.flatnonzero(self.destination_snaps > limit_m)


@dataclass(frozen=True, slots=True)
class Leg:
    """From one given point to the next. `first` and `last` index the line's points, both inclusive.

    Where `reachable` is false a straight stroke joins the two points; seconds and metres are `UNREACHABLE`.
    """

    duration_s: int
    distance_m: int
    first: int
    last: int
    reachable: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """The way through all given points in order: `points` is (m, 2) latitude, longitude; one leg per hop."""

    points: Floats
    legs: tuple[Leg, ...]
    approximate: bool

    @property
    def reachable(self) -> bool:
        """Whether every hop has a connection."""
        return all(leg.reachable for leg in self.legs)

    @property
    def duration_s(self) -> int:
        """Seconds in all, `UNREACHABLE` where a hop has no connection."""
        return sum(leg.duration_s for leg in self.legs) if self.reachable else UNREACHABLE

    @property
    def distance_m(self) -> int:
        """Metres in all, `UNREACHABLE` where a hop has no connection."""
        return sum(leg.distance_m for leg in self.legs) if self.reachable else UNREACHABLE

    def leg_points(self, index: int) -> Floats:
        """The (k, 2) part of the line that belongs to one leg, both ends included."""
        leg = self.legs[index]
        return self.points[leg.first : leg.last + 1]


@dataclass(frozen=True, slots=True)
class Snap:
    """The nearest place on a road: where it is, how many metres away, and the street's name ("" if none)."""

    lat: float
    lng: float
    metres: float
    street: str

    @property
    def far(self) -> bool:
        """Whether the place lies more than `FAR_FROM_ROAD_M` from any road."""
        return self.metres > FAR_FROM_ROAD_M


@dataclass(frozen=True, slots=True)
class Turn:
    """One line of a turn list; `metres` and `seconds` run from this manoeuvre to the next.

    `kind` and `modifier` are OSRM's words ("turn", "left"), for icons and translation; `instruction` is the
    English sentence; `leg` counts the hops from 0.
    """

    instruction: str
    street: str
    metres: int
    seconds: int
    lat: float
    lng: float
    leg: int
    kind: str
    modifier: str


class Roads(Protocol):
    """A road engine. Every method raises `RoadsError`; none moves its inputs."""

    @property
    def kind(self) -> str:
        """`osrm_local`, `osrm_http`, `crowfly`, or `mixed`."""

    @property
    def approximate(self) -> bool:
        """Whether any profile is answered by straight lines; results tell it for themselves."""

    @property
    def approximate_profiles(self) -> frozenset[Profile]:
        """The profiles answered by straight lines."""

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
        """Travel from the points at `sources` to those at `destinations` (indexes; None means all).

        With `shares` the matrix tells them too, which takes about three times as long for van and truck. Other
        profiles have none, rush hours do not slow them; nor have straight lines, whose mean speed is the whole day's.
        """

    def line(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> Line:
        """The way through the points in order; fewer than two points give a line without legs."""

    def nearest(self, point: Floats | Sequence[float], profile: Profile) -> Snap:
        """The nearest place on a road that the profile may use."""

    def turns(self, points: Floats, profile: Profile, *, manners: Manners = AS_IT_COMES) -> list[Turn]:
        """The turn list through the points in order, an arrival at each. No connection: `roads_no_route`."""


def require_points(points: Floats | Sequence[Sequence[float]]) -> Floats:
    """The points as a C-contiguous (n, 2) float64 array, or `RoadsError("roads_bad_points")`."""
    array = np.ascontiguousarray(points, dtype=np.float64)
    if array.size == 0:
        return array.reshape(0, 2)
    if array.ndim != 2 or array.shape[1] != 2:
        raise _bad_points(f"points must have the shape (n, 2), they have {array.shape}")
    wrong = ~np.isfinite(array).all(axis=1) | (np.abs(array) > (90.0, 180.0)).any(axis=1)
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise _bad_points(f"point {row} is not a latitude and longitude: {array[row, 0]}, {array[row, 1]}")
    return array


def require_indexes(indexes: Sequence[int] | Indexes | None, count: int) -> Indexes:
    """The indexes (None: all) as an array, or `RoadsError("roads_bad_points")` where one is outside."""
    if indexes is None:
        return np.arange(count, dtype=np.intp)
    array = np.asarray(indexes, dtype=np.intp).reshape(-1)
    if array.size and (array.min() < 0 or array.max() >= count):
        raise _bad_points(f"an index is outside the {count} points")
    return array


def _bad_points(cause: str) -> RoadsError:
    return RoadsError(
        "roads_bad_points", cause, "Give latitude, longitude in degrees and indexes of given points."
    )
