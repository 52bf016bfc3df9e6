"""Who drives: vehicles with their shifts, breaks, batteries and prices, and carriers."""

from __future__ import annotations

from dataclasses import dataclass

from .units import ALWAYS, Window


@dataclass(frozen=True, slots=True)
class Break:
    """One pause of ``duration_s`` that starts inside one of ``windows``; anywhere but during a service, or at
    ``place``, to which the van drives and from where it goes on.

    It is owed when the route is still under way after the last moment the pause could start (and had left
    before that moment): a van that is home by then needs none. ``skip_price``: ``None`` makes it required (the
    dial of ``break_missed``); cents make it optional.
    """

    id: str
    duration_s: int
    windows: tuple[Window, ...]
    place: int | None = None
    skip_price: int | None = None


@dataclass(frozen=True, slots=True)
class DrivingRule:
    """A pause of ``pause_s`` after at most ``max_s`` of driving (or of work: everything but pauses, where
    ``work`` is set). Breaks of at least ``pause_s`` count as the pause.
    """

    max_s: int
    pause_s: int
    work: bool = False


@dataclass(frozen=True, slots=True)
class Battery:
    """Watt-hours: ``capacity_wh``, ``start_wh`` on leaving, never below ``reserve_wh``; ``wh_per_km`` of
    driving; charges with at most ``charge_w`` watts.
    """

    capacity_wh: int
    start_wh: int
    reserve_wh: int
    wh_per_km: int
    charge_w: int


@dataclass(frozen=True, slots=True)
class RateCard:
    """What a carrier's vehicle costs besides the fields of ``Vehicle``. Cents.

    ``per_load``: per unit of each load dimension carried. ``per_zone``: per stop in a zone (the first zone of
    this list that the job lies in). ``minimum``: the route costs at least this, all its vehicle prices together.
    """

    per_load: tuple[int, ...] = ()
    per_zone: tuple[tuple[str, int], ...] = ()
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Carrier:
    """Somebody who takes single jobs (``Job.offers``). ``minimum``: cents charged at least once any job is
    given to it.
    """

    id: str
    minimum: int = 0


@dataclass(frozen=True, slots=True)
class Vehicle:
    """One vehicle with one driver for one shift.

    ``start``, ``end``: places; ``None`` begins at the first stop, or ends at the last one. ``depot``: id of the
    depot at the start, if it loads there: then ``load_s`` before the departure belongs to the route.
    ``shift``: the whole route lies inside. ``latest_start``: it must have left by then. ``capacity``: one number
    per load dimension; an empty tuple is no limit. ``aboard``: load on board at the start that stays to the end
    of the first trip. ``profile``: key of ``Problem.matrices``. ``travel_percent`` scales its durations,
    ``service_percent`` scales service and setup (100 is as stated).

    **Cost**, cents: ``fixed_cost`` once if used, ``cost_per_km``, ``cost_per_hour`` from the start of loading to
    the end (waiting and breaks included), ``cost_per_driving_hour`` more for the hours of driving,
    ``cost_per_stop`` per job, ``cost_per_failed`` per expected failed attempt, ``overtime_per_hour`` more for
    hours after the shift's end, ``rate`` for carriers. ``co2_g_per_km``: grams, priced by
    ``Problem.co2_price_per_kg``.

    **Limits**: ``max_stops`` and ``min_stops`` jobs, ``max_distance_m``, ``max_duration_s`` (from the start of
    loading), ``max_driving_s``, ``max_overtime_s`` after the shift's end, ``max_trips`` with reloads at
    ``reloads`` (ids of depots). ``breaks``, ``driving_rules``, ``battery``. ``lifo``: what is delivered must lie
    on top.

    **Where**: ``zones`` it may serve (``None``: all), ``forbidden_zones``, ``home_zones`` (a stop outside costs by
    the dial of ``away_from_home``; empty: none).

    ``first``: items that must stay at the head of the route in this order. ``locked``: the route is exactly
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
    type: str = ""
    depot: str = ""
    aboard: tuple[int, ...] = ()
    cost_per_driving_hour: int = 0
    cost_per_stop: int = 0
    cost_per_failed: int = 0
    overtime_per_hour: int = 0
    max_overtime_s: int = 0
    co2_g_per_km: int = 0
    rate: RateCard | None = None
    min_stops: int = 0
    max_driving_s: int | None = None
    max_trips: int = 1
    reloads: tuple[str, ...] = ()
    driving_rules: tuple[DrivingRule, ...] = ()
    battery: Battery | None = None
    lifo: bool = False
    zones: frozenset[str] | None = None
    forbidden_zones: frozenset[str] = frozenset()
    home_zones: frozenset[str] = frozenset()
