"""From a problem to the arrays that compiled code reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from ..model import NEVER, UNREACHABLE, Job, Matrix, Problem, Vehicle, Window
from ..rules.codes import CODES, NUMBER
from ..rules.priority import leave_prices
from ..rules.statics import signature, static_breaches
from .world import BREAK, CHARGER, DEPOT, HARD, ITEM, OFF, PAIR, RULE, SOFT, VAN, Ints, World

_KINDS = {"off": OFF, "soft": SOFT, "hard": HARD}
_POSITIONS = {"": 0, "first": 1, "last": 2}


class Windows:
    """All windows of a problem behind each other."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int]] = []

    def add(self, windows: Iterable[Window]) -> tuple[int, int]:
        """(the first row, how many)."""
        at = len(self.rows)
        self.rows += [(window.start, window.end) for window in windows]
        return at, len(self.rows) - at


def dials(problem: Problem) -> Ints:
    """``(codes, 3)``: kind, price, unit."""
    table = np.zeros((len(CODES), 3), dtype=np.int64)
    for k, code in enumerate(CODES):
        dial = problem.dials.get(code.name, code.default)
        table[k] = _KINDS[dial.kind], dial.price, code.unit
    return table


def pack(problem: Problem) -> World:
    """The arrays of a valid problem."""
    windows = Windows()
    classes = _goods_classes(problem)
    relation, members, rel_rows = _relations(problem)
    paces, pace_of = _paces(problem.vehicles)
    tables, first_table = _tables(problem)
    periods, period_at = _periods(problem)
    items = _items(problem, windows, classes, rel_rows)
    vans, breaks, rules = _vans(problem, windows, pace_of, first_table, period_at)
    service, setup = _service(problem, paces)
    able, extra, zone_price = _statics(problem)
    size = next((len(m.durations) for m in problem.matrices.values()), 0)
    dims = problem.dimensions
    rated = [v.rate.per_load if v.rate else () for v in problem.vehicles]
    return World(
        items=items,
        vans=vans,
        breaks=breaks,
        rules=rules,
        goods=_incompatible(problem, classes),
        windows=np.array(windows.rows, dtype=np.int64).reshape(-1, 2),
        travel=np.stack(tables) if tables else np.zeros((1, size, size), dtype=np.int32),
        metres=np.stack([m.distances for m in problem.matrices.values()]),
        walking=_walking(problem, size),
        periods=periods,
        service=service,
        setup=setup,
        load=_loads(problem, dims),
        capacity=_rows([v.capacity for v in problem.vehicles], dims, NEVER),
        aboard=_rows([v.aboard for v in problem.vehicles], dims, 0),
        rate_load=_rows(rated, dims, 0),
        able=able,
        extra=extra,
        zone_price=zone_price,
        reload_ok=_reload_ok(problem),
        dials=dials(problem),
        relation=relation,
        members=members,
        rel=np.array([r for row in rel_rows for r in row], dtype=np.int64),
        points=_points(problem),
        weights=np.array(
            [
                problem.weights.compact_per_km,
                problem.weights.other_vehicle,
                problem.weights.other_place,
                problem.weights.moved_per_min,
            ],
            dtype=np.int64,
        ),
        jobs=len(problem.jobs),
        wait_before=int(problem.wait_before),
    )


def _rows(loads: Sequence[tuple[int, ...]], dims: int, default: int) -> Ints:
    table = np.full((max(1, len(loads)), dims), default, dtype=np.int64)
    for k, load in enumerate(loads):
        table[k, : len(load)] = load[:dims]
    return table


def _points(problem: Problem) -> np.ndarray:
    if problem.points is None:
        return np.zeros((1, 2))
    return problem.points.astype(np.float64)


def _reload_ok(problem: Problem) -> np.ndarray:
    table = np.zeros((max(1, len(problem.vehicles)), max(1, len(problem.depots))), dtype=bool)
    for v, vehicle in enumerate(problem.vehicles):
        for d, depot in enumerate(problem.depots):
            table[v, d] = depot.id in vehicle.reloads
    return table


def scaled(seconds: int, percent: int) -> int:
    """Seconds at a pace in percent, rounded half up."""
    return seconds if percent == 100 else (2 * seconds * percent + 100) // 200


def _pace(vehicle: Vehicle, types: set[str]) -> tuple[int, str]:
    return vehicle.service_percent, vehicle.type if vehicle.type in types else ""


def _paces(vehicles: Sequence[Vehicle]) -> tuple[list[tuple[int, str]], list[int]]:
    """Kinds of vehicles that take equally long at the door, and the kind of each."""
    types = {v.type for v in vehicles}
    kinds: dict[tuple[int, str], int] = {}
    of = [kinds.setdefault(_pace(v, types), len(kinds)) for v in vehicles]
    return list(kinds), of


