"""The business clock of a station: wall time, shifted and sped up, so that a simulated day is never "late"."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class BusinessClock:
    """At wall time `anchor_wall` the station's clock showed `anchor_business`; since then it runs at `speed`."""

    anchor_wall: datetime
    anchor_business: datetime
    speed: float = 1.0

    def at(self, wall: datetime) -> datetime:
        """The station's time when the wall clock shows `wall` (both aware)."""
        return self.anchor_business + (wall - self.anchor_wall) * self.speed

    def wall_at(self, business: datetime) -> datetime:
        """The wall time at which the station's clock shows `business`."""
        return self.anchor_wall + (business - self.anchor_business) / self.speed
