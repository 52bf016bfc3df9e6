"""What a driver's page shows: the route of the day, its stops and what is next."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from dispatch.lifecycle import RouteState, StopState
from dispatch.models import Driver, Order, Route, Stop, StopOrder
from dispatch.models.stop import Outcome

TO_COME = (StopState.PLANNED, StopState.ARRIVED)
FIRST = (RouteState.DEPARTED, RouteState.RELEASED, RouteState.CLOSED)


@dataclass(frozen=True, slots=True)
class Call:
    """A stop with the orders to hand over there; once visited, with all that stood there."""

    stop: Stop
    orders: list[Order]

    @property
    def checks_age(self) -> bool:
        return any("age_check" in order.skills for order in self.orders)


@dataclass(frozen=True, slots=True)
class Round:
    """A route as its driver sees it; `next` is None when no stop is left."""

    route: Route
    calls: list[Call]
    next: Call | None

    @property
    def left(self) -> int:
        return sum(call.stop.state in TO_COME for call in self.calls)

    @property
    def done(self) -> int:
        return len(self.calls) - self.left


def round_of(driver: Driver, now: datetime) -> Round | None:
    """The route on the road, else the day's released one, else the last one the day has seen closed."""
    day = now.astimezone(driver.station.zone).date()
    routes = list(
        Route.objects.filter(driver=driver, state__in=FIRST)
        .filter(Q(day=day) | Q(state=RouteState.DEPARTED))
        .select_related("vehicle")
        .order_by("day", "start_at", "id")
    )
    if not routes:
        return None
    going = [route for route in routes if route.state != RouteState.CLOSED]
    route = min(going, key=lambda each: FIRST.index(RouteState(each.state))) if going else routes[-1]
    calls = _calls(route)
    return Round(route, calls, next((call for call in calls if call.stop.state in TO_COME), None))


def _calls(route: Route) -> list[Call]:
    stops = list(Stop.objects.filter(route=route).exclude(state=StopState.CANCELLED).order_by("sequence"))
    visits: dict[int, list[StopOrder]] = {stop.pk: [] for stop in stops}
    for visit in StopOrder.objects.filter(stop__in=stops).select_related("order"):
        visits[visit.stop_id].append(visit)
    return [Call(stop, _orders(visits[stop.pk])) for stop in stops]


def _orders(visits: list[StopOrder]) -> list[Order]:
    waiting = [visit.order for visit in visits if visit.outcome == Outcome.PLANNED]
    return waiting or [visit.order for visit in visits]