def _service(problem: Problem, paces: list[tuple[int, str]]) -> tuple[Ints, Ints]:
    items = len(problem.jobs) + len(problem.depots) + len(problem.chargers)
    service = np.zeros((max(1, len(paces)), max(1, items)), dtype=np.int64)
    setup = np.zeros_like(service)
    for p, (percent, kind) in enumerate(paces):
        for j, job in enumerate(problem.jobs):
            seconds = (
                dict(job.service_by_type).get(kind, job.service_s) if job.service_by_type else job.service_s
            )
            service[p, j] = scaled(seconds, percent)
            setup[p, j] = scaled(job.setup_s, percent)
    return service, setup


def _scaled_table(table: np.ndarray, percent: int) -> np.ndarray:
    if percent == 100:
        return table
    wide = (2 * table.astype(np.int64) * percent + 100) // 200
    return np.where(table == UNREACHABLE, UNREACHABLE, np.minimum(wide, UNREACHABLE - 1)).astype(np.int32)


def _tables(problem: Problem) -> tuple[list[np.ndarray], dict[tuple[str, int], int]]:
    """Travel tables by (profile, percent), each followed by those of its periods."""
    tables: list[np.ndarray] = []
    first: dict[tuple[str, int], int] = {}
    for vehicle in problem.vehicles:
        key = (vehicle.profile, vehicle.travel_percent)
        if key in first:
            continue
        first[key] = len(tables)
        matrix: Matrix = problem.matrices[vehicle.profile]
        for table in (matrix.durations, *(period.durations for period in matrix.periods)):
            tables.append(_scaled_table(table, vehicle.travel_percent))
    return tables, first


def _periods(problem: Problem) -> tuple[Ints, dict[str, tuple[int, int]]]:
    starts: list[int] = []
    at: dict[str, tuple[int, int]] = {}
    for profile, matrix in problem.matrices.items():
        at[profile] = (len(starts), len(matrix.periods))
        starts += [period.start for period in matrix.periods]
    return np.array(starts, dtype=np.int64), at


def _walking(problem: Problem, size: int) -> np.ndarray:
    """Seconds on foot between all places; one empty cell where nobody walks."""
    if not any(job.parking for job in problem.jobs):
        return np.zeros((1, 1), dtype=np.int32)
    if problem.walk_profile in problem.matrices:
        return problem.matrices[problem.walk_profile].durations
    points = _points(problem)
    crow = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(axis=2))
    return np.ceil(crow * 1.04 - 1e-9).astype(np.int32)


def _loads(problem: Problem, dims: int) -> Ints:
    items = len(problem.jobs) + len(problem.depots) + len(problem.chargers)
    load = np.zeros((max(1, items), dims, 3), dtype=np.int64)
    number = {job.id: j for j, job in enumerate(problem.jobs)}
    for j, job in enumerate(problem.jobs):
        load[j, : len(job.delivery), 0] = job.delivery
        load[j, : len(job.pickup), 1] = job.pickup
    for shipment in problem.shipments:
        load[number[shipment.pickup], : len(shipment.load), 2] = shipment.load
        load[number[shipment.delivery], : len(shipment.load), 2] = [-amount for amount in shipment.load]
    return load


def _goods_classes(problem: Problem) -> dict[str, int]:
    """A bit for each class of goods that is incompatible with another."""
    names = sorted({name for pair in problem.incompatible for name in (pair.one, pair.other)})
    return {name: 1 << k for k, name in enumerate(names)}


def _incompatible(problem: Problem, classes: dict[str, int]) -> np.ndarray:
    pairs = np.zeros(len(problem.incompatible), dtype=PAIR)
    for k, pair in enumerate(problem.incompatible):
        pairs[k] = classes[pair.one], classes[pair.other], int(pair.scope == "route")
    return pairs


def _relations(problem: Problem) -> tuple[Ints, Ints, list[list[int]]]:
    """Relations that say something about one route: rows, members, and the relations of each job."""
    number = {job.id: j for j, job in enumerate(problem.jobs)}
    rows: list[tuple[int, int, int]] = []
    members: list[int] = []
    of: list[list[int]] = [[] for _ in problem.jobs]
    for relation in problem.relations:
        if relation.kind not in ("sequence", "direct"):
            continue
        for job in relation.jobs:
            of[number[job]].append(len(rows))
        rows.append((len(members), len(relation.jobs), int(relation.kind == "direct")))
        members += [number[job] for job in relation.jobs]
    return np.array(rows, dtype=np.int64).reshape(-1, 3), np.array(members, dtype=np.int64), of


