"""No sum of a plan may leave 64 bits: times and distances at their longest, times their dearest prices.

The bounds are coarse and far above any real day: what they refuse is a mistake of units.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..errors import InputError
from ..model import UNREACHABLE, Problem
from ..rules.codes import CODES

CEILING = 2**61
UNIT = {code.name: code.unit for code in CODES}


def sums(problem: Problem) -> Iterator[InputError]:
    """One error per component that could become too large."""
    seconds, metres = _longest(problem)
    v, jobs = problem.vehicles, len(problem.jobs)
    by_time = [v.cost_per_hour + v.cost_per_driving_hour + v.overtime_per_hour for v in v]
    by_metre = [v.cost_per_km * 1000 + v.co2_g_per_km * problem.co2_price_per_kg for v in v]
    w = problem.weights
    moves = w.balance_per_hour + w.finish_per_hour + jobs * (w.moved_per_min + w.balance_per_stop)
    minutes = [(j.late_price_per_min or 0) + (j.early_price_per_min or 0) + j.preferred_price_per_min
               + j.prompt_price_per_hour for j in problem.jobs]  # fmt: skip
    most = {60: seconds * max(1, jobs), 1000: metres, 1: max(_loaded(problem), jobs * jobs)}
    rules = [
        most[UNIT.get(code, 1)] // UNIT.get(code, 1) * dial.price for code, dial in problem.dials.items()
    ]
    worst = {
        "hours": 2 * seconds * max(by_time, default=0) * max(1, len(v)),
        "kilometres": metres * max(by_metre, default=0),
        "weights": seconds * moves + jobs * (w.other_vehicle + w.other_place) + len(v) * w.vehicle,
        "windows": seconds * sum(minutes),
        "compact": _spread(problem),
        "loads": _loaded(problem) * max([sum(v.rate.per_load) for v in v if v.rate], default=0),
        "dials": sum(rules),
        "leave": jobs * 11 * (_dearest_leave(problem, metres)),
    }
    for name, value in worst.items():
        if value > CEILING:
            cause = f"The {name} of a plan of this problem could cost more than can be counted."
            yield InputError("numbers_too_large", cause, "Check the units and lower the numbers.", name)


def _finite_max(problem: Problem) -> tuple[int, int]:
    durations = [
        t for m in problem.matrices.values() for t in (m.durations, *(p.durations for p in m.periods))
    ]
    longest = max((int(np.max(t, where=t < UNREACHABLE, initial=0)) for t in durations), default=0)
    farthest = max((int(np.max(m.distances, initial=0)) for m in problem.matrices.values()), default=0)
    return longest, farthest


def _longest(problem: Problem) -> tuple[int, int]:
    """Seconds and metres that all routes together could last at most, each job once and two legs for each."""
    longest, farthest = _finite_max(problem)
    legs = 2 * (len(problem.jobs) + len(problem.vehicles) + 1)
    pace = max([max(v.travel_percent, v.service_percent, 100) for v in problem.vehicles], default=100)
    at_doors = sum(max([j.service_s, *(s for _, s in j.service_by_type)]) + j.setup_s for j in problem.jobs)
    rests = sum(pause.duration_s for v in problem.vehicles for pause in v.breaks)
    loading = sum(depot.load_s for depot in problem.depots) * legs
    starts = [v.shift.start for v in problem.vehicles] + [j.release_s for j in problem.jobs]
    for own in ([job.windows for job in problem.jobs], [depot.windows for depot in problem.depots],
                [charger.windows for charger in problem.chargers]):  # fmt: skip
        starts += [w.start for several in own for w in several]
    starts += [w.start for v in problem.vehicles for pause in v.breaks for w in pause.windows]
    moving = (legs * longest + at_doors) * pace // 100
    return max(starts, default=0) + moving + rests + loading, legs * farthest


def _loaded(problem: Problem) -> int:
    loads = [load for job in problem.jobs for load in (job.delivery, job.pickup)]
    loads += [shipment.load for shipment in problem.shipments] + [v.aboard for v in problem.vehicles]
    return sum(map(sum, loads))


def _spread(problem: Problem) -> int:
    points = problem.points
    if points is None or not points.size:
        return 0
    reach = int(np.abs(points.astype(np.int64)).max()) * 3
    return reach * len(problem.jobs) * problem.weights.compact_per_km


def _dearest_leave(problem: Problem, metres: int) -> int:
    own = [job.leave_price or 0 for job in problem.jobs]
    vans = [v.fixed_cost + metres * v.cost_per_km // 500 + 24 * v.cost_per_hour for v in problem.vehicles]
    return max([*own, *(group.leave_price or 0 for group in problem.groups), *vans], default=0)
