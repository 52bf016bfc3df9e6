"""The one module that knows both our rows and the planner: rows -> Problem, planner's routes -> timetables of rows.

The planner counts seconds from the start of the station's day; rows hold aware datetimes. A planner job is one order, a
planner vehicle is one shift; orders at one address that follow each other become one stop.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.db.models import Q

from dispatch.lifecycle import RouteState, StopState
from dispatch.models import (
    Driver,
    LivePosition,
    Order,
    Route,
    Shift,
    Station,
    StopOrder,
    Vehicle,
)
from dispatch.models.stop import Outcome
from dispatch.planning import evaluate as walker
from dispatch.planning import model, solution
from dispatch.roads.base import Floats, Profile, Roads
from dispatch.services.cities import open_city
from dispatch.services.travel import DaySpeeds, day_speeds, manners_of, travel_key, travel_matrix, way_from
from lastmile.kernel.geo import encode_polyline

LOADS = ("weight_g", "volume_cm3", "pieces")
LOAD_NAMES = ("g", "cm³", "pieces")
STATION_PLACE = 0
LATE = timedelta(hours=3)  # after the shift: a route that runs over still drives by the clock


@dataclass(frozen=True)
class StopTimes:
    """One visit of a timetable."""

    order_ids: list[int]
    lat: float
    lng: float
    address: str
    arrival: datetime
    start: datetime
    departure: datetime
    window_start: datetime | None
    window_end: datetime | None
    slack_s: int | None
    travel_s: int
    travel_m: int


@dataclass(frozen=True)
class RouteTimes:
    """One shift's timetable, as the board shows it and the rows store it."""

    shift_id: int
    start_at: datetime
    end_at: datetime
    distance_m: int
    drive_s: int
    cost_cents: int
    load: dict[str, int]
    violations: list[dict[str, Any]]
    approximate: bool
    stops: list[StopTimes]
    line: str = ""

    @property
    def order_ids(self) -> list[int]:
        return [order_id for stop in self.stops for order_id in stop.order_ids]

    def without(self, order_ids: Collection[int]) -> "RouteTimes":
        """The same timetable less the visits that only these orders asked for."""
        left = (
            replace(stop, order_ids=[pk for pk in stop.order_ids if pk not in order_ids])
            for stop in self.stops
        )
        return replace(self, stops=[stop for stop in left if stop.order_ids])

    @property
    def late(self) -> int:
        return sum(violation["code"] == "late" for violation in self.violations)


