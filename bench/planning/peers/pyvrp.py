"""Plain PyVRP: its own parameters on our statement of the problem, every job required."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, field

import pyvrp as engine
from pyvrp.exceptions import PenaltyBoundWarning

from dispatch.planning.engines.pyvrp_data import from_pyvrp, state
from dispatch.planning.model import Problem

from .base import Answer


@dataclass
class _Deadline:
    """Its own criterion starts the clock only after the first descent."""

    seconds: float
    began: float = field(default_factory=time.perf_counter)

    def __call__(self, best_cost: float) -> bool:
        return time.perf_counter() - self.began >= self.seconds


def pyvrp(problem: Problem, seconds: float, seed: int) -> Answer:
    """One process, as ``pyvrp.solve`` does it. Building its data is not counted."""
    statement = state(problem)
    if statement is None:
        return Answer(None)
    data = _all_required(statement.data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        best = engine.solve(data, _Deadline(seconds), seed=seed, collect_stats=False).best
    if not best.is_feasible():
        return Answer(None)
    return Answer(from_pyvrp(problem, statement, best, None))


def _all_required(data: engine.ProblemData) -> engine.ProblemData:
    return data.replace(
        clients=[_client(client) for client in data.clients()],
        groups=[engine.ClientGroup(list(group.clients), required=True) for group in data.groups()],
        shipments=[_shipment(shipment) for shipment in data.shipments()],
    )


def _client(c: engine.Client) -> engine.Client:
    alone = c.group is None
    return engine.Client(
        c.location, c.delivery, c.pickup, c.service_duration, c.tw_early, c.tw_late, c.release_time,
        0, required=alone, group=c.group,
    )  # fmt: skip


def _shipment(s: engine.Shipment) -> engine.Shipment:
    return engine.Shipment(
        s.pickup.location, s.delivery.location,
        s.pickup.tw_early, s.pickup.tw_late, s.pickup.service_duration,
        s.delivery.tw_early, s.delivery.tw_late, s.delivery.service_duration,
        s.amount, 0, required=True,
    )  # fmt: skip
