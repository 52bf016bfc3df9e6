"""What the floor has to do on a day: how many parcels stand where, and which are not yet where they belong."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import QuerySet

from dispatch.floor import ABOARD
from dispatch.lifecycle import OrderState, ParcelState, RouteState
from dispatch.models import Order, Parcel, ParcelMove, Route, Station, StopOrder
from dispatch.models.order import OrderKind
from dispatch.models.stop import Outcome

OPEN_ROUTES = (RouteState.DRAFT, RouteState.RELEASED, RouteState.DEPARTED)
MOST_GAPS = 300


def parcels_of(station: Station, day: date) -> QuerySet[Parcel]:
    """Parcels that the station should have in hand on the day: of deliveries that were not called off."""
    orders = Order.objects.filter(station=station, day=day, kind=OrderKind.DELIVERY)
    return Parcel.objects.filter(order__in=orders.exclude(state=OrderState.CANCELLED))


def floor_counts(station: Station, day: date) -> dict[str, Any]:
    """Totals by state, a line for each open route, and the lines that do not add up. Four queries."""
    rows = parcels_of(station, day).values_list("order_id", "state", "lane", "aboard_id")
    planned = dict(
        StopOrder.objects.filter(
            outcome=Outcome.PLANNED, stop__route__station=station, stop__route__day=day
        ).values_list("order_id", "stop__route_id")
    )
    totals: Counter[str] = Counter()
    by_route: dict[int, Counter[str]] = {}
    names = dict(Route.objects.filter(station=station, day=day).values_list("pk", "name"))
    for order_id, state, lane, aboard in rows:
        totals[state] += 1
        route_id = planned.get(order_id) or (aboard if state in ABOARD else None)
        if route_id is None:
            continue
        count = by_route.setdefault(route_id, Counter())
        count["parcels"] += 1
        count[state] += 1
        if state == ParcelState.SORTED and lane != names.get(route_id):
            count["to_sort_anew"] += 1
        if aboard is not None and aboard != route_id:
            count["on_another_van"] += 1
    routes = Route.objects.filter(pk__in=by_route, state__in=OPEN_ROUTES).order_by("name", "pk")
    cards: list[dict[str, Any]] = [
        {
            "id": route.pk,
            "name": route.name,
            "state": route.state,
            "colour": route.colour,
            **by_route[route.pk],
        }
        for route in routes
    ]
    cards.sort(key=lambda card: (len(card["name"]), card["name"]))
    return {"day": day.isoformat(), "totals": dict(totals), "routes": cards}


def gaps(station: Station, day: date, *, route: Route | None = None) -> list[dict[str, Any]]:
    """Parcels that are not where they should be by now: not received; of a route: not on its van. In loading order.

    What is delivered last is loaded first, so a route's list runs backwards along its stops.
    """
    rows = parcels_of(station, day).select_related("order")
    if route is None:
        waiting = rows.filter(state__in=(ParcelState.ANNOUNCED, ParcelState.MISSING, ParcelState.DAMAGED))
        return [_gap(row, None) for row in waiting.order_by("order__number", "pk")[:MOST_GAPS]]
    visits = StopOrder.objects.filter(stop__route=route, outcome=Outcome.PLANNED)
    sequence = dict(visits.values_list("order_id", "stop__sequence"))
    there = rows.filter(order__in=sequence).exclude(state=ParcelState.LOADED, aboard=route)
    there = there.exclude(state__in=(ParcelState.DELIVERED, ParcelState.UNDELIVERED))
    ordered = sorted(there, key=lambda row: (-sequence[row.order_id], row.pk))
    return [_gap(row, sequence[row.order_id]) for row in ordered[:MOST_GAPS]]


def _gap(parcel: Parcel, stop: int | None) -> dict[str, Any]:
    order = parcel.order
    return {
        "barcode": parcel.barcode,
        "state": parcel.state,
        "lane": parcel.lane,
        "order": order.number,
        "order_id": order.pk,
        "stop": stop,
        "address": order.address,
    }


def trail(parcel: Parcel) -> QuerySet[ParcelMove]:
    """All that was done with a parcel, oldest first."""
    return ParcelMove.objects.filter(parcel=parcel).select_related("route").order_by("at", "pk")
