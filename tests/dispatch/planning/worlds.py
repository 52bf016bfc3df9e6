"""Small named problems whose numbers can be checked by hand, and a larger one made by dice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from dispatch.planning.model import (
    HARD,
    OFF,
    UNREACHABLE,
    Battery,
    Break,
    Carrier,
    Charger,
    Current,
    Depot,
    Dial,
    DrivingRule,
    Group,
    Incompatible,
    Job,
    Matrix,
    Offer,
    Period,
    Problem,
    RateCard,
    Relation,
    Shipment,
    Vehicle,
    Weights,
    Window,
    soft,
)  # fmt: skip
from dispatch.planning.validate import validate

HOUR = 3600
DAY_SHIFT = Window(8 * HOUR, 18 * HOUR)


def line_matrix(size: int) -> Matrix:
    """Places along a road, 1 km and 60 s apart: from i to j it is |i - j| minutes and kilometres."""
    steps = np.abs(np.arange(size)[:, None] - np.arange(size)[None, :])
    return Matrix((steps * 60).astype(np.int32), (steps * 1000).astype(np.int32))


def van(name: str = "van", **changes: Any) -> Vehicle:
    """A van at place 0 for the day: 10.00 once, 0.50 a km, 36.00 an hour (1 cent a second)."""
    terms: dict[str, Any] = {
        "start": 0, "end": 0, "shift": DAY_SHIFT, "fixed_cost": 1000, "cost_per_km": 50, "cost_per_hour": 3600,
    }  # fmt: skip
    return Vehicle(name, **{**terms, **changes})


def line(jobs: list[Job], vehicles: list[Vehicle] | None = None, size: int = 10) -> Problem:
    """A problem on the road of ``line_matrix``; one default van unless vehicles are given."""
    fleet = [van()] if vehicles is None else vehicles
    return Problem(tuple(jobs), tuple(fleet), {"van": line_matrix(size)}, ("kg",))


def town(jobs: int, vans: int, seed: int = 1, **changes: Any) -> Problem:
    """Addresses strewn over 15 km, half of them with a two-hour window, parcels of 1 to 8 kg, vans of 100
    kg.
    """
    dice = np.random.default_rng(seed)
    spots = dice.uniform(0, 15_000, (jobs + 1, 2))
    metres = np.rint(np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1))).astype(np.int32)
    work = []
    for i in range(jobs):
        opens = int(dice.integers(8, 16)) * HOUR
        windows = (Window(opens, opens + 2 * HOUR),) if dice.random() < 0.5 else ()
        load = (int(dice.integers(1, 9)),)
        work.append(Job(f"j{i}", i + 1, windows=windows, service_s=150, setup_s=60, delivery=load))
    fleet = [van(f"v{k}", **{"capacity": (100,), **changes}) for k in range(vans)]
    return Problem(
        tuple(work), tuple(fleet), {"van": Matrix((metres // 9).astype(np.int32), metres)}, ("kg",)
    )


# Random problems with everything in them, rule by rule. Times are short and numbers small, so that rules meet.

RULES = (
    "windows", "preferred", "late_price", "early_price", "max_wait", "release", "setup", "service_by_type",
    "parking", "prompt", "pickup", "capacity", "max_aboard", "goods", "lifo", "aboard", "depots", "reloads",
    "skills", "names", "types", "pins", "zones", "home", "shipments", "groups", "relations", "position",
    "leave", "offers", "failed", "current", "shift", "overtime", "limits", "breaks", "driving_rules", "battery",
    "periods", "unreachable", "paces", "prices", "rate", "co2", "weights", "dials", "head", "open_ends",
)  # fmt: skip
"""What ``problems`` can put into a problem."""

_SOFT_OR_NOT = (
    "late", "waits_too_long", "not_released", "depot_closed", "dock_full", "shift_start", "late_start",
    "shift_end", "too_long", "drives_too_long", "too_far", "too_many_stops", "too_few_stops", "too_many_trips",
    "break_missed", "pause_overdue", "battery_flat", "overload", "too_long_aboard", "blocked", "goods_together",
    "skill", "vehicle_not_allowed", "vehicle_forbidden", "type_refused", "pinned_elsewhere", "wrong_depot",
    "outside_zone", "not_preferred", "away_from_home", "not_same_route", "not_apart", "out_of_sequence",
    "not_direct", "not_first", "not_last", "not_together",
)  # fmt: skip
_NAMES = st.sampled_from(["red", "blue"])


class _Dice:
    """Draws numbers; ``has`` says whether a rule is in play, ``some`` whether this one thing has it."""

    def __init__(self, draw: st.DrawFn, rules: frozenset[str]) -> None:
        self.draw, self.rules = draw, rules

    def n(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def has(self, rule: str) -> bool:
        return rule in self.rules

    def some(self, rule: str) -> bool:
        return rule in self.rules and self.draw(st.booleans())

    def names(self, most: int = 2) -> frozenset[str]:
        return self.draw(st.frozensets(_NAMES, max_size=most))

    def spans(self, least: int = 0, most: int = 3) -> tuple[Window, ...]:
        """Windows in order, apart from each other; points in time among them."""
        edges = sorted(
            self.draw(st.lists(st.integers(0, 9000), min_size=2 * least, max_size=2 * most, unique=True))
        )
        return tuple(Window(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False))


@st.composite
def problems(
    draw: st.DrawFn, rules: Collection[str] | None = None, most_jobs: int = 8, most_vehicles: int = 3
) -> Problem:
    """A valid problem. ``rules``: exactly these are in play (of ``RULES``); by default a few by chance, or all."""
    chosen = (
        draw(st.frozensets(st.sampled_from(RULES), max_size=10) | st.just(frozenset(RULES)))
        if rules is None
        else frozenset(rules)
    )
    dice = _Dice(draw, chosen)
    places, dims = dice.n(1, 6), dice.n(1, 2)
    vans = [f"v{k}" for k in range(dice.n(1, most_vehicles))]
    names = [f"j{k}" for k in range(dice.n(1, most_jobs))]
    depots = _depots(dice, places) if dice.has("depots") or dice.has("reloads") else ()
    chargers = _chargers(dice, places) if dice.has("battery") else ()
    shipments = _shipments(dice, names, dims) if dice.has("shipments") else ()
    shipped = {name for s in shipments for name in (s.pickup, s.delivery)}
    carriers = (Carrier("swift", dice.n(0, 900)), Carrier("slow")) if dice.has("offers") else ()
    fleet = tuple(_vehicle(dice, name, places, dims, depots) for name in vans)
    jobs = tuple(_job(dice, name, places, dims, names, vans, depots, name in shipped) for name in names)
    weights = Weights(*(dice.of(0, dice.n(1, 900)) for _ in range(8))) if dice.has("weights") else Weights()
    foot = {"foot": _matrix(dice, places, False)} if dice.some("parking") else {}
    problem = Problem(
        jobs=jobs, vehicles=fleet, matrices={"van": _matrix(dice, places, True), **foot},
        load_names=("kg", "crates")[:dims], shipments=shipments, depots=depots, chargers=chargers,
        groups=_groups(dice, [n for n in names if n not in shipped]), relations=_relations(dice, names),
        incompatible=_incompatible(dice), carriers=carriers, dials=_dials(dice), weights=weights,
        co2_price_per_kg=dice.n(0, 900) if dice.has("co2") else 0,
        points=np.array([[dice.n(0, 3000), dice.n(0, 3000)] for _ in range(places)], dtype=np.int32),
        wait_before=dice.some("max_wait"),
    )  # fmt: skip
    heads = _with_heads(dice, problem) if dice.has("head") else problem
    return _valid(heads)


def _valid(problem: Problem) -> Problem:
    """Without what contradicts itself, one layer after another."""
    unpinned = tuple(replace(job, pinned_to=None) for job in problem.jobs)
    freed = tuple(replace(van, first=(), locked=False) for van in problem.vehicles)
    for changes in ({}, {"relations": ()}, {"jobs": unpinned}, {"vehicles": freed},
                    {"relations": (), "jobs": unpinned}, {"relations": (), "vehicles": freed},
                    {"jobs": tuple(replace(j, position="") for j in unpinned), "relations": (), "vehicles": freed},
                    ):  # fmt: skip
        changed = replace(problem, **changes)
        if not validate(changed):
            return changed
    raise AssertionError(validate(changed))


def _matrix(dice: _Dice, places: int, driven: bool) -> Matrix:
    """Asymmetric, with zero entries and, where that is asked for, missing ones."""
    holes = driven and dice.has("unreachable")
    entry = st.integers(0, 900) | st.just(0) | (st.just(UNREACHABLE) if holes else st.integers(0, 300))
    count = places * places
    flat = st.lists(entry, min_size=count, max_size=count)
    way = np.array(dice.draw(flat), dtype=np.int32).reshape(places, places)
    metres = dice.draw(st.lists(st.integers(0, 4000), min_size=count, max_size=count))
    periods = []
    if driven and dice.has("periods"):
        for start in sorted({dice.n(0, 5000) for _ in range(dice.n(1, 3))}):
            percent = np.int64(dice.of(0, 50, 77, 140, 300))
            slow = np.where(way == UNREACHABLE, UNREACHABLE, way.astype(np.int64) * percent // 100)
            periods.append(Period(start, slow.astype(np.int32)))
    return Matrix(way, np.array(metres, dtype=np.int32).reshape(places, places), tuple(periods))


def _depots(dice: _Dice, places: int) -> tuple[Depot, ...]:
    return tuple(
        Depot(name, dice.n(0, places - 1), dice.spans(0, 2), dice.of(0, 120, 400), dice.of(None, 1, 2))
        for name in ("north", "south")[: dice.n(1, 2)]
    )


def _chargers(dice: _Dice, places: int) -> tuple[Charger, ...]:
    return (
        Charger("plug", dice.n(0, places - 1), dice.of(3000, 11000), dice.of(0, 60), 35, dice.spans(0, 2)),
    )


def _load(dice: _Dice, dims: int) -> tuple[int, ...]:
    return tuple(dice.n(0, 5) for _ in range(dims)) if dice.n(0, 2) else ()


def _job(
    dice: _Dice, name: str, places: int, dims: int, names: list[str], vans: list[str],
    depots: tuple[Depot, ...], shipped: bool,
) -> Job:  # fmt: skip
    spans = dice.spans() if dice.has("windows") else ()
    fields: dict[str, Any] = {"windows": spans, "service_s": dice.n(0, 400), "priority": dice.n(0, 100)}
    maybe: dict[str, dict[str, Any]] = {
        "preferred": {"preferred": spans[-1] if spans else Window(1000, 2000), "preferred_price_per_min": 7},
        "late_price": {"late_price_per_min": dice.n(0, 100)},
        "early_price": {"early_price_per_min": dice.n(0, 40)},
        "max_wait": {"max_wait_s": dice.n(0, 900)},
        "release": {"release_s": dice.n(0, 3000)},
        "setup": {"setup_s": dice.n(0, 200), "setup_group": dice.of("", "", "mall")},
        "service_by_type": {"service_by_type": (("truck", dice.n(0, 500)),)},
        "parking": {"parking": dice.of("yard", "yard", "gate")},
        "prompt": {"prompt_price_per_hour": dice.n(1, 900)},
        "max_aboard": {"max_aboard_s": dice.n(0, 2000)},
        "goods": {"goods": dice.names()},
        "skills": {"skills": dice.names()},
        "types": {"refused_types": frozenset({"truck"})},
        "pins": {"pinned_to": dice.of(*vans)},
        "zones": {"zones": dice.names()},
        "home": {"zones": dice.names()},
        "position": {"position": dice.of("first", "last")},
        "leave": {"leave_price": dice.n(0, 3000)},
        "failed": {"failure_percent": dice.n(0, 100)},
    }
    for rule, values in maybe.items():
        if dice.some(rule):
            fields |= values
    if not shipped:
        fields["delivery"] = _load(dice, dims)
        fields["pickup"] = _load(dice, dims) if dice.some("pickup") else ()
    if dice.some("names"):
        fields |= {"vehicles": dice.draw(st.none() | st.frozensets(st.sampled_from(vans)))}
        fields |= {"forbidden": dice.draw(st.frozensets(st.sampled_from(vans), max_size=1))}
        fields |= {"preferred_vehicles": dice.draw(st.frozensets(st.sampled_from(vans), max_size=1))}
    if depots and dice.n(0, 3) == 0:
        fields["depot"] = dice.of(*[depot.id for depot in depots])
    if dice.some("offers"):
        fields["offers"] = (Offer("swift", dice.n(0, 4000)), Offer("slow", dice.n(0, 4000)))
    if dice.some("current"):
        after = dice.of("", *[other for other in names if other != name])
        fields["current"] = Current(dice.of(*vans), after, dice.of(None, dice.n(0, 6000)))
    return Job(name, dice.n(0, places - 1), **fields)


def _vehicle(dice: _Dice, name: str, places: int, dims: int, depots: tuple[Depot, ...]) -> Vehicle:
    opens = dice.n(0, 2000) if dice.has("shift") else 0
    ends = dice.of(opens + dice.n(0, 9000), opens + 90_000) if dice.has("shift") else 90_000
    place = st.integers(0, places - 1)
    open_or_not = st.none() | place if dice.has("open_ends") else place
    fields: dict[str, Any] = {"start": dice.draw(open_or_not), "end": dice.draw(open_or_not)}
    fields |= {"shift": Window(opens, ends), "fixed_cost": dice.n(0, 900), "cost_per_km": dice.n(0, 99),
               "cost_per_hour": dice.n(0, 4000)}  # fmt: skip
    maybe: dict[str, dict[str, Any]] = {
        "shift": {"latest_start": opens + dice.n(0, 3000)},
        "capacity": {"capacity": tuple(dice.n(0, 12) for _ in range(dims))},
        "aboard": {"aboard": tuple(dice.n(0, 3) for _ in range(dims))},
        "lifo": {"lifo": True},
        "skills": {"skills": dice.names()},
        "types": {"type": "truck"},
        "service_by_type": {"type": "truck"},
        "zones": {"zones": dice.of(None, dice.names()), "forbidden_zones": dice.names(1)},
        "home": {"home_zones": dice.names()},
        "paces": {"travel_percent": dice.of(85, 133, 0), "service_percent": dice.of(70, 150, 0)},
        "prices": {"cost_per_driving_hour": dice.n(0, 900), "cost_per_stop": dice.n(0, 90)},
        "failed": {"cost_per_failed": dice.n(0, 900)},
        "overtime": {"max_overtime_s": dice.n(0, 3000), "overtime_per_hour": dice.n(0, 3000)},
        "co2": {"co2_g_per_km": dice.n(0, 900)},
        "driving_rules": {"driving_rules": _driving_rules(dice)},
        "battery": {"battery": Battery(dice.n(500, 3000), 500, dice.n(0, 200), dice.n(0, 300), 7000)},
        "rate": {"rate": RateCard((dice.n(0, 50),) * dims, (("red", dice.n(0, 500)),), dice.of(0, 5000))},
        "limits": {"max_stops": dice.n(3, 5), "min_stops": dice.n(0, 3), "max_distance_m": dice.n(0, 9000)},
        "reloads": {"reloads": tuple(depot.id for depot in depots), "max_trips": dice.n(1, 3)},
    }  # fmt: skip
    for rule, values in maybe.items():
        if dice.some(rule):
            fields |= values
    if dice.some("limits"):
        fields |= {"max_duration_s": dice.n(0, 9000), "max_driving_s": dice.n(0, 4000)}
    if dice.some("breaks"):
        fields["breaks"] = tuple(_break(dice, f"b{k}", places) for k in range(dice.n(1, 2)))
    if depots and dice.some("depots"):
        fields |= {"depot": depots[0].id, "start": depots[0].place}
    return Vehicle(name, **fields)


def _break(dice: _Dice, name: str, places: int) -> Break:
    place, skip = dice.of(None, None, dice.n(0, places - 1)), dice.of(None, None, dice.n(0, 900))
    return Break(name, dice.n(1, 900), dice.spans(1, 2), place, skip)


def _driving_rules(dice: _Dice) -> tuple[DrivingRule, ...]:
    return tuple(DrivingRule(dice.n(200, 2000), dice.n(1, 600), k > 0) for k in range(dice.n(1, 2)))


def _shipments(dice: _Dice, names: list[str], dims: int) -> tuple[Shipment, ...]:
    order = list(dice.draw(st.permutations(names)))
    pairs = zip(order[::2], order[1::2], strict=False)
    return tuple(Shipment(a, b, _load(dice, dims)) for a, b in list(pairs)[: dice.n(1, 2)])


def _groups(dice: _Dice, names: list[str]) -> tuple[Group, ...]:
    if not dice.has("groups") or len(names) < 2:
        return ()
    members = tuple(dice.draw(st.permutations(names)))[: dice.n(2, 3)]
    prices = tuple(dice.n(0, 300) for _ in members) if dice.n(0, 1) else ()
    return (Group("g", members, prices, dice.of(None, dice.n(0, 5000))),)


def _relations(dice: _Dice, names: list[str]) -> tuple[Relation, ...]:
    if not dice.has("relations") or len(names) < 2:
        return ()
    kinds = ("same_route", "different_routes", "sequence", "direct", "together")
    return tuple(
        Relation(dice.of(*kinds), tuple(dice.draw(st.permutations(names)))[: dice.n(2, 3)], dice.n(0, 300))
        for _ in range(dice.n(1, 2))
    )


def _incompatible(dice: _Dice) -> tuple[Incompatible, ...]:
    scopes = [("aboard", "route")[k] for k in range(dice.n(1, 2))] if dice.has("goods") else []
    return tuple(Incompatible("red", "blue", scope) for scope in scopes)  # type: ignore[arg-type]


def _dials(dice: _Dice) -> dict[str, Dial]:
    if not dice.has("dials"):
        return {}
    dial = st.sampled_from([OFF, HARD, soft(7), soft(100)])
    return dice.draw(st.dictionaries(st.sampled_from(_SOFT_OR_NOT), dial, max_size=12))


def _with_heads(dice: _Dice, problem: Problem) -> Problem:
    """The first van begins with some fixed jobs, and may be locked."""
    van = problem.vehicles[0]
    free = [job.id for job in problem.jobs if job.pinned_to in (None, van.id)]
    head = tuple(free[: dice.n(0, 2)])
    changed = replace(van, first=head, locked=bool(head) and dice.n(0, 2) == 0)
    return replace(problem, vehicles=(changed, *problem.vehicles[1:]))


@st.composite
def plans(draw: st.DrawFn, problem: Problem) -> dict[str, tuple[str, ...]]:
    """Any plan: jobs in any order on any vehicle, some left out, reloads and charges strewn in."""
    dice = _Dice(draw, frozenset())
    order = list(draw(st.permutations([job.id for job in problem.jobs])))
    stations = [station.id for station in (*problem.depots, *problem.chargers)]
    plan: dict[str, tuple[str, ...]] = {}
    for van in problem.vehicles:
        head = [item for item in van.first if item in order] if dice.n(0, 3) else []
        rest = [item for item in order if item not in head]
        take = dice.n(0, len(rest))
        items, order = head + rest[:take], rest[take:]
        for _ in range(dice.n(0, 2) if stations and items else 0):
            items.insert(dice.n(0, len(items)), dice.of(*stations))
        plan[van.id] = tuple(items)
    return plan


@st.composite
def worlds(
    draw: st.DrawFn, rules: Collection[str] | None = None
) -> tuple[Problem, dict[str, tuple[str, ...]]]:
    """A problem and a plan of it."""
    problem = draw(problems(rules))
    return problem, draw(plans(problem))