@dataclass
class Frame:
    """A planning problem with the rows it was made from.

    `sequences` holds what each shift already drives (order ids); `fixed` the shifts whose orders must stay theirs;
    `drivers` who really drives a shift's route, where that is not the shift's own driver; `drafts` the routes that a
    plan of this frame would replace, as they were when it was read. `aboard` is what a running route's van carries
    besides what it still delivers.
    """

    station: Station
    day: date
    roads: Roads
    shifts: Sequence[Shift]
    orders: Sequence[Order]
    earliest: datetime | None = None
    sequences: Mapping[int, Sequence[int]] = field(default_factory=dict)
    fixed: frozenset[int] = frozenset()
    drivers: Mapping[int, Driver | None] = field(default_factory=dict)
    drafts: Sequence[Route] = ()
    aboard: Mapping[int, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def day_start(self) -> datetime:
        return datetime.combine(self.day, time(), tzinfo=self.station.zone)

    @cached_property
    def order_by_id(self) -> dict[int, Order]:
        return {order.pk: order for order in self.orders}

    @cached_property
    def shift_by_id(self) -> dict[int, Shift]:
        return {shift.pk: shift for shift in self.shifts}

    @cached_property
    def places(self) -> dict[tuple[float, float], int]:
        """Place number of each distinct spot; the station is 0."""
        spots = {(self.station.lat, self.station.lng): STATION_PLACE}
        for order in self.orders:
            spots.setdefault(spot(order), len(spots))
        return spots

    @cached_property
    def points(self) -> Floats:
        return np.array(list(self.places), dtype=np.float64).reshape(-1, 2)

    def seconds(self, moment: datetime) -> int:
        """Seconds since the day began, on the absolute clock: a change of the clocks loses or doubles no hour."""
        return round(moment.timestamp() - self.day_start.timestamp())

    def moment(self, seconds: int) -> datetime:
        return datetime.fromtimestamp(self.day_start.timestamp() + seconds, tz=UTC)

    @cached_property
    def matrices(self) -> dict[str, model.Matrix]:
        kinds = {travel_key(shift.vehicle.type): shift.vehicle.type for shift in self.shifts}
        given = (self.roads, self.points, self.speeds)
        return {key: travel_matrix(kinds[key], *given) for key in sorted(kinds)}

    @cached_property
    def speeds(self) -> DaySpeeds:
        """Speeds from second to second of the day, as far as the shifts go."""
        end = max((shift.end for shift in self.shifts), default=self.day_start) + LATE
        return day_speeds(self.station, self.day, self.day_start, end)

    @cached_property
    def problem(self) -> model.Problem:
        owner = {order_id: shift_id for shift_id, ids in self.sequences.items() for order_id in ids}
        return model.Problem(
            jobs=tuple(self._job(order, owner.get(order.pk)) for order in self.orders),
            vehicles=tuple(self._vehicle(shift) for shift in self.shifts),
            matrices=self.matrices,
            load_names=LOAD_NAMES,
        )

    def _job(self, order: Order, owner: int | None) -> model.Job:
        load = (order.weight_g, order.volume_cm3, order.pieces)
        collects = order.kind == "collection"
        service = self.station.service_time_s if order.service_time_s is None else order.service_time_s
        return model.Job(
            id=order_key(order.pk),
            place=self.places[spot(order)],
            windows=(self._window(order),) if order.window_start or order.window_end else (),
            service_s=service,
            setup_s=self.station.setup_time_s,
            delivery=() if collects else load,
            pickup=load if collects else (),
            skills=frozenset(order.skills),
            pinned_to=shift_key(owner) if owner in self.fixed else None,
            priority=order.priority,
        )

    def _window(self, order: Order) -> model.Window:
        start = self.seconds(order.window_start) if order.window_start else 0
        return model.Window(
            max(0, start), self.seconds(order.window_end) if order.window_end else model.NEVER
        )

    def _vehicle(self, shift: Shift) -> model.Vehicle:
        kind = shift.vehicle.type
        driver = self.drivers.get(shift.pk, shift.driver)
        return model.Vehicle(
            id=shift_key(shift.pk),
            start=STATION_PLACE,
            end=STATION_PLACE,
            shift=model.Window(self._first_departure(shift), self.seconds(shift.end)),
            capacity=(kind.capacity_weight_g, kind.capacity_volume_cm3, kind.capacity_pieces),
            aboard=self.aboard.get(shift.pk, ()),
            profile=travel_key(kind),
            skills=frozenset(shift.vehicle.skills) | frozenset(driver.skills if driver else ()),
            service_percent=round(kind.service_factor * 100),
            fixed_cost=kind.cost_fixed_cents,
            cost_per_km=kind.cost_km_cents,
            cost_per_hour=kind.cost_hour_cents,
            breaks=self._breaks(shift),
        )

    def _first_departure(self, shift: Shift) -> int:
        """Loaded, and not in the past; never after the shift's end, which the planner would refuse to read."""
        leaves = shift.start + timedelta(seconds=self.station.loading_time_s)
        if self.earliest is not None:
            leaves = max(leaves, self.earliest)
        return self.seconds(min(leaves, shift.end))

    def _breaks(self, shift: Shift) -> tuple[model.Break, ...]:
        if not shift.break_minutes or shift.break_from is None or shift.break_to is None:
            return ()
        window = model.Window(self.seconds(shift.break_from), self.seconds(shift.break_to))
        return (model.Break(f"break-{shift.pk}", shift.break_minutes * 60, (window,)),)

    # --- back to rows ------------------------------------------------------------------------------------------

    def times(self, shift_id: int, order_ids: Sequence[int]) -> RouteTimes:
        """Walk this exact order of visits: times, cost and every broken rule, without the line."""
        route = walker.evaluate_route(self.problem, shift_key(shift_id), tuple(map(order_key, order_ids)))
        return self.read(route)

    def rest(
        self, shift_id: int, order_ids: Sequence[int], *, now: datetime, leg: tuple[int, int]
    ) -> RouteTimes:
        """Walk what is left of a running route, `leg` seconds and metres away from its first visit."""
        route = walker.walk(
            self.problem,
            shift_key(shift_id),
            tuple(map(order_key, order_ids)),
            now=self.seconds(now),
            to_first=leg,
            breaks_taken=self._breaks_past(shift_id, now),
        )
        return self.read(route)

    def read(self, route: solution.Route) -> RouteTimes:
        """A planner's route as a timetable of rows."""
        # The most on board at any moment: what is collected is not there at the start.
        peak = tuple(max(amounts) for amounts in zip(*(step.load for step in route.steps), strict=True))
        return RouteTimes(
            shift_id=pk_of(route.vehicle),
            start_at=self.moment(route.departure),
            end_at=self.moment(route.end),
            distance_m=route.distance_m,
            drive_s=route.driving_s,
            cost_cents=route.cost.total,
            load=dict(zip(LOADS, peak, strict=False)),
            violations=[self._violation(violation) for violation in route.violations],
            approximate=self.profile(pk_of(route.vehicle)) in self.roads.approximate_profiles,
            stops=self._stops(route),
        )

    def _violation(self, violation: solution.Violation) -> dict[str, Any]:
        order_id = pk_of(violation.job) if violation.job.startswith("order-") else None
        words = self.say(violation.words)
        return {"code": violation.code, "words": words, "order_id": order_id, "amount": violation.amount}

    def say(self, words: str) -> str:
        """A sentence of the planner's with the names people know instead of its keys."""

        def name(found: re.Match[str]) -> str:
            kind, pk = found[1], int(found[2])
            return str(self.shift_by_id[pk].vehicle) if kind == "shift" else self.order_by_id[pk].number

        return re.sub(r"'?\b(order|shift)-(\d+)\b'?", name, words)

    def _breaks_past(self, shift_id: int, now: datetime) -> tuple[str, ...]:
        """A pause whose last start is over was taken, as far as anybody can tell: it is not planned again."""
        shift = self.shift_by_id[shift_id]
        over = shift.break_to is not None and now > shift.break_to
        return tuple(pause.id for pause in self._breaks(shift)) if over else ()

    def _stops(self, route: solution.Route) -> list[StopTimes]:
        stops: list[StopTimes] = []
        group: list[solution.Step] = []
        for step in route.steps:
            if step.kind != "job":
                continue
            if group and step.place != group[-1].place:
                stops.append(self._stop(group))
                group = []
            group.append(step)
        return [*stops, self._stop(group)] if group else stops

    def _stop(self, steps: list[solution.Step]) -> StopTimes:
        orders = [self.order_by_id[pk_of(step.id)] for step in steps]
        slacks = [step.slack_s for step in steps if step.slack_s is not None]
        starts = [order.window_start for order in orders if order.window_start]
        ends = [order.window_end for order in orders if order.window_end]
        return StopTimes(
            order_ids=[order.pk for order in orders],
            lat=orders[0].lat or 0.0,
            lng=orders[0].lng or 0.0,
            address=orders[0].address,
            arrival=self.moment(steps[0].arrival),
            start=self.moment(steps[0].start),
            departure=self.moment(steps[-1].departure),
            window_start=max(starts, default=None),
            window_end=min(ends, default=None),
            slack_s=min(slacks, default=None),
            travel_s=steps[0].travel_s,
            travel_m=steps[0].distance_m,
        )

    def profile(self, shift_id: int) -> Profile:
        return Profile(self.shift_by_id[shift_id].vehicle.type.profile)

    def line(self, shift_id: int, times: RouteTimes) -> str:
        """The way along the streets, station to station, as an encoded polyline."""
        home = (self.station.lat, self.station.lng)
        points = [home, *((stop.lat, stop.lng) for stop in times.stops), home]
        manners = manners_of(self.shift_by_id[shift_id].vehicle.type)
        line = self.roads.line(np.array(points), self.profile(shift_id), manners=manners)
        return encode_polyline(line.points.tolist())


def order_key(order_id: int) -> str:
    """An order's id in the planner's sentences and plans."""
    return f"order-{order_id}"


def shift_key(shift_id: int) -> str:
    return f"shift-{shift_id}"


def pk_of(key: str) -> int:
    return int(key.rpartition("-")[2])


def orders_of(route: Route, *, state: StopState | None = None) -> list[int]:
    """Orders still to be visited, in driving order; with `state`, only those at stops in that state."""
    visits = StopOrder.objects.filter(stop__route=route, outcome=Outcome.PLANNED)
    if state:
        visits = visits.filter(stop__state=state)
    return list(visits.order_by("stop__sequence", "id").values_list("order_id", flat=True))


def frame_of(station: Station, day: date, sequences: Mapping[int, Sequence[int]]) -> Frame:
    """The planning frame of some shifts and exactly the orders they are to visit."""
    shifts = Shift.objects.select_related("vehicle__type", "driver").filter(pk__in=sequences)
    wanted = [order_id for ids in sequences.values() for order_id in ids]
    orders = Order.objects.filter(pk__in=wanted)
    routes = (
        Route.objects.filter(shift__in=sequences).exclude(state=RouteState.CLOSED).select_related("driver")
    )
    return Frame(
        station=station,
        day=day,
        roads=open_city(station).roads,
        shifts=list(shifts),
        orders=list(orders),
        drivers={route.shift_id: route.driver for route in routes},
        aboard=aboard_of(routes, wanted),
    )


def aboard_of(routes: Collection[Route], wanted: Collection[int]) -> dict[int, tuple[int, ...]]:
    """By shift, the loads collected at doors and not handed over there: they ride to the end of the route."""
    if not routes:
        return {}
    rides = Q(outcome=Outcome.DELIVERED, order__kind="collection")
    rides |= Q(outcome=Outcome.FAILED, order__kind="delivery")
    rows = StopOrder.objects.filter(rides, stop__route__in=[route.pk for route in routes])
    loads = rows.exclude(order__in=wanted).values_list(
        "stop__route__shift", *(f"order__{load}" for load in LOADS)
    )
    found: dict[int, tuple[int, ...]] = {}
    for shift_id, *load in loads:
        before = found.get(shift_id, (0,) * len(LOADS))
        found[shift_id] = tuple(a + b for a, b in zip(before, load, strict=True))
    return found


def walk_rest(
    frame: Frame, shift_id: int, order_ids: Sequence[int], route: Route, *, now: datetime
) -> RouteTimes:
    """What is left of a running route, from where its van was last seen (else from the station)."""
    left = route.departed_at or now
    seen = LivePosition.objects.filter(vehicle_id=route.vehicle_id, fix_at__gte=left).first()
    at = (seen.lat, seen.lng) if seen else (frame.station.lat, frame.station.lng)
    first = spot(frame.order_by_id[order_ids[0]])
    leg = frame.roads.matrix(
        np.array([at, first]),
        frame.profile(shift_id),
        sources=[0],
        destinations=[1],
        manners=manners_of(frame.shift_by_id[shift_id].vehicle.type),
        shares=bool(frame.speeds),
    )
    way = way_from(leg, frame.seconds(now), frame.speeds)
    return frame.rest(shift_id, order_ids, now=now, leg=way)


def walk_route(route: Route, *, now: datetime) -> RouteTimes | None:
    """The newest timetable of what a running route still has to visit; None when nothing is left."""
    order_ids = orders_of(route)
    if not order_ids:
        return None
    frame = frame_of(route.station, route.day, {route.shift_id: order_ids})
    return walk_rest(frame, route.shift_id, order_ids, route, now=now)


def spot(order: Order) -> tuple[float, float]:
    """Where an order stands, to about a metre: orders at one door share it."""
    if order.lat is None or order.lng is None:
        raise ValueError(f"{order.number} has no place")
    return round(order.lat, 5), round(order.lng, 5)


def capacity(vehicle: Vehicle) -> dict[str, int]:
    """What a vehicle can carry, by the names of the load columns."""
    kind = vehicle.type
    return dict(
        zip(LOADS, (kind.capacity_weight_g, kind.capacity_volume_cm3, kind.capacity_pieces), strict=True)
    )
