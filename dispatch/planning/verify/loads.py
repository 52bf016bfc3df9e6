"""What is on board: how much, on top of what, for how long, and together with what."""

from __future__ import annotations

from ..model import Depot, Job, Shipment
from .claims import Claims, Stop
from .findings import Findings

type Trip = list[tuple[Stop, Job]]


class Loads:
    """The check of one route's loads. ``at``: the number of each job on the route."""

    def __init__(self, claims: Claims, out: Findings) -> None:
        self.claims, self.out, self.vehicle = claims, out, claims.vehicle
        self.at = {job.id: number for number, (_, job) in enumerate(claims.jobs)}
        self.pickup_of = {shipment.delivery: shipment for shipment in claims.problem.shipments}
        self.delivery_of = {shipment.pickup: shipment for shipment in claims.problem.shipments}

    def run(self) -> None:
        """All of it."""
        for dimension in range(self.claims.problem.dimensions):
            self._dimension(dimension)
        for step in self.claims.route.steps:
            if len(step.load) != self.claims.problem.dimensions:
                self.out.lie("wrong_load", step.id, 1, f"The load is {step.load}.")
        self._pairs()
        first = 0
        for number, trip in enumerate(self.claims.trips):
            self._aboard(number, trip)
            if self.vehicle.lifo:
                self._on_top(first, trip)
            self._together(first, trip)
            first += len(trip)
        self._on_one_route()

    def _dimension(self, d: int) -> None:
        """One number along the route against what the steps say, and its peak in each trip."""
        limit = _at(self.vehicle.capacity, d) if self.vehicle.capacity else None
        trips = self.claims.trips
        shipped, board = 0, _at(self.vehicle.aboard, d) + _brought(trips[0], d)
        peak = board
        self._says(self.claims.start.load, d, board, "")
        for stop in self.claims.stops:
            for pause in stop.pauses:
                self._says(pause.load, d, board, pause.id)
            if isinstance(stop.thing, Job):
                change = self._shipment(stop.thing, d)
                shipped += change
                board += change + _at(stop.thing.pickup, d) - _at(stop.thing.delivery, d)
                peak = max(peak, board)
            elif isinstance(stop.thing, Depot):
                self._peak(d, peak, limit)
                board = peak = shipped + _brought(trips[stop.trip + 1], d)
            self._says(stop.step.load, d, board, stop.step.id)
        self._peak(d, peak, limit)

    def _peak(self, d: int, peak: int, limit: int | None) -> None:
        if limit is not None:
            self.out.breach("overload", "", peak - limit, f"Load {d} is over capacity.")

    def _says(self, load: tuple[int, ...], d: int, board: int, job: str) -> None:
        self.out.equal("wrong_load", job, f"Load {d}", _at(load, d), board)

    def _shipment(self, job: Job, d: int) -> int:
        """What comes on board by shipments, or leaves."""
        if job.id in self.delivery_of:
            return _at(self.delivery_of[job.id].load, d)
        return -_at(self.pickup_of[job.id].load, d) if job.id in self.pickup_of else 0

    def _pairs(self) -> None:
        for shipment in self.claims.problem.shipments:
            one, other = self.at.get(shipment.pickup), self.at.get(shipment.delivery)
            if one is None and other is None:
                continue
            if one is None or other is None:
                here = shipment.delivery if one is None else shipment.pickup
                self.out.breach("pair_split", here, 1, "The other end of the shipment is not on this route.")
            elif other < one:
                name = shipment.delivery
                self.out.breach("delivery_before_pickup", name, 1, "Is delivered before it is picked up.")

    def _aboard(self, number: int, trip: Trip) -> None:
        """How long each job's goods travel."""
        leaves, starts = self.claims.departures[number], {job.id: s for s, job in self.claims.jobs}
        home = next(
            stop.arrival
            for stop in self.claims.stops
            if stop.trip == number and not isinstance(stop.thing, Job) and _ends(stop)
        )
        for stop, job in trip:
            since, until = None, stop.step.start
            if job.id in self.pickup_of:
                picked = self.pickup_of[job.id].pickup
                if picked in self.at and self.at[picked] < self.at[job.id]:
                    since = starts[picked].step.departure
            elif any(job.delivery):
                since = leaves
            elif any(job.pickup):
                since, until = stop.step.departure, home
            if since is not None and job.max_aboard_s is not None:
                over = until - since - job.max_aboard_s
                self.out.breach("too_long_aboard", job.id, over, "Its goods are on board for too long.")

    def _on_top(self, first: int, trip: Trip) -> None:
        """What must be moved out of the way at each delivery."""
        order = [job for _, job in self.claims.jobs]
        for number, (_, job) in enumerate(trip, first):
            if job.id in self.pickup_of:
                loaded = self.at.get(self.pickup_of[job.id].pickup, number)
                after = order[loaded + 1 : number]
            elif any(job.delivery):
                after, loaded = order[:number], -1
            else:
                continue
            count = sum(
                self._open(other, number) or (any(other.pickup) and self.at[other.id] >= first)
                for other in after
            )
            self.out.breach("blocked", job.id, count, f"{count} loads lie on top of it.")

    def _open(self, job: Job, now: int) -> bool:
        """Whether this is the pickup of a shipment that is still on board at job number ``now``."""
        shipment: Shipment | None = self.delivery_of.get(job.id)
        return shipment is not None and self.at.get(shipment.delivery, now + 1) > now

    def _together(self, first: int, trip: Trip) -> None:
        """Goods that meet on board after the departure of a trip or of one of its jobs."""
        pairs = [pair for pair in self.claims.problem.incompatible if pair.scope == "aboard"]
        if not pairs:
            return
        order = [job for _, job in self.claims.jobs]
        aboard = []
        for now in range(first - 1, first + len(trip)):
            goods: set[str] = set()
            for number, job in enumerate(order[: first + len(trip)]):
                shipped = number <= now and self._open(job, now)
                brought = number >= first and any(job.delivery) and number > now
                picked = number >= first and any(job.pickup) and number <= now
                if shipped or brought or picked:
                    goods |= job.goods
            aboard.append(goods)
        for pair in pairs:
            met = any({pair.one, pair.other} <= goods for goods in aboard)
            self.out.breach("goods_together", "", int(met), f"{pair.one} and {pair.other} are on board.")

    def _on_one_route(self) -> None:
        goods = {name for _, job in self.claims.jobs for name in job.goods}
        for pair in self.claims.problem.incompatible:
            if pair.scope == "route" and {pair.one, pair.other} <= goods:
                self.out.breach("goods_together", "", 1, f"{pair.one} and {pair.other} are on one route.")


def _ends(stop: Stop) -> bool:
    return stop.thing is None or isinstance(stop.thing, Depot)


def _brought(trip: Trip, d: int) -> int:
    return sum(_at(job.delivery, d) for _, job in trip)


def _at(load: tuple[int, ...], dimension: int) -> int:
    return load[dimension] if dimension < len(load) else 0
