"""Jobs as PyVRP's clients, groups and shipments.

A job is one client for each of its windows, in a group of which one is visited at most; so is a group of
alternatives. Leaving a job loses its prize: the price of leaving it, or its cheapest offer, less what serving
it costs on any vehicle.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from pyvrp import Activity, ActivityType, Client, ClientGroup, Shipment

from ..compiled import Compiled
from ..model import NEVER, Job, Problem, Window
from .pyvrp_who import Who

GRAIN = 60
"""Engine units of the smallest load: penalties are measured by seconds of lateness, and a parcel too many is no less
bad than a minute too late.
"""


@dataclass(slots=True)
class Stops:
    """``activities`` by job number: how it may stand in a route, one for each window."""

    clients: list[Client] = field(default_factory=list)
    groups: list[ClientGroup] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    client_job: list[int] = field(default_factory=list)
    shipment_jobs: list[tuple[int, int]] = field(default_factory=list)
    activities: dict[int, list[Activity]] = field(default_factory=dict)

    @property
    def worst_prize(self) -> int:
        """The most that leaving one stop can lose."""
        prizes = [client.prize for client in self.clients] + [pair.prize for pair in self.shipments]
        return max(prizes, default=0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What clients need to know of the rest: sites and service seconds by job, further load dimensions
    (``marks`` by job, ``width`` of them), seconds of loading before every departure. ``grain``: engine units of
    each load dimension to one unit of load, so that one load too many costs no less than a minute too late.
    """

    site_of: Mapping[int, int]
    service: Mapping[int, int]
    marks: Mapping[int, tuple[int, ...]]
    width: int
    load_s: int
    per_cent: int
    grain: tuple[int, ...]

    def load(self, amounts: Sequence[int], marks: Sequence[int] = ()) -> list[int]:
        """A load in engine units."""
        loads = [amount * grain for amount, grain in zip(amounts, self.grain, strict=False)]
        loads += [0] * (len(self.grain) - len(loads))
        return [*loads, *(mark * GRAIN for mark in marks or (0,) * self.width)]


def off(problem: Problem, code: str) -> bool:
    """Whether the dial of this rule is off."""
    return code in problem.dials and problem.dials[code].kind == "off"


def make_stops(c: Compiled, kept: Iterable[int], costs: Who, terms: Terms) -> Stops:
    """All stops of the jobs ``kept``."""
    stops, left = Stops(), dict.fromkeys(kept)
    prices = _prices(c.problem, c)
    for shipment in c.problem.shipments:
        pair = c.job_number[shipment.pickup], c.job_number[shipment.delivery]
        if pair[0] in left and pair[1] in left:
            prize = sum(prices[j] * terms.per_cent - int(costs.base[j]) for j in pair)
            _add_shipment(stops, c, pair, shipment.load, max(0, prize), terms)
        for j in pair:
            left.pop(j, None)
    for group in c.problem.groups:
        members = [c.job_number[name] for name in group.jobs if c.job_number[name] in left]
        chosen = dict(zip(group.jobs, group.prices, strict=False))
        ways = [
            (
                j,
                prices[j] * terms.per_cent
                - int(costs.base[j])
                - chosen.get(c.jobs[j].id, 0) * terms.per_cent,
            )
            for j in members
        ]
        _add_alternatives(stops, c, ways, terms)
        for j in members:
            left.pop(j, None)
    for j in left:
        _add_alternatives(stops, c, [(j, prices[j] * terms.per_cent - int(costs.base[j]))], terms)
    return stops


def _prices(problem: Problem, c: Compiled) -> list[int]:
    """Cents that leaving a job costs: its price or its cheapest offer; alternatives all cost the same."""
    prices = list(c.out_price)
    for group in problem.groups:
        members = [c.job_number[name] for name in group.jobs]
        dearest = max((c.out_price[j] for j in members), default=0)
        for j in members:
            prices[j] = dearest if group.leave_price is None else group.leave_price
        offers = [offer.price for offer in problem.jobs[members[0]].offers] if members else []
        for j in members:
            prices[j] = min([prices[j], *offers])
    grouped = {name for group in problem.groups for name in group.jobs}
    for j, job in enumerate(problem.jobs):
        if job.offers and job.id not in grouped:
            prices[j] = min(prices[j], *(offer.price for offer in job.offers))
    return prices


def open_windows(problem: Problem, job: Job) -> list[Window]:
    """When the service may start. A window that closes before the goods are released is none; missing the last
    one is possible only where it costs nothing. Early service is possible where that costs nothing.
    """
    windows = list(job.windows) or [Window(0, NEVER)]
    if not off(problem, "not_released"):
        windows = [w for w in windows if w.end >= job.release_s] or windows[-1:]
    if off(problem, "late") or job.late_price_per_min == 0:
        windows[-1] = Window(windows[-1].start, NEVER)
    if job.early_price_per_min == 0:
        windows[0] = Window(0, windows[0].end)
    return windows


def _add_alternatives(stops: Stops, c: Compiled, ways: list[tuple[int, int]], terms: Terms) -> None:
    """(job, prize) of each alternative; of all their windows one is visited."""
    windows = [(j, prize, w) for j, prize in ways for w in open_windows(c.problem, c.jobs[j])]
    group = len(stops.groups) if len(windows) > 1 else None
    if group is not None:
        first = len(stops.clients)
        stops.groups.append(ClientGroup(list(range(first, first + len(windows))), required=False))
    for j, prize, window in windows:
        stops.activities.setdefault(j, []).append(Activity(ActivityType.CLIENT, len(stops.clients)))
        stops.client_job.append(j)
        stops.clients.append(_client(c, j, window, max(0, prize), group, terms))


def _client(c: Compiled, j: int, window: Window, prize: int, group: int | None, terms: Terms) -> Client:
    release = 0 if off(c.problem, "not_released") else max(0, c.jobs[j].release_s - terms.load_s)
    more: dict[str, Any] = {} if window.end >= NEVER else {"tw_late": window.end}
    return Client(
        location=terms.site_of[j],
        delivery=terms.load(c.delivery[j], terms.marks[j]),
        pickup=terms.load(c.pickup[j]),
        service_duration=terms.service[j],
        tw_early=window.start,
        release_time=release if release <= window.end else 0,
        prize=prize,
        required=False,
        group=group,
        **more,
    )


def _add_shipment(
    stops: Stops, c: Compiled, pair: tuple[int, int], load: tuple[int, ...], prize: int, terms: Terms
) -> None:
    """PyVRP gives each end one window: of several, the longest two that allow the pickup before the delivery."""
    ways = product(*(open_windows(c.problem, c.jobs[j]) for j in pair))
    windows = max((way for way in ways if way[0].start <= way[1].end), key=_length, default=None)
    if windows is None:
        return
    more: dict[str, Any] = {}
    for name, j, window in zip(("pickup", "delivery"), pair, windows, strict=True):
        more[f"{name}_location"], more[f"{name}_tw_early"] = terms.site_of[j], window.start
        more[f"{name}_service_duration"] = terms.service[j]
        if window.end < NEVER:
            more[f"{name}_tw_late"] = window.end
    number = len(stops.shipments)
    amount = terms.load(load, terms.marks[pair[0]])
    stops.shipments.append(Shipment(amount=amount, prize=prize, required=False, **more))
    stops.shipment_jobs.append(pair)
    stops.activities[pair[0]] = [Activity(ActivityType.PICKUP, number)]
    stops.activities[pair[1]] = [Activity(ActivityType.DELIVERY, number)]


def _length(windows: Iterable[Window]) -> int:
    return sum(window.end - window.start for window in windows)
