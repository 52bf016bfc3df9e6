"""Where things are and how long the way is: matrices, depots, chargers."""

from __future__ import annotations

from dataclasses import dataclass

from .units import IntMatrix, Window


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """Travel from second ``start`` on, until the next period: durations like ``Matrix.durations``."""

    start: int
    durations: IntMatrix


@dataclass(frozen=True, slots=True, eq=False)
class Matrix:
    """Travel for one profile. Both arrays are ``(n, n)`` int32, ``[from, to]``; seconds and metres.

    An entry of ``UNREACHABLE`` in ``durations`` means there is no way. Asymmetric and zero entries are fine.
    ``periods``: travel by time of day, in order of their starts. ``durations`` holds before the first of them.
    A leg under way when a period begins keeps the *share* of the way it has still to go (Ichoua, Gendreau and
    Potvin 2003): in a period whose leg takes ``d`` seconds, ``t`` seconds cover ``t / d`` of it. So who leaves
    later never arrives earlier.
    """

    durations: IntMatrix
    distances: IntMatrix
    periods: tuple[Period, ...] = ()


@dataclass(frozen=True, slots=True)
class Depot:
    """A place where vehicles load: at the start of a route that begins here, and at each reload.

    ``windows``: vehicles load and leave only inside one of them (empty: always); the whole loading lies in one
    window. ``load_s``: seconds that loading takes before each departure from here. ``docks``: so many vehicles
    load at the same time (``None``: any number).
    """

    id: str
    place: int
    windows: tuple[Window, ...] = ()
    load_s: int = 0
    docks: int | None = None


@dataclass(frozen=True, slots=True)
class Charger:
    """A charging station. ``power_w``: watts; ``setup_s``: seconds to plug in and pay; ``price_per_kwh``:
    cents. A vehicle charges as much as it needs to reach the next charger of its route, or the end, with its
    reserve, and no more.
    """

    id: str
    place: int
    power_w: int
    setup_s: int = 0
    price_per_kwh: int = 0
    windows: tuple[Window, ...] = ()
