"""The words of the engine. Times are aware datetimes, distances metres, speeds metres a second."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Fix:
    """One measured place. `at` is the corrected time of measurement, `received` when it came in."""

    seq: int
    at: datetime
    lat: float
    lng: float
    received: datetime
    accuracy_m: float | None = None
    speed_mps: float | None = None
    heading: float | None = None

    @property
    def rank(self) -> tuple[datetime, int]:
        """What decides which of two fixes is the newer one."""
        return self.at, self.seq


@dataclass(frozen=True, slots=True)
class Place:
    """A stop still to come, by its id."""

    id: int
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What is believed and what counts as standing or near; `places` are the stops still to come."""

    max_accuracy_m: float = 200.0
    max_speed_mps: float = 50.0
    future_s: float = 120.0
    still_radius_m: float = 40.0
    settle_s: float = 60.0
    agreeing: int = 3
    near_m: float = 80.0
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a vehicle: its newest believed fix, and since when it moves or stands.

    `anchor` is where it stands or would come to stand, since `anchor_at`; `doubted` are jumps in a row that
    agree with each other.
    """

    pin: Fix | None = None
    moving_since: datetime | None = None
    still_since: datetime | None = None
    anchor: tuple[float, float] | None = None
    anchor_at: datetime | None = None
    near: int | None = None
    doubted: tuple[Fix, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Flagged:
    """The fix is kept but not believed: no later step sees it. Flags: late, future, jump, imprecise."""

    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """The pin went forward to this fix."""

    fix: Fix


@dataclass(frozen=True, slots=True)
class Started:
    """It was standing (or unknown) and drives now."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Stopped:
    """It was driving (or unknown) and stands since then."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Neared:
    """It came within reach of a stop still to come."""

    place_id: int
    at: datetime


type Event = Flagged | Moved | Started | Stopped | Neared
type Step = Callable[[State, Fix, Limits], tuple[State, tuple[Event, ...]]]
