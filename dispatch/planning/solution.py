"""What comes out: routes with every time, load and cent, the jobs left out, and what is broken."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from typing import Literal

type StepKind = Literal["start", "job", "break", "pause", "reload", "charge", "end"]


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule. ``amount`` is in the rule's unit (seconds, metres, load); ``words`` is a sentence."""

    code: str
    route: str
    job: str
    amount: int
    words: str


@dataclass(frozen=True, slots=True)
class Penalty:
    """A rule with a soft dial that is broken: ``cents`` is its price, already part of ``Cost.rules``. ``words`` is a
    sentence, no part of what makes two of them equal.
    """

    code: str
    route: str
    job: str
    amount: int
    cents: int
    words: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Cost:
    """Cents by component. ``total`` is what plans are compared by.

    Of a route: ``fixed`` (with ``Weights.vehicle``), ``distance``, ``time`` (paid hours), ``driving`` (driving
    hours), ``stops``, ``overtime``, ``co2``, ``energy`` (charging), ``failed`` (expected failed attempts),
    ``rate`` (rate card, its minimum included), ``lateness`` and ``earliness`` and ``preferred`` (priced windows),
    ``prompt``, ``skipped`` (optional breaks), ``chosen`` (alternatives), ``compact``, ``changed`` (against the
    current plan), ``rules`` (soft dials).
    Of the plan: ``balance``, ``finish``, ``unassigned``, ``offers`` (given to carriers); soft dials of relations
    and docks are ``rules`` too.
    """

    fixed: int = 0
    distance: int = 0
    time: int = 0
    driving: int = 0
    stops: int = 0
    overtime: int = 0
    co2: int = 0
    energy: int = 0
    failed: int = 0
    rate: int = 0
    lateness: int = 0
    earliness: int = 0
    preferred: int = 0
    prompt: int = 0
    skipped: int = 0
    chosen: int = 0
    compact: int = 0
    changed: int = 0
    rules: int = 0
    balance: int = 0
    finish: int = 0
    unassigned: int = 0
    offers: int = 0

    @property
    def total(self) -> int:
        """The sum of all components."""
        return sum(astuple(self))

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(mine + yours for mine, yours in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a route's timetable.

    ``id`` is the job's, the break's, the depot's or the charger's, empty for start, end and the ``pause`` of a
    driving rule. ``travel_s`` and ``distance_m`` are of the leg to here (``walked_s`` of the travel on foot).
    ``arrival`` <= ``start`` <= ``departure``; between arrival and start lie ``setup_s``, ``waiting_s`` and any
    break taken on the spot. ``load`` is what is on board on leaving, ``battery_wh`` the charge then (``None``: no
    battery).
    start: loading lies between ``start`` and ``departure``. reload and charge: so does what is done there. A
    break with a place of its own has the leg to it; other breaks and pauses have no leg, and lie on the way to
    the next step or at its door.
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
    walked_s: int = 0
    battery_wh: int | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """One vehicle's timetable. Seconds, metres, cents. ``begin``: start of loading; ``departure``: leaves.

    ``driving_s`` includes walked legs, ``service_s`` loading at reloads and charging.
    """

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
    begin: int = 0
    penalties: tuple[Penalty, ...] = ()

    @property
    def duration_s(self) -> int:
        """From the start of loading to the end, everything included."""
        return self.end - self.begin

    @property
    def jobs(self) -> tuple[str, ...]:
        """Job ids in driving order."""
        return tuple(step.id for step in self.steps if step.kind == "job")

    @property
    def items(self) -> tuple[str, ...]:
        """What the plan says for this vehicle: jobs, reloads and charges in driving order."""
        return tuple(step.id for step in self.steps if step.kind in ("job", "reload", "charge"))


@dataclass(frozen=True, slots=True)
class VehicleReason:
    """Why one vehicle cannot take one job."""

    vehicle: str
    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to allow, with which a job that was left out fits: tried by evaluating the plan with it.

    ``kind``: see ``explain/kinds.py``. ``amount`` in ``unit`` ("min", "km", "stops", the word of a load dimension).
    ``cents``: what the plan then costs more to drive. ``words``: a sentence. ``thing``: the skill, the station or
    the other job that it is about.
    """

    kind: str
    vehicle: str
    amount: int
    unit: str
    cents: int
    words: str
    thing: str = ""


@dataclass(frozen=True, slots=True)
class Unassigned:
    """A job left out: the binding reason as a code and in words, and per vehicle where it was asked for.

    ``changes``: the smallest changes that would fit it, the cheapest first, where there was time to try them.

    ``carrier``: who gets it instead (``Job.offers``); then the code is ``given_to_carrier``. Jobs whose
    alternative is served are not left out and do not stand here.
    """

    job: str
    code: str
    words: str
    by_vehicle: tuple[VehicleReason, ...] = ()
    carrier: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Solution:
    """A whole plan. ``engine`` names who found it. Violations and penalties are those of the routes and, with
    an empty ``route``, those of the plan as a whole.
    """

    routes: tuple[Route, ...]
    unassigned: tuple[Unassigned, ...]
    cost: Cost
    violations: tuple[Violation, ...] = ()
    engine: str = ""
    penalties: tuple[Penalty, ...] = ()

    @property
    def feasible(self) -> bool:
        """Nothing broken. Jobs may still be left out: that is a price, not a violation."""
        return not self.violations

    @property
    def plan(self) -> dict[str, tuple[str, ...]]:
        """Vehicle id to items: what ``evaluate`` takes."""
        return {route.vehicle: route.items for route in self.routes}

    def route_of(self, vehicle: str) -> Route | None:
        """The route of a vehicle, ``None`` if it stays at home."""
        return next((route for route in self.routes if route.vehicle == vehicle), None)
