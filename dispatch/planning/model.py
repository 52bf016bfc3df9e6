"""What is to be planned: immutable, integer, and without any clock.

Units, everywhere in this package: **seconds** since the start of the station's day (a shift over midnight
simply runs past 86,400), **metres**, **cents**. Ids are strings. A *place* is a row number of the matrices.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .compiled import Compiled

UNREACHABLE = int(np.iinfo(np.int32).max)
"""The matrix entry that says: there is no way from here to there."""

NEVER = 10**9
"""A time after every possible time, for "no limit"."""

type IntMatrix = NDArray[np.int32]


class Window(NamedTuple):
    """A closed span of time: both ends belong to it. Seconds."""

    start: int
    end: int


ALWAYS = Window(0, NEVER)


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Travel for one profile. Both arrays are ``(n, n)`` int32, ``[from, to]``; seconds and metres.

    An entry of ``UNREACHABLE`` in ``durations`` means there is no way. Asymmetric and zero entries are fine.
    """

    durations: IntMatrix
    distances: IntMatrix


@dataclass(frozen=True, slots=True)
class Break:
    """One pause of ``duration_s`` that starts inside one of ``windows``; anywhere but during a service.

    It is owed when the route is still under way after the last moment the pause could start (and had left
    before that moment): a van that is home by then needs none.
    """

    id: str
    duration_s: int
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do at one place.

    ``windows``: any one of them must hold the **start of service**; none means any time.
    ``service_s``: at the door, every time. ``setup_s``: parking and walking in, only when the stop before
    on the route is not of the same setup group (``setup_group``, or the place itself where that is empty).
    ``delivery``: on board from the start of the route. ``pickup``: stays on board to its end. One number per
    load dimension; an empty tuple is nothing.
    ``skills``: the vehicle must have all. ``vehicles``: only these may do it (``None``: any).
    ``pinned_to``: exactly this vehicle.
    ``priority``: 0 to 100, who is left behind last. ``leave_price``: cents for leaving it, instead of the
    price that follows from the priority.
    ``release_s``: the route that carries it cannot leave before.
    ``late_price_per_min``: ``None`` makes the windows hard; a number makes a start after the last window cost
    that many cents per started minute.
    """

    id: str
    place: int
    windows: tuple[Window, ...] = ()
    service_s: int = 0
    setup_s: int = 0
    setup_group: str = ""
    delivery: tuple[int, ...] = ()
    pickup: tuple[int, ...] = ()
    skills: frozenset[str] = frozenset()
    vehicles: frozenset[str] | None = None
    pinned_to: str | None = None
    priority: int = 50
    leave_price: int | None = None
    release_s: int = 0
    late_price_per_min: int | None = None


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle with one driver for one shift.

    ``start``, ``end``: places; ``None`` begins at the first stop, or ends at the last one.
    ``shift``: the whole route lies inside. ``latest_start``: it must have left by then.
    ``capacity``: one number per load dimension; an empty tuple is no limit.
    ``profile``: key of ``Problem.matrices``. ``travel_percent`` scales its durations, ``service_percent``
    scales service and setup (100 is as stated). Costs: ``fixed_cost`` cents once if used, ``cost_per_km``
    cents per kilometre, ``cost_per_hour`` cents per hour from departure to end (waiting and breaks
    included).
    ``first``: job ids that must stay at the head of the route in this order. ``locked``: the route is exactly
    ``first``, nothing is added.
    """

    id: str
    start: int | None
    end: int | None
    shift: Window = ALWAYS
    latest_start: int | None = None
    capacity: tuple[int, ...] = ()
    profile: str = "van"
    skills: frozenset[str] = frozenset()
    travel_percent: int = 100
    service_percent: int = 100
    fixed_cost: int = 0
    cost_per_km: int = 0
    cost_per_hour: int = 0
    max_stops: int | None = None
    max_distance_m: int | None = None
    max_duration_s: int | None = None
    breaks: tuple[Break, ...] = ()
    first: tuple[str, ...] = ()
    locked: bool = False


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a plan depends on. ``load_names`` puts words to the load dimensions ("kg", "crates")."""

    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    matrices: Mapping[str, Matrix]
    load_names: tuple[str, ...] = field(default=())

    @cached_property
    def compiled(self) -> Compiled:
        """Look-up tables of this problem, built on first use. Assumes a valid problem."""
        from .compiled import Compiled

        return Compiled(self)

    @cached_property
    def dimensions(self) -> int:
        """How many load dimensions are in use: as many as have names, else as many as anybody states."""
        if self.load_names:
            return len(self.load_names)
        loads = [len(t) for job in self.jobs for t in (job.delivery, job.pickup)]
        return max([*loads, *(len(v.capacity) for v in self.vehicles)], default=0)

    def load_name(self, dimension: int) -> str:
        """The word for a load dimension, for sentences."""
        names = self.load_names
        return names[dimension] if dimension < len(names) else f"units of load {dimension + 1}"


type Plan = Mapping[str, tuple[str, ...]]
"""Vehicle id to its job ids in driving order. Vehicles without jobs may be missing."""
