"""What must always hold over orders, routes and stops: dispatch's part of the checker."""

from collections.abc import Iterator

from django.db.models import Count, F, Q

from dispatch.lifecycle import OrderState, ParcelState, RouteState, StopState
from dispatch.models import Order, Parcel, Route, Stop, StopOrder
from dispatch.models.stop import Outcome
from lastmile.backup.checker import Finding, broken, invariant

ON_ROUTE = (OrderState.PLANNED, OrderState.OUT)
SAID = {Order: OrderState, Parcel: ParcelState, Route: RouteState, Stop: StopState}


@invariant("an order is in exactly one of pool, one active route, or its end")
def one_place() -> Iterator[Finding]:
    ahead = Count("visits", filter=Q(visits__outcome=Outcome.PLANNED))
    counted = Order.objects.annotate(ahead=ahead)
    lost = counted.filter(state__in=ON_ROUTE, ahead=0)
    yield from broken("order_on_no_route", "Orders said to be on a route that are on none", _numbers(lost))
    twice = counted.filter(ahead__gt=1)
    yield from broken("order_on_two_routes", "Orders on more than one route", _numbers(twice))
    held = counted.exclude(state__in=ON_ROUTE).filter(ahead__gt=0)
    yield from broken(
        "order_still_on_route", "Orders in the pool or ended that are still on a route", _numbers(held)
    )


@invariant("an order is out when its route has left, and only then")
def out_with_its_route() -> Iterator[Finding]:
    ahead = StopOrder.objects.filter(outcome=Outcome.PLANNED)
    closed = ahead.filter(stop__route__state=RouteState.CLOSED)
    yield from broken("visit_on_closed_route", "Visits still planned on closed routes", _numbers(closed))
    early = ahead.filter(order__state=OrderState.OUT).exclude(stop__route__state__in=("departed", "closed"))
    yield from broken("out_before_departure", "Orders out on routes that have not left",
                      list(early.values_list("order_id", flat=True)))  # fmt: skip


@invariant("every state is one that the tables of lifecycle.py name")
def states() -> Iterator[Finding]:
    for model, kind in SAID.items():
        odd = model._default_manager.exclude(state__in=[state.value for state in kind])
        yield from broken("unknown_state", f"{model.__name__} rows in no known state", _numbers(odd))


@invariant("routes have the times of their states, in order, and stops are numbered once")
def routes() -> Iterator[Finding]:
    gone = Route.objects.filter(state=RouteState.DEPARTED, departed_at=None)
    yield from broken("departed_without_time", "Routes that left at no time", _numbers(gone))
    ended = Route.objects.filter(state=RouteState.CLOSED, closed_at=None)
    yield from broken("closed_without_time", "Routes that closed at no time", _numbers(ended))
    early = Route.objects.filter(closed_at__lt=F("departed_at"))
    yield from broken("closed_before_departure", "Routes closed before they left", _numbers(early))
    twice = Stop.objects.order_by().values("route_id", "sequence").annotate(n=Count("pk")).filter(n__gt=1)
    yield from broken(
        "stop_number_twice", "Routes with two stops of one number", [row["route_id"] for row in twice]
    )
    strange = Stop.objects.filter(visits__order__isnull=False).exclude(
        visits__order__station_id=F("route__station_id")
    )
    yield from broken("foreign_order", "Stops with orders of another station", _numbers(strange.distinct()))


def _numbers(rows: object) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))  # type: ignore[attr-defined]
