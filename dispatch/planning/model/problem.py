"""What is to be planned: immutable, integer, and without any clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from .dials import Dial
from .jobs import Group, Job, Relation, Shipment
from .places import Charger, Depot, Matrix
from .vehicles import Carrier, Vehicle

if TYPE_CHECKING:
    from ..compiled import Compiled


@dataclass(frozen=True, slots=True)
class Incompatible:
    """Two classes of goods that never travel together: ``route`` not on one route, ``aboard`` not at one time."""

    one: str
    other: str
    scope: Literal["route", "aboard"] = "aboard"


@dataclass(frozen=True, slots=True)
class Weights:
    """Prices of what a plan as a whole should be like. Cents; 0 is indifferent.

    ``vehicle``: for every vehicle used, besides its fixed cost. ``finish_per_hour``: for every hour from the
    earliest shift start to the latest end of any route. ``balance_per_hour``: for every hour between the longest
    and the shortest route in use; ``balance_per_stop`` the same in stops. ``compact_per_km``: for every kilometre
    as the crow flies between a stop and the middle of its route (needs ``Problem.points``). ``other_vehicle``,
    ``other_place``, ``moved_per_min``: what a change against ``Job.current`` costs: another vehicle, another job
    before it, a minute of its start.
    """

    vehicle: int = 0
    finish_per_hour: int = 0
    balance_per_hour: int = 0
    balance_per_stop: int = 0
    compact_per_km: int = 0
    other_vehicle: int = 0
    other_place: int = 0
    moved_per_min: int = 0


@dataclass(frozen=True, eq=False)
class Problem:
    """Everything a plan depends on.

    ``load_names`` puts words to the load dimensions ("kg", "crates"). ``dials`` by violation code; a code without
    one is hard (``not_preferred`` and ``away_from_home``: off). ``points``: ``(n, 2)`` int32, metres east and
    north of any origin, for places; needed by ``Weights.compact_per_km`` and by walked legs where
    ``walk_profile`` is no key of ``matrices`` (then the crow's distance times 1.3 at 1.25 m/s, rounded up).
    ``wait_before``: waiting longer than a job's ``max_wait_s`` is done at the stop before.
    """

    jobs: tuple[Job, ...]
    vehicles: tuple[Vehicle, ...]
    matrices: Mapping[str, Matrix]
    load_names: tuple[str, ...] = field(default=())
    shipments: tuple[Shipment, ...] = ()
    groups: tuple[Group, ...] = ()
    relations: tuple[Relation, ...] = ()
    incompatible: tuple[Incompatible, ...] = ()
    depots: tuple[Depot, ...] = ()
    chargers: tuple[Charger, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    dials: Mapping[str, Dial] = field(default_factory=dict)
    weights: Weights = Weights()
    co2_price_per_kg: int = 0
    points: NDArray[np.int32] | None = None
    walk_profile: str = "foot"
    wait_before: bool = False

    @cached_property
    def compiled(self) -> Compiled:
        """Look-up tables of this problem, built on first use. Assumes a valid problem."""
        from ..compiled import Compiled

        return Compiled(self)

    @cached_property
    def dimensions(self) -> int:
        """How many load dimensions are in use: as many as have names, else as many as anybody states."""
        if self.load_names:
            return len(self.load_names)
        loads = [len(t) for job in self.jobs for t in (job.delivery, job.pickup)]
        loads += [len(s.load) for s in self.shipments]
        loads += [len(t) for v in self.vehicles for t in (v.capacity, v.aboard)]
        return max(loads, default=0)

    def load_name(self, dimension: int) -> str:
        """The word for a load dimension, for sentences."""
        names = self.load_names
        return names[dimension] if dimension < len(names) else f"units of load {dimension + 1}"


type Plan = Mapping[str, tuple[str, ...]]
"""Vehicle id to its items in driving order: ids of jobs, of depots (a reload there) and of chargers (a charge
there). Vehicles without jobs may be missing."""