def _setup_keys(jobs: Sequence[Job]) -> list[int]:
    """One number per setup group; jobs without a group share the group of their place."""
    seen: dict[tuple[str, int], int] = {}
    return [seen.setdefault((j.setup_group, -1 if j.setup_group else j.place), len(seen)) for j in jobs]


def _none(value: int | None) -> int:
    return -1 if value is None else value


def _items(problem: Problem, windows: Windows, classes: dict[str, int], rel: list[list[int]]) -> np.ndarray:
    jobs = problem.jobs
    items = np.zeros(max(1, len(jobs) + len(problem.depots) + len(problem.chargers)), dtype=ITEM)
    for name in ("parking", "mate", "group", "late", "early", "max_wait", "aboard", "cur_van", "cur_start"):
        items[name] = -1
    items["setup_key"][: len(jobs)] = _setup_keys(jobs)
    number = {job.id: j for j, job in enumerate(jobs)}
    van = {vehicle.id: v for v, vehicle in enumerate(problem.vehicles)}
    parking: dict[str, int] = {}
    rel_at = 0
    leave = leave_prices(problem)
    for j, job in enumerate(jobs):
        row = items[j]
        row["place"], row["release"], row["leave"] = job.place, job.release_s, leave[j]
        row["win_at"], row["win_n"] = windows.add(job.windows)
        row["late"] = _none(job.late_price_per_min)
        row["carries"] = int(any(job.delivery)) + 2 * int(any(job.pickup))
        row["rel_at"], row["rel_n"] = rel_at, len(rel[j])
        rel_at += len(rel[j])
        if job.parking:
            row["parking"] = parking.setdefault(job.parking, len(parking))
        _rare(row, job, classes, van, number)
        row["rare"] = row["rare"] or bool(rel[j])
    for shipment in problem.shipments:
        one, other = number[shipment.pickup], number[shipment.delivery]
        items[one]["mate"], items[one]["ship"], items[one]["rare"] = other, 1, 1
        items[other]["mate"], items[other]["ship"], items[other]["rare"] = one, 2, 1
    for g, group in enumerate(problem.groups):
        for k, job_id in enumerate(group.jobs):
            items[number[job_id]]["group"] = g
            items[number[job_id]]["chosen"] = group.prices[k] if group.prices else 0
    _stations(problem, windows, items)
    return items


def _rare(row: Any, job: Job, classes: dict[str, int], van: dict[str, int], number: dict[str, int]) -> None:
    row["early"] = _none(job.early_price_per_min)
    if job.preferred is not None:
        row["pref_open"], row["pref_close"] = job.preferred
        row["pref_price"] = job.preferred_price_per_min
    row["max_wait"], row["aboard"] = _none(job.max_wait_s), _none(job.max_aboard_s)
    row["prompt"], row["failure"] = job.prompt_price_per_hour, job.failure_percent
    row["goods"] = sum(classes.get(name, 0) for name in job.goods)
    row["position"] = _POSITIONS[job.position]
    if job.current is not None:
        row["has_current"], row["cur_van"] = 1, van.get(job.current.vehicle, -1)
        row["cur_after"] = number.get(job.current.after, -2) if job.current.after else -1
        row["cur_start"] = _none(job.current.start)
    seldom = (job.early_price_per_min, job.max_wait_s, job.current)
    more = (row["pref_price"], job.prompt_price_per_hour, job.failure_percent, row["position"])
    row["rare"] = int(any(value is not None for value in seldom) or any(more))


def _stations(problem: Problem, windows: Windows, items: np.ndarray) -> None:
    first = len(problem.jobs)
    for d, depot in enumerate(problem.depots):
        row = items[first + d]
        row["kind"], row["place"], row["setup_key"], row["load_s"] = DEPOT, depot.place, -1, depot.load_s
        row["win_at"], row["win_n"] = windows.add(depot.windows)
    first += len(problem.depots)
    for k, charger in enumerate(problem.chargers):
        row = items[first + k]
        row["kind"], row["place"], row["setup_key"], row["load_s"] = (
            CHARGER,
            charger.place,
            -1,
            charger.setup_s,
        )
        row["power"], row["kwh_price"] = charger.power_w, charger.price_per_kwh
        row["win_at"], row["win_n"] = windows.add(charger.windows)


