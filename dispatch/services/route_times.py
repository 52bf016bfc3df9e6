"""A route's timetable, as the planner walked it and as rows store it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class StopTimes:
    """One visit of a timetable."""

    order_ids: list[int]
    lat: float
    lng: float
    address: str
    arrival: datetime
    start: datetime
    departure: datetime
    window_start: datetime | None
    window_end: datetime | None
    slack_s: int | None
    travel_s: int
    travel_m: int


@dataclass(frozen=True)
class RouteTimes:
    """One shift's timetable, as the board shows it and the rows store it."""

    shift_id: int
    start_at: datetime
    end_at: datetime
    distance_m: int
    drive_s: int
    cost_cents: int
    load: dict[str, int]
    violations: list[dict[str, Any]]
    approximate: bool
    stops: list[StopTimes]
    breaks: list[tuple[datetime, datetime]] = field(default_factory=list)

    @property
    def order_ids(self) -> list[int]:
        return [order_id for stop in self.stops for order_id in stop.order_ids]

    def without(self, order_ids: Collection[int]) -> "RouteTimes":
        """The same timetable less the visits that only these orders asked for."""
        left = (
            replace(stop, order_ids=[pk for pk in stop.order_ids if pk not in order_ids])
            for stop in self.stops
        )
        return replace(self, stops=[stop for stop in left if stop.order_ids])

    @property
    def pauses(self) -> list[list[str]]:
        """The breaks as rows and cards keep them: from, to."""
        return [[start.isoformat(), end.isoformat()] for start, end in self.breaks]

    @property
    def late(self) -> int:
        return sum(violation["code"] == "late" for violation in self.violations)


def unpriced(violations: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those broken rules that somebody has to answer for: what has a price is the station's own policy."""
    return [each for each in violations if "cents" not in each]
