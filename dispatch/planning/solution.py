"""What comes out: routes with every time, load and cent, the jobs left out, and what is broken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

type StepKind = Literal["start", "job", "break", "end"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. ``amount`` is in the rule's unit (seconds, metres, load); ``words`` is a sentence."""

    code: str
    route: str
    job: str
    amount: int
    words: str


@dataclass(frozen=True, slots=True)
class Cost:
    """Cents by component. ``total`` is what plans are compared by."""

    fixed: int = 0
    distance: int = 0
    time: int = 0
    lateness: int = 0
    unassigned: int = 0

    @property
    def total(self) -> int:
        """The sum of all components."""
        return self.fixed + self.distance + self.time + self.lateness + self.unassigned

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.fixed + other.fixed,
            self.distance + other.distance,
            self.time + other.time,
            self.lateness + other.lateness,
            self.unassigned + other.unassigned,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a route's timetable.

    ``id`` is the job's or the break's, empty for start and end. ``travel_s`` and ``distance_m`` are of the
    leg to here. ``arrival`` <= ``start`` <= ``departure``; between arrival and start lie ``setup_s``,
    ``waiting_s`` and any break taken on the spot. ``load`` is what is on board on leaving.
    ``slack_s``: seconds the start may slip inside its own window (negative: late; ``None``: no window).
    ``spare_s``: seconds the van may run late on arriving here with nothing from here on becoming late
    (never below 0; the shift end counts).
    """

    kind: StepKind
    id: str
    place: int | None
    arrival: int
    setup_s: int
    waiting_s: int
    start: int
    departure: int
    travel_s: int
    distance_m: int
    load: tuple[int, ...]
    slack_s: int | None = None
    spare_s: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's timetable. Seconds, metres, cents."""

    vehicle: str
    steps: tuple[Step, ...]
    departure: int
    end: int
    distance_m: int
    driving_s: int
    setup_s: int
    service_s: int
    waiting_s: int
    break_s: int
    cost: Cost
    violations: tuple[Violation, ...] = ()

    @property
    def duration_s(self) -> int:
        """From departure to end, everything included."""
        return self.end - self.departure

    @property
    def jobs(self) -> tuple[str, ...]:
        """Job ids in driving order."""
        return tuple(step.id for step in self.steps if step.kind == "job")


@dataclass(frozen=True, slots=True)
class VehicleReason:
    """Why one vehicle cannot take one job."""

    vehicle: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A job left out: the binding reason as a code and in words, and per vehicle where it was asked for."""

    job: str
    code: str
    words: str
    by_vehicle: tuple[VehicleReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """A whole plan. ``engine`` names who found it."""

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...]
    cost: Cost
    violations: tuple[Violation, ...] = ()
    engine: str = ""

    @property
    def feasible(self) -> bool:
        """Nothing broken. Jobs may still be left out: that is a price, not a violation."""
        return not self.violations

    @property
    def plan(self) -> dict[str, tuple[str, ...]]:
        """Vehicle id to job ids: what ``evaluate`` takes."""
        return {route.vehicle: route.jobs for route in self.routes}

    def route_of(self, vehicle: str) -> Route | None:
        """The route of a vehicle, ``None`` if it stays at home."""
        return next((route for route in self.routes if route.vehicle == vehicle), None)