def _vans(
    problem: Problem,
    windows: Windows,
    pace_of: list[int],
    first_table: dict[tuple[str, int], int],
    period_at: dict[str, tuple[int, int]],
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    vans = np.zeros(max(1, len(problem.vehicles)), dtype=VAN)
    breaks: list[tuple[int, ...]] = []
    rules: list[tuple[int, ...]] = []
    depot = {depot.id: len(problem.jobs) + d for d, depot in enumerate(problem.depots)}
    loading = {depot.id: depot.load_s for depot in problem.depots}
    profiles = list(problem.matrices)
    for v, vehicle in enumerate(problem.vehicles):
        row = vans[v]
        row["start"], row["end"] = _none(vehicle.start), _none(vehicle.end)
        row["shift_start"], row["shift_end"] = vehicle.shift
        row["latest"] = NEVER if vehicle.latest_start is None else vehicle.latest_start
        row["table"] = first_table[vehicle.profile, vehicle.travel_percent]
        row["period_at"], row["period_n"] = period_at[vehicle.profile]
        row["metres"], row["pace"] = profiles.index(vehicle.profile), pace_of[v]
        row["depot"] = depot.get(vehicle.depot, -1)
        row["load_s"] = loading.get(vehicle.depot, 0)
        _van_costs(row, problem, vehicle)
        _van_limits(row, vehicle)
        row["break_at"], row["break_n"] = len(breaks), len(vehicle.breaks)
        for pause in vehicle.breaks:
            at, count = windows.add(pause.windows)
            breaks.append((pause.duration_s, at, count, _none(pause.place), _none(pause.skip_price)))
        row["rule_at"], row["rule_n"] = len(rules), len(vehicle.driving_rules)
        rules += [(rule.max_s, rule.pause_s, int(rule.work)) for rule in vehicle.driving_rules]
    return vans, np.array(breaks, dtype=BREAK), np.array(rules, dtype=RULE)


def _van_costs(row: Any, problem: Problem, vehicle: Vehicle) -> None:
    row["fixed"] = vehicle.fixed_cost + problem.weights.vehicle
    row["km"], row["hour"] = vehicle.cost_per_km, vehicle.cost_per_hour
    row["driving"], row["stop"] = vehicle.cost_per_driving_hour, vehicle.cost_per_stop
    row["failed"], row["overtime"] = vehicle.cost_per_failed, vehicle.overtime_per_hour
    row["co2"] = vehicle.co2_g_per_km * problem.co2_price_per_kg
    if vehicle.rate is not None:
        row["rated"], row["minimum"] = 1, vehicle.rate.minimum


def _van_limits(row: Any, vehicle: Vehicle) -> None:
    for field, value in (
        ("max_stops", vehicle.max_stops),
        ("max_distance", vehicle.max_distance_m),
        ("max_duration", vehicle.max_duration_s),
        ("max_driving", vehicle.max_driving_s),
    ):
        row[field] = NEVER * 4 if value is None else value
    row["min_stops"], row["max_overtime"] = vehicle.min_stops, vehicle.max_overtime_s
    row["max_trips"], row["lifo"] = vehicle.max_trips, int(vehicle.lifo)
    row["head"], row["locked"] = len(vehicle.first), int(vehicle.locked)
    row["battery"] = -1
    if vehicle.battery is not None:
        battery = vehicle.battery
        row["battery"], row["charge"] = battery.capacity_wh, battery.start_wh
        row["reserve"], row["wh_km"], row["charge_w"] = (
            battery.reserve_wh,
            battery.wh_per_km,
            battery.charge_w,
        )


def _statics(problem: Problem) -> tuple[np.ndarray, Ints, Ints]:
    """Who may serve whom, and what it costs where that is a matter of price."""
    table = dials(problem)
    kinds: dict[tuple[object, ...], int] = {}
    of = np.array([kinds.setdefault(signature(job), len(kinds)) for job in problem.jobs], dtype=np.intp)
    first: dict[int, Job] = {}
    for job, kind in zip(problem.jobs, of.tolist(), strict=True):
        first.setdefault(kind, job)
    able = np.ones((len(kinds), len(problem.vehicles)), dtype=bool)
    extra = np.zeros(able.shape, dtype=np.int64)
    zone = np.zeros(able.shape, dtype=np.int64)
    for kind, job in first.items():
        for v, vehicle in enumerate(problem.vehicles):
            for code, amount in static_breaches(job, vehicle):
                dial, price, unit = table[NUMBER[code]]
                if dial == HARD:
                    able[kind, v] = False
                elif dial == SOFT:
                    extra[kind, v] += -(-amount * int(price) // int(unit))
            if vehicle.rate is not None:
                zone[kind, v] = next((cents for name, cents in vehicle.rate.per_zone if name in job.zones), 0)
    shape = (len(problem.jobs), len(problem.vehicles))
    return (
        able[of] if kinds else np.ones(shape, dtype=bool),
        extra[of] if extra.any() else np.zeros((1, 1), dtype=np.int64),
        zone[of] if zone.any() else np.zeros((1, 1), dtype=np.int64),
    )
