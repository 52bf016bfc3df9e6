"""What a driver's page shows: the route of the day, its stops, what is next, and what comes after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Prefetch, Q

from dispatch.lifecycle import RouteState, StopState
from dispatch.models import Driver, Order, Parcel, Route, Stop, StopOrder
from dispatch.models.order import OrderKind
from dispatch.models.stop import Outcome

TO_COME = (StopState.PLANNED, StopState.ARRIVED)
FIRST = (RouteState.DEPARTED, RouteState.RELEASED, RouteState.CLOSED)
AHEAD = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Call:
    """A stop with what stands there."""

    stop: Stop
    visits: list[StopOrder]

    @property
    def waiting(self) -> list[Order]:
        """The orders to hand over here."""
        return [visit.order for visit in self.visits if visit.outcome == Outcome.PLANNED]

    @property
    def orders(self) -> list[Order]:
        """The orders to hand over here; once visited, all that stood here."""
        return self.waiting or [visit.order for visit in self.visits]

    @property
    def to_come(self) -> bool:
        return self.stop.state in TO_COME

    @property
    def checks_age(self) -> bool:
        return any("age_check" in order.skills for order in self.waiting)

    @property
    def collects(self) -> bool:
        """Whether everything here is picked up, nothing brought."""
        return all(_is_collection(order) for order in self.orders) and bool(self.orders)

    @property
    def mixed(self) -> bool:
        """Whether something is brought here and something else picked up."""
        return not self.collects and any(_is_collection(order) for order in self.orders)

    @property
    def pieces(self) -> int:
        return sum(order.pieces for order in self.orders)


@dataclass(frozen=True, slots=True)
class Round:
    """A route as its driver sees it; `next` is None when no stop is left."""

    route: Route
    calls: list[Call]
    next: Call | None

    @property
    def ahead(self) -> list[Call]:
        return [call for call in self.calls if call.to_come]

    @property
    def behind(self) -> list[Call]:
        return [call for call in self.calls if not call.to_come]

    @property
    def left(self) -> int:
        return len(self.ahead)

    @property
    def done(self) -> int:
        return len(self.behind)


def _is_collection(order: Order) -> bool:
    return order.kind == OrderKind.COLLECTION


def round_of(driver: Driver, now: datetime) -> Round | None:
    """The route on the road, else the day's released one, else the last one the day has seen closed."""
    day = now.astimezone(driver.station.zone).date()
    routes = list(
        Route.objects.filter(driver=driver, state__in=FIRST)
        .filter(Q(day=day) | Q(state=RouteState.DEPARTED))
        .select_related("vehicle", "station")
        .order_by("day", "start_at", "id")
    )
    if not routes:
        return None
    going = [route for route in routes if route.state != RouteState.CLOSED]
    route = min(going, key=lambda each: FIRST.index(RouteState(each.state))) if going else routes[-1]
    calls = calls_of(route)
    standing = next((call for call in calls if call.stop.state == StopState.ARRIVED), None)
    return Round(route, calls, standing or next((call for call in calls if call.to_come), None))


def later_of(driver: Driver, shown: Round | None, now: datetime) -> list[Route]:
    """Released routes of today and the next days besides the one that is shown; `stop_count` on each."""
    day = now.astimezone(driver.station.zone).date()
    routes = Route.objects.filter(
        driver=driver, state=RouteState.RELEASED, day__gte=day, day__lte=day + AHEAD
    ).exclude(pk__in=[shown.route.pk] if shown else [])
    counted = routes.annotate(stop_count=Count("stops", filter=~Q(stops__state=StopState.CANCELLED)))
    return list(counted.select_related("vehicle").order_by("day", "start_at", "id"))


def calls_of(route: Route) -> list[Call]:
    return _with_visits(Stop.objects.filter(route=route).exclude(state=StopState.CANCELLED))


def call_at(stop: Stop) -> Call:
    return _with_visits([stop])[0]


def _with_visits(given: Iterable[Stop]) -> list[Call]:
    stops = sorted(given, key=lambda stop: (stop.sequence, stop.pk))
    visits: dict[int, list[StopOrder]] = {stop.pk: [] for stop in stops}
    parcels = Prefetch("order__parcels", queryset=Parcel.objects.order_by("id"))
    rows = StopOrder.objects.filter(stop__in=stops).select_related("order").prefetch_related(parcels)
    for visit in rows.order_by("id"):
        visits[visit.stop_id].append(visit)
    return [Call(stop, visits[stop.pk]) for stop in stops]
