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
from dispatch.planning.rules.freeze import Level
from dispatch.roads.base import Floats, Profile, Roads
from dispatch.services.cities import open_city
from dispatch.services.planning_holds import held
from dispatch.services.planning_jobs import job_of, order_key
from dispatch.services.planning_parking import metres_around, parking_groups
from dispatch.services.planning_policy import apart_of, dials_of, weights_of
from dispatch.services.planning_vehicles import breaks_of, shift_key, vehicle_of
from dispatch.services.planning_zones import Zones
from dispatch.services.route_times import RouteTimes, StopTimes
from dispatch.services.travel import DaySpeeds, day_speeds, manners_of, travel_key, travel_matrix
from lastmile.kernel.geo import encode_polyline

LOADS = ("weight_g", "volume_cm3", "pieces")
LOAD_NAMES = ("g", "cm³", "pieces")
STATION_PLACE = 0
WHOLE = 1000  # orders: more are not put into one table only to walk a route
LATE = timedelta(hours=3)  # after the shift: a route that runs over still drives by the clock


@dataclass
class Frame:
    """A planning problem with the rows it was made from.

    `sequences` holds what each shift already drives (order ids); `keep` how much of that must hold, except for orders
    in `loose`; `starts` when those orders are served by it. `drivers`: who really drives a shift's route, where that is
    not the shift's own driver. `drafts`: the routes that a plan of this frame would replace, as they were when it was
    read. `aboard` is what a running route's van carries besides what it still delivers.
    """

    station: Station
    day: date
    roads: Roads
    shifts: Sequence[Shift]
    orders: Sequence[Order]
    earliest: datetime | None = None
    sequences: Mapping[int, Sequence[int]] = field(default_factory=dict)
    keep: Level = "free"
    loose: Collection[int] = ()
    starts: Mapping[int, datetime] = field(default_factory=dict)
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
        return self.stated(self.matrices)

    def stated(self, matrices: Mapping[str, model.Matrix]) -> model.Problem:
        """The problem with these matrices; a large day is planned in parts, which bring their own."""
        problem = model.Problem(
            jobs=tuple(self._job(order) for order in self.orders),
            vehicles=tuple(self._vehicle(shift) for shift in self.shifts),
            matrices=matrices,
            load_names=LOAD_NAMES,
            incompatible=apart_of(self.station),
            dials=dials_of(self.station),
            weights=weights_of(self.station),
            co2_price_per_kg=self.station.co2_kg_cents,
            points=self.metres if self.station.weight_compact_cents or self.station.parking_m else None,
        )
        pins = {order.pk: order.pinned for order in self.orders if order.pinned}
        return held(problem, self.sequences, pins=pins, keep=self.keep, loose=self.loose)

    @cached_property
    def current(self) -> dict[int, model.Current]:
        """Where each order stands now, for a station to which changes of that are worth something."""
        weights = weights_of(self.station)
        if not (weights.other_vehicle or weights.other_place or weights.moved_per_min):
            return {}
        return {
            order_id: model.Current(
                vehicle=shift_key(shift_id),
                after=order_key(ids[at - 1]) if at else "",
                start=self.seconds(self.starts[order_id]) if order_id in self.starts else None,
            )
            for shift_id, ids in self.sequences.items()
            if shift_id in self.shift_by_id
            for at, order_id in enumerate(ids)
        }

    @cached_property
    def metres(self) -> model.IntMatrix:
        """Places as metres east and north of the station."""
        return metres_around(self.points)

    @cached_property
    def parking(self) -> dict[int, str]:
        """Place -> the parking group it belongs to, where the station shares parking spots."""
        if not self.station.parking_m:
            return {}
        return parking_groups(self.metres, self.station.parking_m, first=STATION_PLACE + 1)

    def _job(self, order: Order) -> model.Job:
        place = self.places[spot(order)]
        return job_of(
            self,
            order,
            self.station,
            place=place,
            parking=self.parking.get(place, ""),
            current=self.current.get(order.pk),
            named=self.named,
            zones=self.zones_of[place],
        )

    @cached_property
    def zones(self) -> Zones:
        return Zones(self.station)

    @cached_property
    def zones_of(self) -> list[frozenset[str]]:
        """The zones that each place lies in."""
        return self.zones.of(self.points)

    @cached_property
    def named(self) -> dict[str, frozenset[str]]:
        """The planner's vehicles by who drives them and what they are called, in small letters."""
        found: dict[str, set[str]] = {}
        for shift in self.shifts:
            driver = self.drivers.get(shift.pk, shift.driver)
            for name in (shift.vehicle.name, driver.name if driver else ""):
                found.setdefault(name.casefold(), set()).add(shift_key(shift.pk))
        return {name: frozenset(keys) for name, keys in found.items() if name}

    def _vehicle(self, shift: Shift) -> model.Vehicle:
        return vehicle_of(
            self,
            shift,
            driver=self.drivers.get(shift.pk, shift.driver),
            leaves=self._first_departure(shift),
            place=STATION_PLACE,
            aboard=self.aboard.get(shift.pk, ()),
            zones=self.zones,
        )

    def _first_departure(self, shift: Shift) -> int:
        """Loaded, and not in the past; never after the shift's end, which the planner would refuse to read."""
        leaves = shift.start + timedelta(seconds=self.station.loading_time_s)
        if self.earliest is not None:
            leaves = max(leaves, self.earliest)
        return self.seconds(min(leaves, shift.end))

    # --- back to rows ------------------------------------------------------------------------------------------

    def times(self, shift_id: int, order_ids: Sequence[int]) -> RouteTimes:
        """Walk this exact order of visits: times, cost and every broken rule, without the line."""
        if len(self.orders) > max(WHOLE, len(order_ids)):
            return self._only(order_ids).times(shift_id, order_ids)
        route = walker.evaluate_route(self.problem, shift_key(shift_id), tuple(map(order_key, order_ids)))
        return self.read(route)

    def _only(self, order_ids: Sequence[int]) -> "Frame":
        """With these orders alone: nobody needs the ways between all places of a large day to walk one route."""
        narrow = replace(self, orders=[self.order_by_id[pk] for pk in order_ids])
        groups = {number: self.parking.get(self.places[place], "") for place, number in narrow.places.items()}
        narrow.__dict__["parking"] = (
            groups  # neighbours of other routes are not theirs, but park where they do
        )
        return narrow

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
            violations=[*map(self._broken, route.violations), *map(self._broken, route.penalties)],
            approximate=self.profile(pk_of(route.vehicle)) in self.roads.approximate_profiles,
            stops=self._stops(route),
            breaks=[
                (self.moment(step.start), self.moment(step.departure))
                for step in route.steps
                if step.kind in ("break", "pause")
            ],
        )

    def _broken(self, broken: solution.Violation | solution.Penalty) -> dict[str, Any]:
        """A broken rule; one that the station has priced has its `cents`, and asks nobody's leave."""
        order_id = pk_of(broken.job) if broken.job.startswith("order-") else None
        said = {
            "code": broken.code,
            "words": self.say(broken.words),
            "order_id": order_id,
            "amount": broken.amount,
        }
        return said | ({"cents": broken.cents} if isinstance(broken, solution.Penalty) else {})

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
        return tuple(pause.id for pause in breaks_of(self, shift)) if over else ()

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
