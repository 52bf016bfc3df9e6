"""A VROOM problem as it was asked: ids, places and times in the caller's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ...model import IntMatrix, Plan, Problem, Window

type TaskKind = Literal["job", "pickup", "delivery"]
type StepKind = Literal["start", "job", "pickup", "delivery", "break", "end"]


class Streets(Protocol):
    """Who knows the way where no matrix is given. Points are ``(n, 2)`` latitude, longitude."""

    def matrix(self, points: NDArray[np.float64], profile: str) -> tuple[IntMatrix, IntMatrix]:
        """(seconds, metres), ``(n, n)``; ``UNREACHABLE`` where there is no way."""

    def line(self, points: NDArray[np.float64], profile: str) -> NDArray[np.float64]:
        """The course of the way through the points in order, ``(m, 2)``."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as it was stated. ``place`` is its row of the matrices."""

    place: int
    location: tuple[float, float] | None = None
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Task:
    """A job, or one end of a shipment. ``key`` is its id as a ``Job``. Windows in the caller's time."""

    kind: TaskKind
    id: int
    spot: Spot
    description: str = ""
    setup: int = 0
    service: int = 0
    service_by_type: tuple[tuple[str, int], ...] = ()
    delivery: tuple[int, ...] = ()
    pickup: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    priority: int = 0
    windows: tuple[Window, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Pause:
    """A break. ``max_load`` is looked at in plan mode only."""

    id: int
    service: int
    windows: tuple[Window, ...]
    description: str = ""
    max_load: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Costs:
    """Prices per vehicle, in the caller's unit."""

    fixed: int = 0
    per_hour: int = 3600
    per_km: int = 0
    per_task_hour: int = 0


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One step of a given route; ``key`` is the task's, or the break's id, empty for start and end."""

    kind: StepKind
    key: str = ""
    at: int | None = None
    after: int | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class Driver:
    """A vehicle as it was stated."""

    id: int
    profile: str
    start: Spot | None
    end: Spot | None
    description: str = ""
    type: str = ""
    capacity: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    window: Window | None = None
    breaks: tuple[Pause, ...] = ()
    travel_percent: int = 100
    costs: Costs = Costs()
    max_tasks: int | None = None
    max_travel_time: int | None = None
    max_distance: int | None = None
    steps: tuple[PlanStep, ...] | None = None

    @property
    def key(self) -> str:
        return str(self.id)


@dataclass(frozen=True, slots=True, eq=False)
class Tables:
    """One profile's matrices as given. ``distances`` is ``None`` where nobody said; ``costs`` replace prices."""

    durations: IntMatrix
    distances: IntMatrix | None = None
    costs: IntMatrix | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What vroom-express clients send along. ``plan``: judge the given steps and search nothing."""

    geometry: bool = False
    plan: bool = False
    limit_s: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """All of it. ``offset``: the caller's time minus ours. ``dimensions``: length of amounts."""

    problem: Problem
    tasks: Mapping[str, Task]
    drivers: tuple[Driver, ...]
    tables: Mapping[str, Tables]
    dimensions: int = 0
    offset: int = 0
    options: Options = Options()
    points: NDArray[np.float64] | None = field(default=None)
    loading_ms: int = 0

    @property
    def start_plan(self) -> Plan | None:
        """The routes that ``steps`` propose to begin with, ``None`` without any."""
        plan = {
            driver.key: tuple(step.key for step in driver.steps or () if step.kind in TASK_KINDS)
            for driver in self.drivers
        }
        plan = {vehicle: items for vehicle, items in plan.items() if items}
        return plan or None


TASK_KINDS = ("job", "pickup", "delivery")
