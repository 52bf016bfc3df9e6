"""What is to be done at the doors: jobs, shipments, groups of alternatives, relations between jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .units import Window


@dataclass(frozen=True, slots=True)
class Offer:
    """A carrier that would take the job off our hands: cents for it. ``carrier`` is an id of
    ``Problem.carriers``.
    """

    carrier: str
    price: int


@dataclass(frozen=True, slots=True)
class Current:
    """Where a job stands in the plan that people know: what a new plan should disturb least.

    ``vehicle``: its route. ``after``: the job before it on that route, empty for the first. ``start``: the
    start of service that was promised.
    """

    vehicle: str
    after: str = ""
    start: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do at one place.

    **Time.** ``windows``: any one of them must hold the **start of service**; none means any time. A van that
    is early waits. ``late_price_per_min``: ``None`` leaves lateness to the dial of ``late``; a number makes a
    start after the last window cost that many cents per minute, whatever the dial. ``early_price_per_min``: a
    number lets the service start before the first window for that many cents per minute; it does so exactly
    where that is not dearer than the vehicle's hour of waiting. ``preferred``: a window inside the windows;
    ``preferred_price_per_min`` cents for each minute of the start outside it, on either side.
    ``max_wait_s``: longest wait at the stop (code ``waits_too_long``; ``Problem.wait_before`` moves the wait to
    the stop before). ``release_s``: the trip that carries it cannot leave before. ``service_s``: at the door,
    every time; ``service_by_type`` overrides it for vehicle types. ``setup_s``: parking and walking in, only
    when the stop before on the route is not of the same setup group (``setup_group``, or the place itself where
    that is empty). ``parking``: stops of one parking group, one directly after another, share one parking spot,
    that of the first of them: the legs between them are walked, and before the van drives on the driver walks
    back to it. ``prompt_price_per_hour``: cents per hour from the start of the vehicle's shift to the start of
    service, for what should come early in the tour.

    **Load.** ``delivery``: on board from the start of the trip. ``pickup``: stays on board to the end of the
    trip. One number per load dimension; an empty tuple is nothing. ``max_aboard_s``: longest time between
    leaving the depot (the pickup, for a shipment's delivery) and the start of service. ``goods``: classes of
    goods, for ``Problem.incompatible``. ``depot``: id of the depot where its goods lie; empty is any.

    **Who.** ``skills``: the vehicle must have all. ``vehicles``: only these may do it (``None``: any).
    ``forbidden``: these vehicles never. ``refused_types``: vehicle types that its street or building refuses.
    ``pinned_to``: exactly this vehicle. ``preferred_vehicles``: any other costs by the dial of
    ``not_preferred``. ``zones``: ids of the zones its address lies in.

    **Worth.** ``priority``: 0 to 100, who is left behind last. ``leave_price``: cents for leaving it, instead of
    the price that follows from the priority. ``offers``: carriers that would take it; leaving the job costs the
    cheapest of them and the leave price. ``failure_percent``: how likely the attempt fails.

    **Place in the route.** ``position``: it is the first or the last job of its route.
    ``current``: see ``Current``.
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
    early_price_per_min: int | None = None
    preferred: Window | None = None
    preferred_price_per_min: int = 0
    max_wait_s: int | None = None
    service_by_type: tuple[tuple[str, int], ...] = ()
    parking: str = ""
    prompt_price_per_hour: int = 0
    max_aboard_s: int | None = None
    goods: frozenset[str] = frozenset()
    depot: str = ""
    forbidden: frozenset[str] = frozenset()
    refused_types: frozenset[str] = frozenset()
    preferred_vehicles: frozenset[str] = frozenset()
    zones: frozenset[str] = frozenset()
    offers: tuple[Offer, ...] = ()
    failure_percent: int = 0
    position: Literal["", "first", "last"] = ""
    current: Current | None = None


@dataclass(frozen=True, slots=True)
class Shipment:
    """Goods that travel from one job's door to another's on one vehicle in one trip, the pickup first.

    ``pickup`` and ``delivery`` are ids of jobs that carry no load of their own; ``load`` is on board between
    them, one number per dimension. Both are served or neither; leaving them costs the leave prices of both.
    """

    pickup: str
    delivery: str
    load: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """One of several places: at most one of ``jobs`` is served (door, locker, pickup point; the delivery of
    alternatives has no shipments). ``prices`` are cents for choosing each of them (empty: nothing). Leaving all
    costs ``leave_price``, or the dearest leave price among the jobs.
    """

    id: str
    jobs: tuple[str, ...]
    prices: tuple[int, ...] = ()
    leave_price: int | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """How jobs stand to each other; those that are left out do not count.

    ``same_route``: all on one route. ``different_routes``: no two on one. ``sequence``: on one route in this
    order, others may come between. ``direct``: on one route, one directly after another. ``together``: on
    different routes, all services start within ``tolerance_s`` of each other (two people at one door).
    """

    kind: Literal["same_route", "different_routes", "sequence", "direct", "together"]
    jobs: tuple[str, ...]
    tolerance_s: int = 0
